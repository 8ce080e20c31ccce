"""Read an edition's ballots, and what its community remembers, and rank them. Changes nothing."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from django.db.models import Case, When
from django.db.models.functions import Coalesce

from accounts.models import LinkedHandle
from recommendations import rules
from recommendations.circles import LISTED, History, Ints, distinct, places
from recommendations.models import Block, Edition, Ledger, Membership, Nomination, Profile, Vote
from recommendations.models.block import silenced
from recommendations.models.columns import columns
from recommendations.models.ledger import history
from recommendations.models.resting import resting
from recommendations.ranking import Ranking, rank
from recommendations.tally import Ballots, Candidates

_UNKNOWN = 0  # no cohort has this id
FIRST_EDITIONS = 2  # in which everybody is new, and newcomers' votes count
RESERVE = 10  # entries kept behind the list, so that somebody moves up when a curator drops one


@dataclass(frozen=True)
class Draft:
    """A ranking, the nominations of those on its list by id, and what the rankings to come want of it."""

    ranking: Ranking
    nominations: dict[int, Nomination]
    size: int  # the usual number of ballots, by which the rules were chosen
    pinned: bool  # did the community choose the method itself?
    ids: Ints  # of the nominations, as the ranking was given them
    approvals: Ints  # (nomination, voter)
    spoken: Ints  # (nomination, voter): those of them with a reason
    owners: dict[int, int]  # nomination -> who has proven to be the nominated


def count(edition: Edition) -> Draft:
    """Rank an edition's ballots as they stand, with the rules of its community."""
    community = edition.community
    on_board = edition.nominations.filter(profile__in=Profile.objects.listable(community.policy))
    votes = Vote.objects.filter(nomination__edition=edition, voter__isnull=False)
    if Block.objects.filter(profile__nominations__edition=edition).exists():  # else everybody is heard
        votes = votes.heard()
    ids, profiles = columns(on_board, "pk", "profile").T
    owners = _owners(edition)
    whose = np.array([owners.get(each, -1) for each in profiles.tolist()], dtype=np.int64)
    rests = resting(edition)
    approvals = columns(votes, "nomination", "voter")
    approvals = approvals[places(approvals[:, 0], distinct(ids)) >= 0]
    voters = distinct(approvals[:, 1])
    spoken = _spoken(edition, ids)
    members = _members(edition)
    turnout, backing, praised = history(Ledger.objects.before(edition))
    closed = community.editions.closed().exclude(pk=edition.pk)
    editions = closed.count()
    size = rules.median_size(closed.values_list("ballots", flat=True)[: rules.SIZE_EDITIONS])
    ranking = rank(
        Ballots(
            candidates=Candidates(ids, whose, _uris),
            approvals=approvals,
            seed=edition.seed,
            limit=max(community.list_size + RESERVE, LISTED),
            size=size,
            spoken=spoken,
            newcomers=voters[places(voters, members.at_opening) < 0],
            gone=voters[places(voters, members.still) < 0],
            first_editions=editions < FIRST_EDITIONS,
            praised=praised,
            resting=ids[np.isin(profiles, list(rests))],
            history=History(turnout, backing, members.cohorts),
        ),
        method=rules.method_for(size=size, editions=editions, pinned=community.method),
    )
    listed = [member for place in ranking.entries for member in place.members]
    nominations = Nomination.objects.select_related("profile").in_bulk(listed)
    owned = {int(pk): owners[each] for pk, each in zip(ids, profiles.tolist(), strict=True) if each in owners}
    return Draft(ranking, nominations, size, bool(community.method), ids, approvals, spoken, owned)


def _uris(nominations: list[int]) -> dict[int, str]:
    named = Nomination.objects.filter(pk__in=nominations).values_list("pk", "profile__uri")
    return {pk: uri or "" for pk, uri in named}


def _owners(edition: Edition) -> dict[int, int]:
    """A profile on the board -> who has proven to be it, or to be what moved there."""
    nominated = Profile.objects.filter(nominations__edition=edition)
    proven = LinkedHandle.objects.filter(proven_at__isnull=False, uri__in=nominated.values("uri"))
    moved = Profile.objects.filter(moved_to__nominations__edition=edition).exclude(uri=None)
    before = LinkedHandle.objects.filter(proven_at__isnull=False, uri__in=moved.values("uri"))
    by_the_old = dict(before.values_list("uri", "user_id"))
    owners = {
        pk: by_the_old[uri]
        for pk, uri in moved.filter(uri__in=list(by_the_old)).values_list("moved_to", "uri")
        if pk and uri
    }
    whose = dict(proven.values_list("uri", "user_id"))
    # By their names, and not by the same query once more: on tables it knows nothing of yet, Postgres nests its loops.
    named = nominated.filter(uri__in=list(whose)).values_list("pk", "uri")
    return owners | {pk: whose[uri] for pk, uri in named if uri}


def _spoken(edition: Edition, ids: Ints) -> Ints:
    """(nomination, voter) of each reason given on the board; also of one that was taken off, which was public before.

    Else two who praise each other could take each other's words off for the minute in which this is read.
    """
    led = edition.nominations.filter(~silenced("profile", "nominator"), nominator__isnull=False)
    seconds = Vote.objects.filter(nomination__edition=edition, voter__isnull=False).exclude(reason="")
    spoken = np.concatenate(
        [
            columns(led.exclude(reason=""), "pk", "nominator"),
            columns(seconds.heard(), "nomination", "voter"),
        ]
    )
    return spoken[places(spoken[:, 0], distinct(ids)) >= 0]


class _Members(NamedTuple):
    """Users of whom a community knows something, ascending."""

    at_opening: Ints  # members when the board opened, whatever they are now
    still: Ints  # members now, and those who were banned since then for anything but fraud
    cohorts: Ints  # (user, cohort) of every member of whom it is known


def _members(edition: Edition) -> _Members:
    read = columns(
        Membership.objects.filter(community=edition.community_id).exclude(state=Membership.State.PENDING).annotate(
            before=Case(When(joined_at__lte=edition.opens_at, then=1), default=0),
            stays=Case(When(Membership.votes_count(edition.opens_at), then=1), default=0),
            came_with=Coalesce("cohort", _UNKNOWN),
        ),
        "user", "before", "stays", "came_with",
    )  # fmt: skip
    return _Members(
        at_opening=distinct(read[read[:, 1] == 1, 0]),
        still=distinct(read[read[:, 2] == 1, 0]),
        cohorts=read[read[:, 3] != _UNKNOWN][:, [0, 3]],
    )
