"""The rules around a ranking: which method, who rests, in which order a board is shown. Pure, integers only."""

import hashlib
from collections.abc import Iterable

from recommendations.explanation import Method

BALLOT_SIZE = 10  # approvals on one ballot, the nominator's own vote among them
LARGE = 100  # ballots from which on the mutual rule is strict, and circles are counted
SIZE_EDITIONS = 4  # closed editions whose median ballots decide between rules and methods
HISTORY_EDITIONS = 8  # for which a community remembers who voted, and for whom
REST_EDITIONS = 8
LONGEST_REST = 52


def method_for(*, size: int, editions: int, pinned: str = "") -> Method:
    """By which method a community counts.

    `size`: `median_size` of its last editions; `editions`: how many were closed so far; `pinned`: the method it
    chose itself, if it did.
    """
    if pinned:
        return Method(pinned)
    return Method.CIRCLES if size >= LARGE and editions >= SIZE_EDITIONS else Method.COUNT


def median_size(ballots: Iterable[int]) -> int:
    """The median number of ballots, rounded down; the caller gives the last SIZE_EDITIONS closed editions.

    0 where there are none.
    """
    sizes = sorted(ballots)
    middle = len(sizes) // 2
    if len(sizes) % 2:
        return sizes[middle]
    return sum(sizes[middle - 1 : middle + 1]) // 2


def rest_length(pool: int, list_size: int, chosen: int | None = None) -> int:
    """For how many editions a listed profile rests.

    `pool`: distinct listable profiles of the last 26 weeks; `chosen`: the community's own 0 to LONGEST_REST.
    A full list each week needs list_size * (rest + 1) profiles. Raises ValueError for a choice out of range.
    """
    if chosen is not None:
        if not 0 <= chosen <= LONGEST_REST:
            raise ValueError(f"A profile can rest for 0 to {LONGEST_REST} editions.")
        return chosen
    return max(0, min(REST_EDITIONS, pool // max(list_size, 1) - 1))


def shuffled(ids: Iterable[int], *, seed: str, voter: int | str) -> list[int]:
    """The board in this voter's own order, the same at every visit: no place on it is the best one."""
    return sorted(ids, key=lambda each: (digest(f"{seed}\0{voter}\0", str(each)), each))


def digest(seed: str, text: str) -> bytes:
    """What settles ties and orders: nobody can choose it once the seed is known, or before."""
    return hashlib.sha256((seed + text).encode("utf-8", "surrogatepass")).digest()
