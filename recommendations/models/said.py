"""Everything that was said of somebody, for their own eyes: reasons on boards, in drafts and in published editions.

What members said whom they have blocked is not among it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import LinkedHandle, User
from recommendations.models.block import silenced
from recommendations.models.edition import Edition
from recommendations.models.entry import Entry, Quote
from recommendations.models.nomination import Nomination, Vote
from recommendations.models.profile import Profile
from recommendations.models.thanks import Thanks

MOST = 200  # editions


class Kind(StrEnum):
    """Where a reason is kept. A quote is what stood in a nomination or a second when its board closed."""

    NOMINATION = "nomination"
    SECOND = "second"
    QUOTE = "quote"


@dataclass(frozen=True)
class Reason:
    """What one member said of a profile in an edition; `row` is where it is kept."""

    kind: Kind
    row: Nomination | Vote | Quote
    profile: Profile
    edition: Edition
    author: User | None  # None: they have left
    text: str

    @property
    def ref(self) -> str:
        """How a form names it."""
        return f"{self.kind}-{self.row.pk}"

    @property
    def vetoed_at(self) -> datetime | None:
        """Since when whom it is about does not want it to be read."""
        return self.row.vetoed_at


@dataclass
class Saying:
    """What was said of a profile in one edition. `entry`: its line there, once the edition is compiled."""

    profile: Profile
    edition: Edition
    entry: Entry | None = None
    reasons: list[Reason] = field(default_factory=list)
    thanked: set[int] = field(default_factory=set)  # authors, by id

    @property
    def is_listed(self) -> bool:
        """Does it stand in a published edition, as far as that edition is concerned?"""
        entry = self.entry
        out = self.edition.state == Edition.State.PUBLISHED
        return out and entry is not None and not entry.reserve and entry.dropped_at is None and entry.is_present


def is_theirs(profile: Profile, user: User) -> bool:
    """Has this member proven this profile, or one that is united with it? Nobody recommends themselves by either."""
    united = Profile.objects.filter(pk__in=Profile.objects.filter(pk=profile.pk).united())
    mine = LinkedHandle.objects.filter(user=user, proven_at__isnull=False).exclude(uri="")
    return mine.filter(Q(uri=profile.uri or "") | Q(uri__in=united.values("uri"))).exists()


def spoken_for(user: User) -> QuerySet[Profile]:
    """The profiles that somebody has proven to be theirs, with all that are united with them.

    Who moved speaks for the new address by the old one, too, whatever was said before.
    """
    mine = LinkedHandle.objects.filter(user=user, proven_at__isnull=False).exclude(uri="")
    proven = Profile.objects.filter(uri__in=mine.values("uri"), checked=True)
    return Profile.objects.filter(pk__in=proven.united())


def said_of(profiles: Iterable[Profile], *, most: int = MOST) -> list[Saying]:
    """What was said of these profiles, the newest edition first, `most` at most; in a handful of queries.

    A compiled edition quotes what stood on its board: then the quotes are told, and the rest only if it is not quoted
    (of linked handles one leads, and is quoted with the reasons of all).
    """
    mine = list(profiles)
    sayings: dict[tuple[int, int], Saying] = {}
    quoted: set[tuple[int, int | None, str]] = set()
    for entry in _entries(mine, most):
        saying = sayings[entry.edition_id, entry.profile_id] = Saying(entry.profile, entry.edition, entry)
        for quote in entry.quotes.all():
            saying.reasons.append(_quote(quote, entry))
            quoted.add((entry.edition_id, quote.author_id, quote.text))
    for nomination in _nominations(mine, most):
        key = nomination.edition_id, nomination.profile_id
        fresh = [
            reason
            for reason in _reasons(nomination)
            if (nomination.edition_id, reason.author.pk if reason.author else None, reason.text) not in quoted
        ]
        if fresh:
            saying = sayings.setdefault(key, Saying(nomination.profile, nomination.edition))
            saying.reasons += fresh
    for profile, edition, author in Thanks.objects.filter(profile__in=mine).values_list("profile", "edition", "author"):
        if (edition, profile) in sayings:
            sayings[edition, profile].thanked.add(author)
    found = [saying for saying in sayings.values() if saying.reasons or saying.is_listed]
    return sorted(found, key=lambda saying: (saying.edition.opens_at, saying.edition.pk), reverse=True)[:most]


def find(user: User, ref: str) -> Reason | None:
    """The reason that a form names, if it is about a profile of theirs."""
    name, _, digits = ref.partition("-")
    if name not in set(Kind) or not digits.isdecimal() or len(digits) > 18:
        return None
    kind, pk, mine = Kind(name), int(digits), spoken_for(user)
    if kind is Kind.QUOTE:
        quotes = Quote.objects.select_related("entry__profile", "entry__edition__community", "author")
        quote = quotes.filter(pk=pk, entry__profile__in=mine).first()
        return _quote(quote, quote.entry) if quote else None
    if kind is Kind.NOMINATION:
        nominations = Nomination.objects.select_related("profile", "edition__community", "nominator")
        nomination = nominations.filter(pk=pk, profile__in=mine).first()
        return _lead(nomination) if nomination else None
    votes = Vote.objects.select_related("nomination__profile", "nomination__edition__community", "voter")
    vote = votes.filter(pk=pk, nomination__profile__in=mine).exclude(reason="").first()
    return _second(vote, vote.nomination) if vote else None


def _entries(profiles: list[Profile], most: int) -> QuerySet[Entry]:
    quotes = Quote.objects.exclude(text="").filter(~silenced("entry__profile", "author")).select_related("author")
    newest = Entry.objects.filter(profile__in=profiles).order_by("-edition__opens_at", "-pk")[:most]
    return newest.select_related("profile", "edition__community").prefetch_related(Prefetch("quotes", quotes))


def _nominations(profiles: list[Profile], most: int) -> QuerySet[Nomination]:
    seconds = Vote.objects.seconds().heard().select_related("voter")
    newest = Nomination.objects.filter(profile__in=profiles).heard().order_by("-edition__opens_at", "-pk")[:most]
    return newest.select_related("profile", "edition__community", "nominator").prefetch_related(
        Prefetch("votes", seconds)
    )


def _reasons(nomination: Nomination) -> list[Reason]:
    silenced_lead: bool = nomination.silenced  # type: ignore[attr-defined]
    lead = [] if silenced_lead or not nomination.reason else [_lead(nomination)]
    return [*lead, *(_second(vote, nomination) for vote in nomination.votes.all())]


def _quote(quote: Quote, entry: Entry) -> Reason:
    return Reason(Kind.QUOTE, quote, entry.profile, entry.edition, quote.author, quote.text)


def _lead(nomination: Nomination) -> Reason:
    named = nomination.profile, nomination.edition, nomination.nominator
    return Reason(Kind.NOMINATION, nomination, *named, nomination.reason)


def _second(vote: Vote, nomination: Nomination) -> Reason:
    return Reason(Kind.SECOND, vote, nomination.profile, nomination.edition, vote.voter, vote.reason)
