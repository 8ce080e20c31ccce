"""Ballots and history in, a ranked and explained list out. Pure, deterministic, order-independent, integers.

Which votes count is the same for every method and stands in tally.py; what those are worth by method `circles` stands
in circles.py. Where members, owners and earlier editions come from, this piece does not know. A million votes are
ranked in about the time it takes to read them, so this is done in arrays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from recommendations.circles import FULL_HISTORY, Ints, Sparse, Standing, points, standing, voices
from recommendations.explanation import Explanation, Method, Totals, rounded
from recommendations.rules import LARGE, digest
from recommendations.tally import Ballots, Candidates, Tally, tally_of


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place on the list. Candidates of one owner are one person: `members` are all, `candidate` leads."""

    candidate: int
    members: tuple[int, ...]  # ascending, `candidate` among them
    rank: int  # from 1, without gaps or ties
    explanation: Explanation
    person: int = field(compare=False, repr=False, default=-1)  # their number in the tally

    @property
    def score(self) -> int:
        """By `count` in half points, by `circles` in points, rounded."""
        return self.explanation.score

    @property
    def supporters(self) -> int:
        """How many people's votes count."""
        return self.explanation.supporters


@dataclass(frozen=True, slots=True)
class Ranking:
    """The list, how many people voted in all, and what became of all their votes."""

    method: Method
    ballots: int
    entries: tuple[Ranked, ...]
    votes: Totals
    tally: Tally = field(compare=False, repr=False)
    ties: Mapping[int, int] = field(compare=False, repr=False)  # person -> place among equals, where it matters
    brought: Standing = field(compare=False, repr=False)


def rank(ballots: Ballots, *, method: Method = Method.COUNT) -> Ranking:
    """The ranked list: at most `limit` people who have a vote that counts (or see Tally.returned), and none who rests.

    By score, then supporters, then SHA-256(seed || uri), the smallest first. Of united candidates the smallest uri
    draws the one lot of all, so that many handles are no more lots than one; the one with most votes leads, of equals
    the one with the smallest uri. Scores are those that are published, so that the order says no more about anyone's
    vote than they do. Raises ValueError for what the product prevents: a ballot of more than BALLOT_SIZE, a vote for
    nobody's candidate, a candidate given twice.
    """
    candidates = Candidates.of(ballots.candidates)
    tally = tally_of(ballots)
    brought = standing(ballots.history, tally.voters)
    gained = points(tally.votes, voices(brought)) if method == Method.CIRCLES else tally.votes
    scores = np.asarray(gained.sum(axis=1), dtype=np.int64)
    if method == Method.CIRCLES:
        scores = told(scores, size=ballots.size)
    perhaps = _perhaps_listed(scores, tally, ballots)
    named = candidates.uris(candidates.ids[perhaps].tolist())
    uris = {each: named[int(candidates.ids[each])] for each in perhaps}
    people: dict[int, list[int]] = {}  # -> their candidates, the smallest uri first
    for each in sorted(uris, key=uris.__getitem__):
        people.setdefault(int(tally.person_of[each]), []).append(each)
    lots = {person: digest(ballots.seed, uris[theirs[0]]) for person, theirs in people.items()}
    ties = {person: place for place, person in enumerate(sorted(lots, key=lots.__getitem__))}
    supporters = np.diff(tally.votes.indptr)
    order = sorted(people, key=lambda person: (-int(scores[person]), -int(supporters[person]), ties[person]))
    entries = []
    for place, person in enumerate(order[: ballots.limit], start=1):
        lead = min(people[person], key=lambda each: (-tally.votes_of[each], uris[each]))
        members = tuple(sorted(candidates.ids[people[person]].tolist()))
        why = _explain(person, tally, brought, int(scores[person]), gained if method == Method.CIRCLES else None)
        if uris[lead] != uris[people[person][0]]:
            why = replace(why, other_lot=True)
        entries.append(Ranked(int(candidates.ids[lead]), members, place, why, person))
    return Ranking(method, len(tally.voters), tuple(entries), _totals(tally), tally, ties, brought)


def told(scores: Ints, *, size: int) -> Ints:
    """Round the points of everyone, by method circles, as they are published. `size`: the usual number of ballots."""
    return np.array([rounded(each, coarse=size < LARGE) for each in scores.tolist()], dtype=np.int64)


def _perhaps_listed(scores: Ints, tally: Tally, ballots: Ballots) -> list[int]:
    """Candidates of the best, and of everybody who is level with the last of them: places need no more digests."""
    standing_for = np.flatnonzero(((scores > 0) | tally.returned) & ~tally.resting)
    supporters = np.diff(tally.votes.indptr)[standing_for]
    best = np.lexsort((-supporters, -scores[standing_for]))
    if ballots.limit < len(best):
        last = best[max(ballots.limit - 1, 0)]
        level = (scores[standing_for] == scores[standing_for][last]) & (supporters == supporters[last])
        best = np.union1d(best[: ballots.limit], np.flatnonzero(level))
    return [int(each) for each in np.flatnonzero(np.isin(tally.person_of, standing_for[best]))]


def _explain(person: int, tally: Tally, brought: Standing, score: int, circles: Sparse | None) -> Explanation:
    _, supporters = _row(tally.votes, person)
    fresh = supporters[brought.editions[supporters] < FULL_HISTORY]
    came = brought.cohorts[fresh]
    together = np.bincount(came[came != brought.unknown])
    return Explanation(
        voted=int(tally.voted[person]),
        counted=len(supporters),
        half=0,
        void={reason: int(of[person]) for reason, of in tally.void.items() if of[person]},
        circles=None
        if circles is None
        else tuple(sorted((int(each) for each in _row(circles, person)[0]), reverse=True)),
        new=int((brought.editions[supporters] == 0).sum()) if brought.remembers else 0,
        alike=int(together.max(initial=0)) if brought.remembers else 0,
        rounded=0 if circles is None else score,
    )


def _totals(tally: Tally) -> Totals:
    """What became of all votes."""
    void = {reason: int(of.sum()) for reason, of in tally.void.items() if of.any()}
    return Totals(len(tally.votes.data), void, {reason: tally.void_voters[reason] for reason in void})


def _row(matrix: Sparse, row: int) -> tuple[Ints, Ints]:
    """The values of a row, and in which columns they stand."""
    inside = slice(matrix.indptr[row], matrix.indptr[row + 1])
    return matrix.data[inside], matrix.indices[inside]
