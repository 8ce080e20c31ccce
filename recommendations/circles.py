"""Whose voices go together: method `circles`, in NumPy and SciPy. Pure, integers, order-independent.

Everybody has one voice. It is split evenly over one's circles: the people that were listed lately and whom one
had approved. A nominee gets from each circle the square root of the voices in it, so that many who always vote
alike weigh less than as many who seldom do. Who has little history yet has most of a sixteenth of a voice, in a
circle with everybody who came from the same server in the same week. How this came about, and what it withstands:
docs/ranking.md and benchmarks/ranking.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

VOICE = 1_000_000  # one voice, in micro-voices; the square root of it is 1,000 points
FULL_HISTORY = 4  # R: editions voted in, after which a voice is whole
NEWCOMERS_SHARE = 16  # 1 / nu: so much less weighs whoever has no history
LISTED = 50  # places of an edition that found circles
_CLOSE = 64  # ids so close together, on average, are looked up in a table, which is ten times as fast as searching
LISTED_SUPPORTERS, LISTED_PERCENT = 5, 5  # whoever founds one has so many supporters, and so many in a hundred ballots

Ints = NDArray[np.int64]
Sparse = Any  # csr_array: SciPy's stubs would tell us no more


@dataclass(frozen=True, slots=True)
class History:
    """What is remembered of a community's last editions, and of how its members came in. Ids are of any kind."""

    turnout: tuple[ArrayLike, ...] = ()  # for each edition: who voted in it
    backing: ArrayLike = ()  # (voter, account): listed accounts, and who had approved them
    cohorts: ArrayLike = ()  # (voter, cohort): with whom a voter came in


NOTHING = History()


@dataclass(frozen=True, slots=True)
class Standing:
    """What the voters of one edition bring with them, by their places in `voters` (ascending, distinct)."""

    editions: Ints  # in how many of the last editions they voted, at most FULL_HISTORY
    circles: Sparse  # voters x circles: 1 where somebody belongs to one
    cohorts: Ints  # numbered from 0
    unknown: int = -1  # the cohort of those of whom nothing is known; -1: there is nobody
    remembers: bool = True  # is anything known of earlier editions at all?


def pairs(given: ArrayLike) -> Ints:
    """(n, 2) integers, of whatever holds pairs."""
    array = given if isinstance(given, np.ndarray) else np.array(list(given), dtype=np.int64)  # type: ignore[arg-type]
    return np.asarray(array, dtype=np.int64).reshape(-1, 2)


def distinct(values: Ints) -> Ints:
    """Each value once, ascending. (np.unique hashes, which takes many times as long for a million integers.)"""
    ordered = np.sort(values)
    return ordered[np.diff(ordered, prepend=ordered[:1] - 1) > 0]


def places(values: Ints, among: Ints) -> Ints:
    """Where each value stands in `among` (ascending, distinct); -1 where it does not."""
    if not len(among):
        return np.full(len(values), -1)
    first, span = among[0], int(among[-1] - among[0]) + 1
    if span > _CLOSE * len(among):
        at = np.searchsorted(among, values)
        at[at == len(among)] = 0
        return np.where(among[at] == values, at, -1)
    table = np.full(span + 1, -1)  # the last place is of whoever is out of range
    table[among - first] = np.arange(len(among))
    return table[np.where((values >= first) & (values <= among[-1]), values - first, span)]


def numbered(values: Ints) -> tuple[Ints, Ints]:
    """The distinct values, ascending, and where each value stands among them."""
    known = distinct(values)
    return known, places(values, known)


def enough_to_found(supporters: Ints, ballots: int) -> int:
    """How many supporters an account needs to found a circle.

    `supporters`: of each of an edition's first LISTED places; `ballots`: how many people voted. One in twenty ballots,
    but no more than half of what the account in the middle has: else whoever casts ballots for nobody would see to it
    that honest people have no circles.
    """
    middle = int(np.sort(supporters)[len(supporters) // 2]) if len(supporters) else 0
    return max(LISTED_SUPPORTERS, min(-(-ballots * LISTED_PERCENT // 100), -(-middle // 2)))


def standing(history: History, voters: Ints) -> Standing:
    """What is remembered of these voters (ascending, distinct)."""
    editions = np.zeros(len(voters), dtype=np.int64)
    for turnout in history.turnout:
        at = places(distinct(np.asarray(turnout, dtype=np.int64)), voters)
        editions[at[at >= 0]] += 1
    backing = pairs(history.backing)
    who = places(backing[:, 0], voters)
    backing, who = backing[who >= 0], who[who >= 0]
    accounts, which = numbered(backing[:, 1])
    circles = csr_array((np.ones(len(who), dtype=np.int64), (who, which)), shape=(len(voters), len(accounts)))
    circles.data[:] = 1  # the same account in two editions is one circle
    came = pairs(history.cohorts)
    nothing = came[:, 1].min(initial=0) - 1
    cohorts = np.full(len(voters), nothing)
    at = places(came[:, 0], voters)
    cohorts[at[at >= 0]] = came[at >= 0, 1]
    known, cohorts = numbered(cohorts)
    return Standing(
        np.minimum(editions, FULL_HISTORY),
        circles,
        cohorts,
        unknown=0 if nothing in known[:1] else -1,
        remembers=bool(history.turnout),
    )


def voices(of: Standing) -> Sparse:
    """voters x (circles, then cohorts), in micro-voices rounded down."""
    belongs_to = np.diff(of.circles.indptr)
    quarters = np.where(belongs_to > 0, of.editions, 0)  # s = quarters / FULL_HISTORY
    each = VOICE * quarters // (FULL_HISTORY * np.maximum(belongs_to, 1))
    split = of.circles.copy()
    split.data = np.repeat(each, belongs_to)
    rest = VOICE * (FULL_HISTORY - quarters) // (FULL_HISTORY * NEWCOMERS_SHARE)
    voters, circles = of.circles.shape
    row, column = split.nonzero()
    return csr_array(
        (
            np.concatenate([split.data[split.data > 0], rest]),
            (np.concatenate([row, np.arange(voters)]), np.concatenate([column, circles + of.cohorts])),
        ),
        shape=(voters, circles + int(of.cohorts.max(initial=-1)) + 1),
    )


def points(votes: Sparse, voices: Sparse) -> Sparse:
    """people x circles: what each circle gives. `votes`: people x voters, 2 for a vote in full, 1 for one by half."""
    together = csr_array(votes @ voices)
    together.data = roots(together.data // 2)
    together.eliminate_zeros()
    return together


def roots(numbers: Ints) -> Ints:
    """Square roots, rounded down, exact for numbers below 2 ** 52: 4 x 10 ** 9 voices in one circle."""
    found = np.sqrt(numbers.astype(np.float64)).astype(np.int64)
    found -= found * found > numbers
    found += (found + 1) * (found + 1) <= numbers
    return found
