"""The ballots of a board, and which of their votes count: the same for every method. Pure, arrays and integers.

A vote counts if its voter was a member when the board opened, is not the person, and the two do not praise each other;
what a vote is worth that counts, ranking.py and circles.py say.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from recommendations.circles import NOTHING, History, Ints, Sparse, distinct, numbered, pairs, places
from recommendations.explanation import Void
from recommendations.rules import BALLOT_SIZE, LARGE

Flags = NDArray[np.bool_]
FULL, HALF = 2, 1  # what a vote that counts stands for


class Candidate(NamedTuple):
    """A nominated profile: its id, its permanent uri, and the user who has proven it to be theirs, if any."""

    id: int
    uri: str
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """Many of them in columns. What they are called is asked for of those alone who may be level with others."""

    ids: Ints
    owners: Ints  # -1: nobody's
    uris: Callable[[list[int]], Mapping[int, str]]  # ids -> uri by id

    @classmethod
    def of(cls, candidates: "Collection[Candidate] | Candidates") -> "Candidates":
        """In columns, however they are given."""
        if isinstance(candidates, Candidates):
            return candidates
        return cls(
            np.array([each.id for each in candidates], dtype=np.int64),
            np.array([-1 if each.owner is None else each.owner for each in candidates], dtype=np.int64),
            lambda _ids: {each.id: each.uri for each in candidates},
        )


@dataclass(frozen=True, slots=True)
class Ballots:
    """Everything a ranking rests on. Ids are integers from 0; owners and voters are of one kind."""

    candidates: Collection[Candidate] | Candidates
    approvals: ArrayLike  # (candidate, voter); a vote given twice is one
    seed: str  # the edition's, shown on the board from the start
    limit: int  # places on the list
    size: int = 0  # `median_size` of the closed editions before this one
    newcomers: ArrayLike = ()  # voters who were no members before the edition opened
    first_editions: bool = False  # in a community's first two editions everybody is new, and newcomers' votes count
    praised: ArrayLike = ()  # (owner, voter): in the last HISTORY_EDITIONS, owner approved voter
    resting: ArrayLike = ()  # candidates that were listed too recently
    history: History = NOTHING


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of every vote. People and voters are numbered from 0; candidates by their place in the ballots."""

    voters: Ints  # the id of each, ascending
    person_of: Ints  # by candidate
    votes_of: Ints  # by candidate: how many approved it
    resting: Flags  # by person
    votes: Sparse  # people x voters, of the votes that count: FULL or HALF
    voted: Ints  # by person
    void: dict[Void, Ints]  # by person


def tally_of(ballots: Ballots) -> Tally:
    """Which votes count, and why the others do not. Raises ValueError (see `ranking.rank`)."""
    candidates = Candidates.of(ballots.candidates)
    ids, owners = candidates.ids, candidates.owners
    candidate, voter, voters = _approvals(ballots, ids)
    # Candidates of one owner are one person; who is nobody's is one, too.
    whose, person_of = numbered(np.where(owners < 0, -1 - np.arange(len(ids)), owners))
    people = len(whose)
    person, supporter = _distinct(person_of[candidate], voter, len(voters))

    own = whose[person] == voters[supporter]
    newcomer = np.zeros(len(voters), dtype=bool)
    if not ballots.first_editions:
        newcomer[_there(places(_ids(ballots.newcomers), voters))] = True
    late = newcomer[supporter] & ~own
    large = ballots.size >= LARGE
    mutual = _returned(person, supporter, places(voters, whose), people) & ~own & ~late
    if large:
        mutual |= _praised(ballots, person, supporter, whose, voters) & ~own & ~late
    counts = ~own & ~late & ~(mutual if large else np.zeros(len(own), dtype=bool))

    resting = np.zeros(people, dtype=bool)
    resting[person_of[np.isin(ids, _ids(ballots.resting))]] = True
    weight = np.where(mutual, HALF, FULL)
    ends = np.concatenate([[0], np.cumsum(np.bincount(person[counts], minlength=people))])
    return Tally(
        voters=voters,
        person_of=person_of,
        votes_of=np.bincount(candidate, minlength=len(ids)),
        resting=resting,
        votes=csr_array((weight[counts], supporter[counts], ends), shape=(people, len(voters))),
        voted=np.bincount(person, minlength=people),
        void={
            Void.SELF: np.bincount(person[own], minlength=people),
            Void.NEWCOMER: np.bincount(person[late], minlength=people),
            Void.MUTUAL: np.bincount(person[mutual & large], minlength=people),
        },
    )


def _approvals(ballots: Ballots, ids: Ints) -> tuple[Ints, Ints, Ints]:
    """Of each vote, without doubles, the places of its candidate and of its voter; and who the voters are."""
    by_id = np.argsort(ids)
    if len(distinct(ids)) != len(ids):
        raise ValueError("A candidate is given twice.")
    approvals = pairs(ballots.approvals)
    voters, voter = numbered(approvals[:, 1])
    chosen, voter = _distinct(approvals[:, 0], voter, len(voters))
    at = places(chosen, ids[by_id])
    if at.min(initial=0) < 0:
        raise ValueError(f"A vote is for {chosen[at.argmin()]}, which is no candidate.")
    if np.bincount(voter).max(initial=0) > BALLOT_SIZE:
        raise ValueError(f"A ballot has more than {BALLOT_SIZE} approvals.")
    return by_id[at], voter, voters


def _returned(person: Ints, supporter: Ints, person_of_voter: Ints, people: int) -> Flags:
    """Which votes are returned on this very board: the voter is on it, too, and the other approves of them."""
    giver = person_of_voter[supporter]
    returned = np.zeros(len(person), dtype=bool)
    between = np.flatnonzero(giver >= 0)
    given = giver[between] * people + person[between]
    returned[between] = np.isin(person[between] * people + giver[between], given)
    return returned


def _praised(ballots: Ballots, person: Ints, supporter: Ints, whose: Ints, voters: Ints) -> Flags:
    """Which votes are for somebody who approved the voter in one of the last editions."""
    praised = pairs(ballots.praised)
    owner, voter = places(praised[:, 0], whose), places(praised[:, 1], voters)
    both = (owner >= 0) & (voter >= 0)
    gave = np.zeros(len(whose), dtype=bool)
    gave[owner[both]] = True
    of_them = np.flatnonzero(gave[person])
    returned = np.zeros(len(person), dtype=bool)
    votes = person[of_them] * len(voters) + supporter[of_them]
    returned[of_them] = np.isin(votes, owner[both] * len(voters) + voter[both])
    return returned


def _distinct(first: Ints, second: Ints, seconds: int) -> tuple[Ints, Ints]:
    """Pairs of numbers, `second` from 0 and below `seconds`: each once, ascending."""
    together = distinct(first * seconds + second)
    return np.divmod(together, max(seconds, 1))


def _ids(given: ArrayLike) -> Ints:
    return np.asarray(given if isinstance(given, np.ndarray) else list(given), dtype=np.int64)  # type: ignore[arg-type]


def _there(found: Ints) -> Ints:
    return found[found >= 0]
