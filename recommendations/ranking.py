"""Ballots and history in, a ranked and explained list out. Pure, deterministic, order-independent, integers.

Method `count`: one valid vote, one point. Scores are in half points. What makes a vote valid is the same for
every method and stands here; where members, owners and praise of earlier editions come from, this piece does
not know.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

BALLOT_SIZE = 10  # approvals on one ballot, the nominator's own vote among them
LARGE = 100  # ballots from which on the mutual rule is strict
SIZE_EDITIONS = 4  # closed editions whose median ballots decide between rules and methods
PRAISE_EDITIONS = 8  # editions for which praise is remembered in a large community
REST_EDITIONS = 8
LONGEST_REST = 52


class Method(StrEnum):
    """How scores are made of valid votes."""

    COUNT = "count"


class Void(StrEnum):
    """Why a vote did not count. Where several reasons hold, the first of these is given."""

    SELF = "self"  # the voter is the profile, or has linked it
    NEWCOMER = "newcomer"  # joined after the edition had opened
    MUTUAL = "mutual"  # the profile's owner has approved the voter's own


class Approval(NamedTuple):
    """One vote. A bare (candidate, voter) pair does as well."""

    candidate: int
    voter: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A nominated profile: its id, its permanent uri, and the user who has proven it to be theirs, if any."""

    id: int
    uri: str
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Ballots:
    """Everything a ranking rests on. Ids are of any kind, so long as owners and voters are of one kind."""

    candidates: Collection[Candidate]
    approvals: Collection[tuple[int, int]]  # (candidate, voter)
    seed: str  # the edition's, shown on the board from the start
    limit: int  # places on the list
    size: int = 0  # `median_size` of the closed editions before this one
    newcomers: frozenset[int] = frozenset()  # voters who were no members before the edition opened
    first_editions: bool = False  # in a community's first two editions everybody is new, and newcomers' votes count
    praised: frozenset[tuple[int, int]] = (
        frozenset()
    )  # (owner, voter): in the last PRAISE_EDITIONS, owner approved voter
    resting: frozenset[int] = frozenset()  # candidates that were listed too recently


@dataclass(frozen=True, slots=True)
class Explanation:
    """An entry's arithmetic, in sums and never by person: voted = counted + half + everything void."""

    voted: int
    counted: int  # in full
    half: int  # mutual votes in a small community
    void: Mapping[Void, int]  # only reasons that occur

    @property
    def score(self) -> int:
        """In half points."""
        return 2 * self.counted + self.half

    @property
    def supporters(self) -> int:
        """How many people's votes count, in full or by half."""
        return self.counted + self.half

    def as_json(self) -> dict[str, Any]:
        """For keeping with the entry."""
        void = {str(reason): self.void[reason] for reason in Void if reason in self.void}
        return {"voted": self.voted, "counted": self.counted, "half": self.half, "void": void}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Explanation":
        """What `as_json` made."""
        void = {Void(reason): number for reason, number in kept["void"].items()}
        return cls(kept["voted"], kept["counted"], kept["half"], void)


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place on the list. Candidates of one owner are one person: `members` are all, `candidate` leads."""

    candidate: int
    members: tuple[int, ...]  # ascending, `candidate` among them
    rank: int  # from 1, without gaps or ties
    score: int  # by `count`: half points
    supporters: int
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Ranking:
    """The list, and how many people voted in all."""

    method: Method
    ballots: int
    entries: tuple[Ranked, ...]


def rank(ballots: Ballots, *, method: Method = Method.COUNT) -> Ranking:
    """The ranked list: at most `limit` people who have a vote that counts, and of them none who rests.

    By score, then supporters, then SHA-256(seed || uri), the smallest first; of united candidates the
    smallest digest stands for all, and the one with most votes leads. Raises ValueError for what the product
    prevents: a ballot of more than BALLOT_SIZE, a vote for nobody's candidate, a candidate given twice.
    """
    by_id = {each.id: each for each in ballots.candidates}
    if len(by_id) != len(ballots.candidates):
        raise ValueError("A candidate is given twice.")
    votes = _votes(ballots.approvals, by_id)
    tallies = _tallies(ballots, by_id, votes)
    scores = _SCORERS[method](tallies)
    order = sorted(
        (each for each in range(len(tallies)) if scores[each] > 0),
        key=lambda each: (-scores[each], -tallies[each].explanation.supporters, tallies[each].digest),
    )
    entries = tuple(
        Ranked(
            candidate=_leader(tallies[each], votes, ballots.seed),
            members=tuple(sorted(member.id for member in tallies[each].members)),
            rank=place,
            score=scores[each],
            supporters=tallies[each].explanation.supporters,
            explanation=tallies[each].explanation,
        )
        for place, each in enumerate(order[: ballots.limit], start=1)
    )
    return Ranking(method, len(set().union(*votes.values())), entries)


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


def median_size(ballots: Iterable[int]) -> int:
    """The median number of ballots, rounded down; the caller gives the last SIZE_EDITIONS closed editions.

    0 where there are none.
    """
    sizes = sorted(ballots)
    middle = len(sizes) // 2
    if len(sizes) % 2:
        return sizes[middle]
    return sum(sizes[middle - 1 : middle + 1]) // 2


def shuffled(ids: Iterable[int], *, seed: str, voter: int | str) -> list[int]:
    """The board in this voter's own order, the same at every visit: no place on it is the best one."""
    return sorted(ids, key=lambda each: (_digest(f"{seed}\0{voter}\0", str(each)), each))


@dataclass(frozen=True, slots=True)
class _Tally:
    """One person on the board: their candidates, and what became of the votes for them."""

    members: tuple[Candidate, ...]
    digest: bytes
    explanation: Explanation


def _count(tallies: Sequence[_Tally]) -> list[int]:
    return [each.explanation.score for each in tallies]


_SCORERS: Mapping[Method, Callable[[Sequence[_Tally]], list[int]]] = {Method.COUNT: _count}


def _votes(approvals: Iterable[tuple[int, int]], by_id: Mapping[int, Candidate]) -> dict[int, set[int]]:
    """Voters by candidate; a vote given twice is one."""
    votes: dict[int, set[int]] = {each: set() for each in by_id}
    try:
        for candidate, voter in approvals:
            votes[candidate].add(voter)
    except KeyError as error:
        raise ValueError(f"A vote is for {error}, which is no candidate.") from None
    ballots = Counter(voter for voters in votes.values() for voter in voters)
    if ballots and max(ballots.values()) > BALLOT_SIZE:
        raise ValueError(f"A ballot has more than {BALLOT_SIZE} approvals.")
    return votes


def _tallies(ballots: Ballots, by_id: Mapping[int, Candidate], votes: Mapping[int, set[int]]) -> list[_Tally]:
    """One for each person who does not rest."""
    people: defaultdict[tuple[str, int], list[Candidate]] = defaultdict(list)
    for each in by_id.values():
        people[("candidate", each.id) if each.owner is None else ("owner", each.owner)].append(each)
    admirers: defaultdict[int, set[int]] = defaultdict(set)  # by voter: the owners who approved the voter's account
    for each in by_id.values():
        if each.owner is not None:
            admirers[each.owner] |= votes[each.id]
    large = ballots.size >= LARGE
    if large:
        for owner, voter in ballots.praised:
            admirers[voter].add(owner)
    newcomers = frozenset() if ballots.first_editions else ballots.newcomers
    tallies = []
    for members in people.values():
        if any(each.id in ballots.resting for each in members):
            continue
        voters = set().union(*(votes[each.id] for each in members))
        digest = min(_digest(ballots.seed, each.uri) for each in members)
        explanation = _explain(members[0].owner, voters, newcomers, admirers, large=large)
        tallies.append(_Tally(tuple(members), digest, explanation))
    return tallies


def _explain(
    owner: int | None,
    voters: set[int],
    newcomers: frozenset[int],
    admirers: Mapping[int, set[int]],
    *,
    large: bool,
) -> Explanation:
    void: dict[Void, int] = {}
    known = voters - newcomers
    mutual = 0
    if owner is not None:
        known.discard(owner)
        mutual = sum(1 for voter in known if voter in admirers and owner in admirers[voter])
        void[Void.SELF] = int(owner in voters)
    void[Void.NEWCOMER] = len(voters) - len(known) - void.get(Void.SELF, 0)
    void[Void.MUTUAL] = mutual if large else 0
    return Explanation(
        voted=len(voters),
        counted=len(known) - mutual,
        half=0 if large else mutual,
        void={reason: number for reason, number in void.items() if number},
    )


def _leader(tally: _Tally, votes: Mapping[int, set[int]], seed: str) -> int:
    return min(tally.members, key=lambda each: (-len(votes[each.id]), _digest(seed, each.uri))).id


def _digest(seed: str, text: str) -> bytes:
    return hashlib.sha256((seed + text).encode("utf-8", "surrogatepass")).digest()
