"""Communities of every size: cliques whose members praise each other, places that stay empty, and a star with fans.

Editions are ranked as the product does: by count below 100 ballots, by circles above. A clique is made of members with
a proven account who are no better and no worse than others, or of the least good. Each is named every week, unless they
rest, and votes.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.ranking.attacks import each_their_own, everywhere
from benchmarks.ranking.rivals import METHODS
from benchmarks.ranking.weeks import NO_VOTES, PLACES, PRODUCT, Crowd, Past, Rules, hold
from benchmarks.ranking.world import Community, Ints, Shape
from recommendations.rules import BALLOT_SIZE, REST_EDITIONS

SHAPES = {
    12: Shape(12, pool=40, board=12),
    30: Shape(30, pool=90, board=25),
    80: Shape(80, pool=200, board=40),
    300: Shape(300, pool=400, board=80),
    5_000: Shape(5_000, pool=1_000, board=160),
}
CLIQUES = (6, 8, 10, 12)
PAST = 8  # weeks in which a clique is at it already
WEEKS = 26  # that are looked at
FANS = 250  # of a star

CASES = {  # who has agreed on what, and by which rules
    "no clique": PRODUCT,
    "no mutual rule": Rules(mutual=False),
    "the product": PRODUCT,
    "without reasons": PRODUCT,  # the same, but they say why no more often than they must
    "in one direction": PRODUCT,
    "strict rules": Rules(strict=True, rest=REST_EDITIONS),  # as in a large community with many to choose from
}


@dataclass(frozen=True)
class Outcome:
    """Of one clique in one community, in WEEKS editions."""

    listed: float  # how often a member of it who stood was listed: 0 to 1
    any: float  # how often one of them at least was: 0 to 1
    empty: float  # places of an edition, of PLACES


def clique(community: Community, number: int, *, reach: int, worst: bool = False, reasons: bool = True) -> Crowd:
    """So many members in a ring, each of whom votes for the next `reach` who stand: for as many as a ballot holds.

    With a reach of number - 1 everybody praises everybody; with less than half of that nobody is praised back.
    """
    accounts = _accounts(community, number, worst)
    members = community.owner[accounts]

    def ballots(_: int, board: Ints) -> Ints:
        steps = np.arange(1, min(reach, BALLOT_SIZE) + 1)
        chosen = accounts[(np.arange(number)[:, None] + steps) % number].ravel()
        votes = np.column_stack([chosen, np.repeat(members, len(steps))])
        return votes[np.isin(chosen, board)]

    return Crowd(lambda _: accounts, ballots, members=members, reasons=reasons)


def bystanders(community: Community, number: int, *, worst: bool = False) -> Crowd:
    """The same people, named just as often, who have not agreed on how to vote."""
    accounts = _accounts(community, number, worst)
    return Crowd(lambda _: accounts, lambda *_: NO_VOTES)


def _accounts(community: Community, number: int, worst: bool) -> Ints:
    known = np.flatnonzero(community.owner >= 0)
    if worst:
        return known[np.argsort(community.quality[known])][:number]
    return np.random.default_rng([community.seed, 40]).permutation(known)[:number]


def cliques(members: int, number: int, case: str, seed: int, *, worst: bool = False) -> Outcome:
    """A clique of so many, in one of CASES; `worst`: of the least good."""
    community = Community(SHAPES[members], seed, PAST + WEEKS)
    if case == "no clique":
        crowd = bystanders(community, number, worst=worst)
    else:
        reach = (number - 1) // 2 if case == "in one direction" else number - 1
        crowd = clique(community, number, reach=reach, worst=worst, reasons=case != "without reasons")
    seen = _held(community, "circles", crowd, CASES[case])[PAST:]
    accounts = crowd.names(0)
    stood = sum(np.isin(accounts, each.board).sum() for each in seen)
    listed = [np.isin(accounts, each.published).sum() for each in seen]
    return Outcome(
        listed=float(sum(listed) / max(stood, 1)),
        any=float(np.mean([many > 0 for many in listed])),
        empty=float(np.mean([PLACES - len(each.published) for each in seen])),
    )


def star(method: str, rest: int | None, seed: int, shape: Shape) -> int:
    """In how many of WEEKS editions somebody good is listed who has FANS, come what may."""
    community = Community(shape, seed, PAST + WEEKS)
    somebody = int(np.argsort(-community.quality)[shape.pool // 10])

    def ballots(week: int, board: Ints) -> Ints:
        others = board[board != somebody]
        votes = each_their_own(community, FANS, week, others)
        votes[::BALLOT_SIZE, 0] = somebody
        return votes[np.isin(votes[:, 0], board)] + np.array([0, community.everybody])

    crowd = Crowd(lambda _: np.array([somebody]), ballots, servers=everywhere(community, FANS), joined=-1)
    past = _held(community, method, crowd, Rules(rest=rest))
    return sum(somebody in each.published for each in past[PAST:])


def _held(community: Community, method: str, crowd: Crowd, rules: Rules) -> Past:
    past: Past = ()
    while len(past) < PAST + WEEKS:
        past += (hold(community, past, METHODS[method], crowd, rules),)
    return past
