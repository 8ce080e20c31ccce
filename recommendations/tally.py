"""The ballots of a board, and which of their votes count: the same for every method. Pure, arrays and integers.

A vote counts if its voter was a member when the board opened and still is, is not the person, and has not been
recommended by that person for everyone to read. What a vote is worth that counts, ranking.py and circles.py say.

Whether a vote counts depends on nothing secret: who may vote, who owns which profile, and which reasons are public.
If it hung on other people's secret votes, a place on the list, or one's own ballot, would betray them. In a small
community many know each other, so people with nothing but votes they have returned are listed all the same, at the end.
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
FULL = 2  # what a vote that counts stands for, in half points


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
    seed: str  # the edition's, secret until the list is out
    limit: int  # places on the list
    size: int = 0  # `median_size` of the closed editions before this one
    spoken: ArrayLike = ()  # (candidate, voter): the approvals whose reason everyone can read
    newcomers: ArrayLike = ()  # voters who were no members before the edition opened
    gone: ArrayLike = ()  # voters who are no members any more
    first_editions: bool = False  # in a community's first two editions everyone is new, and newcomers' votes count
    praised: ArrayLike = ()  # (owner, voter): in the last HISTORY_EDITIONS, owner recommended voter in public
    resting: ArrayLike = ()  # candidates that were listed too recently
    history: History = NOTHING


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of every vote. People and voters are numbered from 0; candidates by their place in the ballots."""

    voters: Ints  # the id of each, ascending
    person_of: Ints  # by candidate
    votes_of: Ints  # by candidate: how many approved it
    resting: Flags  # by person
    returned: Flags  # by person: in a small community, who is listed behind all others with votes that do not count
    ballots: Sparse  # voters x candidates: all votes, whether they count or not
    votes: Sparse  # people x voters, of the votes that count: FULL
    voted: Ints  # by person
    void: dict[Void, Ints]  # by person
    void_voters: dict[Void, int]  # how many people cast those


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
    late = _among(supporter, () if ballots.first_editions else ballots.newcomers, voters) & ~own
    gone = _among(supporter, ballots.gone, voters) & ~own & ~late
    mutual = _recommended(ballots, person, supporter, whose, voters, person_of) & ~own & ~late & ~gone
    counts = ~(own | late | gone | mutual)
    void = {Void.SELF: own, Void.NEWCOMER: late, Void.GONE: gone, Void.MUTUAL: mutual}

    resting = np.zeros(people, dtype=bool)
    resting[person_of[np.isin(ids, _ids(ballots.resting))]] = True
    ends = np.concatenate([[0], np.cumsum(np.bincount(person[counts], minlength=people))])
    full = np.full(int(counts.sum()), FULL)
    return Tally(
        voters=voters,
        person_of=person_of,
        votes_of=np.bincount(candidate, minlength=len(ids)),
        resting=resting,
        returned=(np.bincount(person[mutual], minlength=people) > 0) & (ballots.size < LARGE),
        ballots=csr_array((np.ones(len(voter), dtype=np.int64), (voter, candidate)), shape=(len(voters), len(ids))),
        votes=csr_array((full, supporter[counts], ends), shape=(people, len(voters))),
        voted=np.bincount(person, minlength=people),
        void={reason: np.bincount(person[of], minlength=people) for reason, of in void.items()},
        void_voters={reason: len(distinct(supporter[of])) for reason, of in void.items()},
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


def _among(supporter: Ints, given: ArrayLike, voters: Ints) -> Flags:
    """Which votes were cast by these voters."""
    marked = np.zeros(len(voters), dtype=bool)
    marked[_there(places(_ids(given), voters))] = True
    return marked[supporter]


def _recommended(ballots: Ballots, person: Ints, supporter: Ints, whose: Ints, voters: Ints, person_of: Ints) -> Flags:
    """Which votes are for someone who has recommended the voter, for everyone to read.

    On this board; in communities of LARGE ballots in one of the last editions, too.
    """
    recommended = _spoken_for(ballots, whose, voters, person_of)
    if ballots.size >= LARGE:
        praised = pairs(ballots.praised)
        of_owners = np.stack([places(praised[:, 0], whose), places(praised[:, 1], voters)], axis=1)
        recommended = np.concatenate([recommended, of_owners])
    owner, voter = recommended[(recommended >= 0).all(axis=1)].T
    gave = np.zeros(len(whose), dtype=bool)
    gave[owner] = True
    of_them = np.flatnonzero(gave[person])
    returned = np.zeros(len(person), dtype=bool)
    votes = person[of_them] * len(voters) + supporter[of_them]
    returned[of_them] = np.isin(votes, owner * len(voters) + voter)
    return returned


def _spoken_for(ballots: Ballots, whose: Ints, voters: Ints, person_of: Ints) -> Ints:
    """(person, voter): people on this board who have given a reason for a voter that is on it, too; -1: nobody."""
    ids = Candidates.of(ballots.candidates).ids
    spoken, by_id = pairs(ballots.spoken), np.argsort(ids)
    at = places(spoken[:, 0], ids[by_id])
    speaker, praised = places(spoken[at >= 0, 1], whose), whose[person_of[by_id[at[at >= 0]]]]
    return np.stack([speaker, places(praised, voters)], axis=1)


def _distinct(first: Ints, second: Ints, seconds: int) -> tuple[Ints, Ints]:
    """Pairs of numbers, `second` from 0 and below `seconds`: each once, ascending."""
    together = distinct(first * seconds + second)
    return np.divmod(together, max(seconds, 1))


def _ids(given: ArrayLike) -> Ints:
    return np.asarray(given if isinstance(given, np.ndarray) else list(given), dtype=np.int64)  # type: ignore[arg-type]


def _there(found: Ints) -> Ints:
    return found[found >= 0]
