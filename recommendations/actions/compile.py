"""Close the board and turn its ballots into a ranked, explained draft; open the next week."""

import secrets
from collections import defaultdict
from datetime import datetime

import numpy as np
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import cast_votes
from recommendations.actions import Refused
from recommendations.actions.count import RESERVE, Draft, count
from recommendations.actions.give_reason import ask_for_reasons
from recommendations.actions.notify import curators_of, notify_all
from recommendations.actions.open_week import open_week
from recommendations.actions.review import log
from recommendations.circles import LISTED, Ints, enough_to_found, places
from recommendations.models import (
    CastVoteRecord,
    Community,
    Edition,
    Entry,
    Ledger,
    Membership,
    Moderation,
    Nomination,
    Notification,
    Quote,
    Vote,
)
from recommendations.models.page_version import pages_changed
from recommendations.models.state import IllegalMove
from recommendations.ranking import Ranked

Marks = dict[str, datetime | None]
Reason = tuple[int | None, str, Marks]  # its author, its text, and since when it is not to be read


def compile_edition(*, edition: Edition, by: Membership | None = None, at: datetime | None = None) -> Edition:
    """open -> compiling -> ready, and the next week's board. `by`: the curator who closes it, perhaps early.

    Safe to run again after a worker died half way. Raises Overtaken when another worker has it, Refused when
    the edition is not open, or its board has not opened yet.
    """
    at = at or timezone.now()
    if edition.is_held:
        raise Refused(_("It is held: %(why)s") % {"why": edition.held_why})
    if edition.state == Edition.State.OPEN and at < edition.opens_at:
        raise Refused(
            _("Its board has not opened yet, so there is nothing to close. Skip the week if it is not to be.")
        )
    try:
        edition.claim()
    except IllegalMove as error:
        raise Refused(_("Only an open edition can be closed and compiled.")) from error
    draft = count(edition)
    with transaction.atomic():
        if by is not None and at < edition.closes_at:
            log(by, Moderation.Kind.CLOSE, subject=edition.week)
        # Conditional, so that of two workers (one given up too early) only one writes.
        edition.move(
            Edition.State.READY,
            compiled_at=at,
            closes_at=min(edition.closes_at, at),
            ballots=draft.ranking.ballots,
            usual_ballots=draft.size,
            method=draft.ranking.method.value,
            method_pinned=draft.pinned,
            list_size=edition.community.list_size,
            tally=draft.ranking.votes.as_json(),
        )
        written = _write_entries(edition, draft)
        _remember(edition, draft)
        _record_votes(edition, draft, written)
        ask_for_reasons(edition, at=at)
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


def _write_entries(edition: Edition, draft: Draft) -> list[Ranked]:
    """The list and its reserve; of the ranking those that were written."""
    size = edition.community.list_size
    listed = draft.ranking.entries[: size + RESERVE]
    said = _reasons([member for place in listed for member in place.members])
    # Someone who blocked the only one who voted for them while we counted is not listed. Without any reason they are.
    votes = Vote.objects.filter(nomination__in=list(draft.nominations)).heard()
    heard = set(votes.values_list("nomination", flat=True))
    written = [place for place in listed if not heard.isdisjoint(place.members)]
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
        for rank, place in enumerate(written, start=1)
    )
    quotes = []
    for entry, place in zip(entries, written, strict=True):
        # Of united handles the leader's reasons come first.
        members = sorted(place.members, key=lambda member: member != place.candidate)
        reasons = [reason for member in members for reason in said[member]]
        quotes += [
            Quote(entry=entry, position=position, author_id=author, text=text, **marks)
            for position, (author, text, marks) in enumerate(reasons)
        ]
    Quote.objects.bulk_create(quotes, batch_size=500)
    return written


def _remember(edition: Edition, draft: Draft) -> None:
    """What the rankings to come want of this edition, so that they read none of its votes."""
    best = draft.ranking.entries[:LISTED]
    enough = enough_to_found(np.array([place.supporters for place in best], dtype=np.int64), draft.ranking.ballots)
    stands_for = {
        member: draft.nominations[place.candidate].profile_id
        for place in best
        if place.supporters >= enough
        for member in place.members
    }
    Ledger.objects.keep(
        edition,
        turnout=draft.ranking.tally.voters,
        backing=_voter_and(stands_for, draft.approvals),
        praise=_voter_and(draft.owners, draft.spoken),
    )


def _record_votes(edition: Edition, draft: Draft, written: list[Ranked]) -> None:
    """Keep how the votes were counted, with each voter under a number that tells nothing."""
    voters = draft.ranking.tally.voters
    order = np.random.default_rng(secrets.randbits(128)).permutation(len(voters))
    record = cast_votes.record(
        draft.ranking,
        edition=f"{edition.community.slug}/{edition.week}",
        seed=edition.seed,
        size=draft.size,
        ids=draft.ids,
        listed=written,
        order=order,
        key=secrets.token_bytes(cast_votes.KEY_BYTES),
    )
    CastVoteRecord.objects.keep(edition, record, voters=voters[np.argsort(order)])


def _voter_and(what: dict[int, int], approvals: Ints) -> Ints:
    """(voter, what[nomination]) of each approval of a nomination that has something."""
    nominations = np.array(sorted(what), dtype=np.int64)
    values = np.array([what[each] for each in sorted(what)], dtype=np.int64)
    at = places(approvals[:, 0], nominations)
    return np.stack([approvals[at >= 0, 1], values[at[at >= 0]]], axis=1)


def _reasons(ids: list[int]) -> dict[int, list[Reason]]:
    """Nomination id -> what was said of them: the nominator's first, then the seconds by time.

    Read only now that the edition is closed, so that what the person vetoed a moment ago is vetoed here.
    """
    said: defaultdict[int, list[Reason]] = defaultdict(list)
    for nomination in Nomination.objects.filter(pk__in=ids).heard():
        if nomination.reason and not nomination.silenced:  # type: ignore[attr-defined]
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
