"""Close the board and turn its ballots into a ranked, explained draft; open the next week."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import LinkedHandle
from recommendations import ranking
from recommendations.actions import Refused
from recommendations.actions.notify import curators_of, notify_all
from recommendations.actions.open_week import open_week
from recommendations.consent import listable
from recommendations.models import Community, Edition, Entry, Membership, Nomination, Notification, Quote, Vote
from recommendations.models.page_version import pages_changed
from recommendations.models.resting import resting
from recommendations.models.state import IllegalMove

Marks = dict[str, datetime | None]
Reason = tuple[int | None, str, Marks]  # its author, its text, and since when it is not to be read
RESERVE = 10  # entries kept behind the list, so that somebody moves up when a curator drops one


@dataclass(frozen=True)
class Draft:
    """A ranking, and the nominations it is about by id."""

    ranking: ranking.Ranking
    nominations: dict[int, Nomination]


def compile_edition(*, edition: Edition, at: datetime | None = None) -> Edition:
    """open -> compiling -> ready, and the next week's board. Closing early is the caller's decision.

    Safe to run again after a worker died half way. Raises Overtaken when another worker has it, Refused when
    the edition is not open.
    """
    at = at or timezone.now()
    if edition.is_held:
        raise Refused(_("It is held: %(why)s") % {"why": edition.held_why})
    try:
        edition.claim()
    except IllegalMove as error:
        raise Refused(_("Only an open edition can be closed and compiled.")) from error
    draft = count(edition)
    with transaction.atomic():
        # Conditional, so that of two workers (one given up too early) only one writes.
        edition.move(
            Edition.State.READY,
            compiled_at=at,
            closes_at=min(edition.closes_at, at),
            ballots=draft.ranking.ballots,
            method=draft.ranking.method.value,
        )
        _write_entries(edition, draft)
        open_week(edition.community, at=at)
        if edition.community.review:
            _tell_curators(edition, at)
        pages_changed(edition.community.slug)
    return edition


def _tell_curators(edition: Edition, at: datetime) -> None:
    community = edition.community
    notify_all(
        users=curators_of(community),
        kind=Notification.Kind.CURATOR,
        key=f"draft:{edition.pk}",
        community=community,
        about=edition.week,
        link=reverse("desk_week", args=[community.slug, edition.week]),
        at=at,
    )


def count(edition: Edition) -> Draft:
    """Rank an edition's ballots as they stand, with the rules of its community. Changes nothing."""
    community = edition.community
    nominations = {
        nomination.pk: nomination
        for nomination in edition.nominations.heard().select_related("profile")
        if listable(nomination.profile.facts, community.policy)
    }
    owners = dict(
        LinkedHandle.objects.filter(
            uri__in=[n.profile.uri for n in nominations.values()], proven_at__isnull=False
        ).values_list("uri", "user_id")
    )
    rests = resting(edition)
    approvals = list(Vote.objects.filter(nomination__edition=edition).heard().values_list("nomination_id", "voter_id"))
    voters = {voter for _, voter in approvals}
    result = ranking.rank(
        ranking.Ballots(
            candidates=[
                ranking.Candidate(n.pk, n.profile.uri or "", owners.get(n.profile.uri or ""))
                for n in nominations.values()
            ],
            approvals=[pair for pair in approvals if pair[0] in nominations],
            seed=edition.seed,
            limit=community.list_size + RESERVE,
            size=ranking.median_size(_last_ballots(edition)),
            newcomers=frozenset(voters - _members_before(edition)),
            first_editions=_is_among_the_first(edition),
            praised=_praised(edition, owners),
            resting=frozenset(n.pk for n in nominations.values() if n.profile_id in rests),
        )
    )
    return Draft(result, nominations)


def _last_ballots(edition: Edition) -> list[int]:
    closed = edition.community.editions.closed().exclude(pk=edition.pk)
    return list(closed.values_list("ballots", flat=True)[: ranking.SIZE_EDITIONS])


def _is_among_the_first(edition: Edition) -> bool:
    """Until a community's third edition everybody is new, and newcomers count."""
    return edition.community.editions.closed().exclude(pk=edition.pk).count() < 2


def _members_before(edition: Edition) -> set[int]:
    """Who was a member when the board opened, and still is."""
    return set(
        Membership.objects.active()
        .filter(community=edition.community_id, joined_at__lte=edition.opens_at)
        .values_list("user_id", flat=True)
    )


def _praised(edition: Edition, owners: dict[str, int]) -> frozenset[tuple[int, int]]:
    """(owner, voter) pairs: in the last editions, the owner of a nominated profile approved the voter's account."""
    if not owners:
        return frozenset()
    recent = edition.community.editions.closed().exclude(pk=edition.pk).values_list("pk", flat=True)
    given = Vote.objects.filter(
        voter__in=set(owners.values()), nomination__edition__in=list(recent[: ranking.PRAISE_EDITIONS])
    ).values_list("voter_id", "nomination__profile__uri")
    uris = {uri for _, uri in given}
    owner_of = dict(LinkedHandle.objects.filter(uri__in=uris, proven_at__isnull=False).values_list("uri", "user_id"))
    return frozenset((voter, owner_of[uri]) for voter, uri in given if uri in owner_of)


def _write_entries(edition: Edition, draft: Draft) -> None:
    size = edition.community.list_size
    said = _reasons([member for place in draft.ranking.entries for member in place.members])
    # Whoever blocked the only one who spoke for them while we counted is not listed.
    places = [place for place in draft.ranking.entries if any(said[member] for member in place.members)]
    entries = Entry.objects.bulk_create(
        Entry(
            edition=edition,
            profile_id=draft.nominations[place.candidate].profile_id,
            rank=rank,
            computed_rank=rank,
            score=place.score,
            supporters=place.supporters,
            explanation=place.explanation.as_json(),
            reserve=rank > size,
        )
        for rank, place in enumerate(places, start=1)
    )
    quotes = []
    for entry, place in zip(entries, places, strict=True):
        # Of united handles the leader's reasons come first.
        members = sorted(place.members, key=lambda member: member != place.candidate)
        reasons = [reason for member in members for reason in said[member]]
        quotes += [
            Quote(entry=entry, position=position, author_id=author, text=text, **marks)
            for position, (author, text, marks) in enumerate(reasons)
        ]
    Quote.objects.bulk_create(quotes, batch_size=500)


def _reasons(ids: list[int]) -> dict[int, list[Reason]]:
    """Nomination id -> what was said of them: the nominator's first, then the seconds by time.

    Read only now that the edition is closed, so that what the person vetoed a moment ago is vetoed here.
    """
    said: defaultdict[int, list[Reason]] = defaultdict(list)
    for nomination in Nomination.objects.filter(pk__in=ids).heard():
        if not nomination.silenced:  # type: ignore[attr-defined]
            said[nomination.pk].append((nomination.nominator_id, nomination.reason, _marks(nomination)))
    for vote in Vote.objects.filter(nomination__in=ids).seconds().heard():
        said[vote.nomination_id].append((vote.voter_id, vote.reason, _marks(vote)))
    return said


def _marks(row: Nomination | Vote) -> Marks:
    return {"vetoed_at": row.vetoed_at, "hidden_at": row.hidden_at}


def reopen_missing(community: Community, *, at: datetime) -> None:
    """A community without an open board gets one (after a restore, or when a compile died at the wrong moment)."""
    if not community.editions.filter(state=Edition.State.OPEN).exists():
        open_week(community, at=at)
