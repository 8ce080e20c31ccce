"""What the board shows one reader: the cards in their own order, with what they did themselves."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from recommendations import rules
from recommendations.consent import Answer, Purpose, Viewer
from recommendations.models.community import Community
from recommendations.models.edition import Edition
from recommendations.models.membership import Membership, viewer_of
from recommendations.models.nomination import BALLOT_SIZE, Nomination, NominationQuerySet, Vote, VoteQuerySet
from recommendations.models.profile import Profile
from recommendations.models.report import report_url


class Said(NamedTuple):
    """A reason and who gave it; `ref` is how a report names it."""

    text: str
    author: User | None
    ref: str

    @property
    def report_url(self) -> str:
        """Where one reports it."""
        return report_url(self.ref)


@dataclass
class Card:
    """A person on the board. `mine`: the reader nominated them; `vote`: the reader's own, if any."""

    nomination: Nomination
    profile: Profile
    seconds: list[Vote] = field(default_factory=list)
    vote: Vote | None = None
    mine: bool = False
    members_only: bool = False
    lead_hidden: bool = False  # whom it is about, or a curator, does not want that reason to be read
    # What a line of an edition has besides; the one template for both asks for it.
    rank: None = None
    explanation: None = None

    @property
    def quotes(self) -> list[Said]:
        """The reason that leads, then the seconds, as an edition's entries have them."""
        led = self.nomination
        lead = [] if self.lead_hidden or not led.reason else [Said(led.reason, led.nominator, f"nomination-{led.pk}")]
        return [*lead, *(Said(vote.reason, vote.voter, f"second-{vote.pk}") for vote in self.seconds)]


@dataclass(frozen=True)
class Ballot:
    """One member's own votes in one edition. `people`: for whom, as far as the member sees their cards.

    `given` counts all of them, also for somebody who has been taken off the board meanwhile.
    """

    given: int
    people: list[Nomination]
    size: int = BALLOT_SIZE

    @property
    def marks(self) -> list[bool]:
        """One for each vote there is; True: it is given."""
        return [number < self.given for number in range(self.size)]

    @property
    def unseen(self) -> int:
        """How many were given to somebody who is not on the board any more."""
        return self.given - len(self.people)


@dataclass
class Board:
    """A community's open edition as one reader sees it."""

    edition: Edition | None
    cards: list[Card]
    is_open: bool
    voters: int  # how many people have voted; who got how many stays hidden until closing
    nominations_left: int
    newcomer: bool  # the reader's votes count from next week
    ballot: Ballot | None = None  # of who may vote
    suspended_until: datetime | None = None  # the reader belongs here, and may only read until then

    @property
    def may_vote(self) -> bool:
        """May the reader nominate and vote, whenever the board is open?"""
        return self.ballot is not None


def current_edition(community: Community) -> Edition | None:
    """The open edition: the one that takes ballots now, or will next."""
    return community.editions.regular().filter(state=Edition.State.OPEN).order_by("closes_at").first()


def board_for(community: Community, membership: Membership | None, at: datetime) -> Board:
    """The board, in at most four queries however long it is."""
    member = membership if membership and membership.is_active else None
    suspended_until = member.reads_only_until(at) if member else None
    edition = current_edition(community)
    if edition is None:
        return Board(None, [], False, 0, 0, False, suspended_until=suspended_until)
    edition.community = community
    viewer, reader = (Viewer.MEMBER, member.user_id) if member else (Viewer.PUBLIC, None)
    cards = _cards(edition.nominations.heard(by=reader), community, viewer, reader)
    for vote in _seconds(reader).filter(nomination__in=cards):
        cards[vote.nomination_id].seconds.append(vote)
    ballot = _mark_own(cards, edition, member.user_id) if member else None
    order = rules.shuffled(cards, seed=edition.board_seed, voter=member.user_id if member else "everybody")
    return Board(
        edition=edition,
        cards=[cards[pk] for pk in order],
        is_open=edition.takes_ballots(at),
        voters=voters(edition),
        nominations_left=nominations_left(edition, member.user_id) if member else 0,
        newcomer=bool(member and member.joined_at > edition.opens_at and _past_the_first(edition)),
        ballot=None if suspended_until else ballot,
        suspended_until=suspended_until,
    )


def card_for(nomination: Nomination, user: User) -> Card:
    """One card as a member sees it (after voting)."""
    heard = Nomination.objects.filter(pk=nomination.pk).heard(by=user.pk)
    cards = _cards(heard, nomination.edition.community, Viewer.MEMBER, user.pk)
    card = cards.get(nomination.pk) or Card(nomination, nomination.profile, lead_hidden=True)
    card.seconds = list(_seconds(user.pk).filter(nomination=nomination))
    _mark_own({nomination.pk: card}, nomination.edition, user.pk)
    return card


def is_shown(nomination: Nomination, user: User | AnonymousUser) -> bool:
    """Return whether a reader may see a nomination's card: its person, and someone who speaks for them.

    After the week only members may: the board that others could read is gone.
    """
    edition = nomination.edition
    viewer = viewer_of(edition.community.membership_of(user))
    decision = nomination.profile.decision(edition.community.policy, viewer, Purpose.BOARD)
    if not decision.allowed_for(viewer) or (viewer != Viewer.MEMBER and edition.state != Edition.State.OPEN):
        return False
    return Nomination.objects.filter(pk=nomination.pk).heard(by=user.pk).exists()


def may_be_named(nomination: Nomination) -> bool:
    """Return whether a member who once named this person may still read the name: not where they have declined."""
    policy = nomination.edition.community.policy
    return nomination.profile.decision(policy, Viewer.MEMBER, Purpose.BOARD).allowed_for(Viewer.MEMBER)


def may_edit(nomination: Nomination, user: User) -> bool:
    """Return whether this is the nominator, still a member, who may still be shown the person it is about."""
    membership = nomination.edition.community.membership_of(user)
    is_theirs = nomination.nominator_id == user.pk and viewer_of(membership) == Viewer.MEMBER
    return is_theirs and is_shown(nomination, user)


def ballot_for(edition: Edition, user: User) -> Ballot:
    """A member's ballot, as the board shows it to them, in two queries."""
    theirs = edition.nominations.heard(by=user.pk).filter(votes__voter=user)
    return _mark_own(_cards(theirs, edition.community, Viewer.MEMBER, user.pk), edition, user.pk)


def nominations_left(edition: Edition, user_id: int) -> int:
    """Return how many people a member may still nominate this week.

    A nomination they withdrew may be replaced, so they may begin twice as many in all: else one could fill the board by
    withdrawing. What others handed on to them does not count.
    """
    allowed = edition.community.nominations_per_week
    begun = edition.nominations.filter(begun_by=user_id).values_list("nominator", flat=True)
    leaders = list(begun)
    return max(0, min(allowed - leaders.count(user_id), 2 * allowed - len(leaders)))


def voters(edition: Edition) -> int:
    """How many people have voted; never for whom."""
    return Vote.objects.filter(nomination__edition=edition).values("voter").distinct().count()


def _cards(
    nominations: NominationQuerySet, community: Community, viewer: Viewer, reader: int | None
) -> dict[int, Card]:
    """The cards of those whom a viewer may see, by nomination. `nominations` are `heard()`."""
    cards = {}
    for nomination in nominations.select_related("profile", "nominator"):
        decision = nomination.profile.decision(community.policy, viewer, Purpose.BOARD)
        if decision.allowed_for(viewer):
            cards[nomination.pk] = Card(
                nomination,
                nomination.profile,
                members_only=decision.answer == Answer.MEMBERS_ONLY,
                lead_hidden=_is_hidden(nomination, reader),
            )
    return cards


def _seconds(reader: int | None) -> VoteQuerySet:
    """Seconds that this reader may see, with who gave them."""
    return Vote.objects.readable().seconds().heard(by=reader).select_related("voter")


def _is_hidden(nomination: Nomination, reader: int | None) -> bool:
    """Whether the reason that leads is kept from this reader. `nomination` is one of `heard()`."""
    silenced: bool = nomination.silenced  # type: ignore[attr-defined]
    unread = nomination.vetoed_at is not None or nomination.hidden_at is not None
    return unread or (silenced and nomination.nominator_id != reader)


def _mark_own(cards: dict[int, Card], edition: Edition, user_id: int) -> Ballot:
    """Note the reader's own votes and nominations on the cards; their ballot, the first vote first."""
    votes = list(Vote.objects.ballot(edition, user_id).order_by("created_at", "pk"))
    for vote in votes:
        if vote.nomination_id in cards:
            cards[vote.nomination_id].vote = vote
    for card in cards.values():
        card.mine = card.nomination.nominator_id == user_id
    people = [cards[vote.nomination_id].nomination for vote in votes if vote.nomination_id in cards]
    return Ballot(len(votes), people)


def _past_the_first(edition: Edition) -> bool:
    return edition.community.editions.closed().count() >= 2
