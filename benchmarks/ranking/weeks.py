"""One week after the other, as the product holds them: who stands, whose votes count, what is remembered.

`hold` is the product's `compile` without its database: the same rules (recommendations/rules.py), the same ranking
(recommendations/ranking.py), and of earlier editions what a Ledger keeps of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from benchmarks.ranking.world import Community, Ints
from recommendations.circles import LISTED, History, enough_to_found
from recommendations.rules import HISTORY_EDITIONS, LARGE, SIZE_EDITIONS, median_size, rest_length
from recommendations.tally import Ballots, Candidate

PLACES = 10
POOL_WEEKS = 26
FIRST_EDITIONS = 2
CLOSING = 120  # hours after opening. Honest people name others on the first day, and vote on the four that follow
DAY = 24
REASONS = 4  # one vote in so many comes with a reason
NOBODY: Ints = np.empty(0, dtype=np.int64)
NO_VOTES: Ints = np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True)
class Crowd:
    """People who have agreed on something: fakes, whose ids begin where the community's end, or members of it."""

    names: Callable[[int], Ints]  # week -> whom they name, if they may stand
    ballots: Callable[[int, Ints], Ints]  # week, board -> (candidate, voter)
    members: Ints = field(default_factory=lambda: NOBODY)  # who vote with it, and not as they would
    servers: Ints = field(default_factory=lambda: NOBODY)  # by fake
    joined: int = 0  # the week in which the fakes did
    hour: int = 0  # when they name and vote
    reasons: bool = True  # whether everyone can read theirs; else no more than the one that a nomination needs


@dataclass(frozen=True)
class Edition:
    """A closed one, and all that later ones want to know of it."""

    board: Ints
    approvals: Ints  # (candidate, voter)
    spoken: Ints  # (candidate, voter): those with a reason that everyone can read
    ballots: int
    published: Ints  # the list, best first
    listed: Ints  # whoever founds circles


Past = tuple[Edition, ...]  # from week 0


@dataclass(frozen=True)
class Week:
    """What a method is told of an open edition."""

    ballots: Ballots
    editions: int  # closed before it
    servers: Ints  # by voter's id
    named_at: Ints  # by candidate, in their order: the hour
    voted_at: Ints  # by voter's id


Method = Callable[[Week], tuple[Ints, Ints]]  # at most `limit` candidates, best first; how many support each


@dataclass(frozen=True)
class Rules:
    """What a community plays by: the product's rules, unless it is asked what would be without them."""

    mutual: bool = True
    strict: bool = False  # every mutual vote is void, however small the community is
    rest: int | None = None


PRODUCT = Rules()
ALONE = Crowd(lambda _: NOBODY, lambda *_: NO_VOTES)  # nobody has agreed on anything


def hold(community: Community, past: Past, method: Method, crowd: Crowd = ALONE, rules: Rules = PRODUCT) -> Edition:
    """The next edition, opened, voted in and closed."""
    week = len(past)
    resting = _resting(past, rules)
    board, named_at = _board(community, week, resting, crowd)
    approvals = _approvals(community, week, board[named_at < DAY], board, crowd)
    spoken = _spoken(community, week, approvals, crowd)
    servers = np.concatenate([community.server, crowd.servers])
    joined = np.concatenate([community.joined, np.full(len(crowd.servers), crowd.joined)])
    size = median_size(each.ballots for each in past[-SIZE_EDITIONS:])
    ballots = Ballots(
        candidates=[_candidate(community, int(each), rules) for each in board],
        approvals=approvals,
        seed=f"{community.seed}/{week}",
        limit=LISTED,
        size=max(size, LARGE) if rules.strict else size,
        spoken=spoken,
        newcomers=np.flatnonzero(joined >= week),
        first_editions=week < FIRST_EDITIONS,
        praised=_praised(community, past) if rules.mutual else (),
        history=_history(past, servers, joined),
    )
    ranked, supporters = method(Week(ballots, week, servers, named_at, _voted_at(community, week, crowd)))
    voted = len(np.unique(approvals[:, 1]))
    enough = supporters >= enough_to_found(supporters, voted)
    return Edition(board, approvals, spoken, voted, ranked[:PLACES], ranked[enough])


def _board(community: Community, week: int, resting: Ints, crowd: Crowd) -> tuple[Ints, Ints]:
    """Who stands, ascending, and the hour at which each was named. Whoever rests cannot be."""
    honest = community.named(week, resting)
    board = np.union1d(honest, np.setdiff1d(crowd.names(week), resting))
    hours = np.random.default_rng([community.seed, 20, week]).integers(0, DAY, len(board))
    return board, np.where(np.isin(board, honest), hours, crowd.hour)


def _approvals(community: Community, week: int, seen: Ints, board: Ints, crowd: Crowd) -> Ints:
    """`seen`: who was named in time for honest people to vote for them. Nobody honest knows a puppet."""
    honest = community.ballots(week, seen[seen <= community.stranger])
    return np.concatenate([honest[~np.isin(honest[:, 1], crowd.members)], crowd.ballots(week, board)])


def _spoken(community: Community, week: int, approvals: Ints, crowd: Crowd) -> Ints:
    """One vote in REASONS says why; of a crowd all do, or the first for each whom it names."""
    chance = np.random.default_rng([community.seed, 22, week])
    says_why = chance.integers(0, REASONS, len(approvals)) == 0
    theirs = np.isin(approvals[:, 1], crowd.members) | (approvals[:, 1] >= community.everybody)
    says_why[theirs] = crowd.reasons
    if not crowd.reasons:
        of_them = np.flatnonzero(theirs)
        says_why[of_them[np.unique(approvals[of_them, 0], return_index=True)[1]]] = True
    return approvals[says_why]


def _voted_at(community: Community, week: int, crowd: Crowd) -> Ints:
    hours = np.random.default_rng([community.seed, 21, week]).integers(DAY, CLOSING, community.everybody)
    return np.concatenate([hours, np.full(len(crowd.servers), CLOSING)])


def _candidate(community: Community, id: int, rules: Rules) -> Candidate:
    owner = int(community.owner[id]) if id < community.stranger and rules.mutual else -1
    return Candidate(id, f"https://people.example/{id}", owner if owner >= 0 else None)


def _resting(past: Past, rules: Rules) -> Ints:
    """Whoever was featured in one of the last editions: as many as the product says."""
    pool = _together([each.board for each in past[-POOL_WEEKS:]])
    length = rest_length(len(np.unique(pool)), PLACES, rules.rest)
    return np.unique(_together([each.published for each in past[max(0, len(past) - length) :]]))


def _praised(community: Community, past: Past) -> Ints:
    """(owner, voter): in the last editions, owner recommended voter's account, with a reason."""
    owners = np.unique(community.owner[community.owner >= 0])
    given = np.concatenate([NO_VOTES, *(each.spoken for each in past[-HISTORY_EDITIONS:])])
    given = given[(given[:, 0] < community.stranger) & np.isin(given[:, 1], owners)]
    voter = community.owner[given[:, 0]]
    return np.column_stack([given[:, 1], voter])[voter >= 0]


def _history(past: Past, servers: Ints, joined: Ints) -> History:
    last = past[-HISTORY_EDITIONS:]
    voters = np.arange(len(servers))
    backing = [each.approvals[np.isin(each.approvals[:, 0], each.listed)][:, ::-1] for each in last]
    return History(
        turnout=tuple(each.approvals[:, 1] for each in last),
        backing=np.concatenate([NO_VOTES, *backing]),
        cohorts=np.column_stack([voters, servers * 1_000 + joined - joined.min()]),
    )


def _together(ids: list[Ints]) -> Ints:
    return np.concatenate([NOBODY, *ids])
