"""Method `circles`: which secret votes follow with certainty from what all editions publish together.

Square roots of voices that hang on earlier votes are beyond a solver of linear constraints. So the proof is by example:
a vote does not follow if there is another world without it in which every edition publishes the very same. Such worlds
are looked for by exchanging votes, and each is counted from end to end by the product's own code. What no world was
found for is told as certain, though it may only be hard to find.
"""

import random
from collections.abc import Iterator

import numpy as np

from benchmarks.privacy.editions import ATTACKERS, Counted, Editions, may_count, with_votes
from recommendations.rules import BALLOT_SIZE

Vote = tuple[int, int]
TRIES = 5_000  # worlds for one vote; most votes need a few
MORE = 10  # exchanges besides the first, in the last of them


def certain(editions: Editions, at: int, members: list[int], draw: random.Random, *, sample: int) -> list[Vote]:
    """Return those of an edition's secret votes, of so many at most, that no other world was found to be without."""
    edition = editions[at]
    board = _Board(edition, members, draw)
    asked = sorted(edition.secret)
    asked = draw.sample(asked, min(sample, len(asked)))
    proven: set[Vote] = set()
    for vote in asked:
        if vote in proven:
            continue
        for votes in board.worlds_without(vote):
            found = with_votes(editions, at, votes)
            last = min(len(editions), at + len(found))
            if found[-1].public() == editions[last - 1].public():
                proven |= edition.votes - votes
                break
    return [vote for vote in asked if vote not in proven]


class _Board:
    """One edition's votes, and the ways in which others could have been cast with nothing public changed."""

    def __init__(self, edition: Counted, members: list[int], draw: random.Random) -> None:
        self.votes, self.spoken, self.draw = edition.votes, edition.spoken, draw
        self.candidates = [each.id for each in edition.ballots.candidates]  # type: ignore[union-attr]
        counts = may_count(edition, np.array(members))
        self.counts = {
            (candidate, voter): bool(counts[row, column])
            for row, candidate in enumerate(self.candidates)
            for column, voter in enumerate(members)
        }
        self.members = [each for each in members if each >= ATTACKERS]

    def worlds_without(self, vote: Vote) -> Iterator[frozenset[Vote]]:
        """Other sets of votes. Up to MORE other votes for the same candidate change, too, so that points fit."""
        for number in range(TRIES):
            found: frozenset[Vote] | None = self.votes
            for step in range(1 + number * MORE // TRIES):
                given = vote if step == 0 else self._another(found, vote[0])
                found = self._exchanged(found, given) if found and given else None
            if found and vote not in found:
                yield found

    def _another(self, votes: frozenset[Vote] | None, candidate: int) -> Vote | None:
        mine = (votes or frozenset()) & self.votes - self.spoken
        secret = sorted(each for each in mine if each[0] == candidate and each[1] >= ATTACKERS)
        return self.draw.choice(secret) if secret else None

    def _exchanged(self, votes: frozenset[Vote], vote: Vote) -> frozenset[Vote] | None:
        """Take this vote away and make up for it, in one of the ways that may leave everything public as it is."""
        ways = [self._cast_by_another, self._returned_by_another, self._cast_elsewhere, self._not_cast]
        return self.draw.choice(ways if not self.counts[vote] else ways[:3])(votes, vote)

    def _cast_by_another(self, votes: frozenset[Vote], vote: Vote) -> frozenset[Vote] | None:
        """Someone else casts it."""
        candidate, voter = vote
        others = [
            each
            for each in self.members
            if (candidate, each) not in votes
            and self.counts[candidate, each] == self.counts[vote]
            and 0 < self._length(votes, each) < BALLOT_SIZE
        ]
        if not others or self._length(votes, voter) == 1:
            return None
        return votes - {vote} | {(candidate, self.draw.choice(others))}

    def _returned_by_another(self, votes: frozenset[Vote], vote: Vote) -> frozenset[Vote] | None:
        """Someone else casts it, and gives the voter one of theirs."""
        candidate, voter = vote
        theirs = {each for each, by in votes if by == voter}
        others = [
            each
            for each in self.members
            if (candidate, each) not in votes and self.counts[candidate, each] == self.counts[vote]
        ]
        if not others:
            return None
        other = self.draw.choice(others)
        given = sorted(
            each
            for each, by in votes - self.spoken
            if by == other and each not in theirs and self.counts[each, other] == self.counts[each, voter]
        )
        if not given:
            return None
        back = self.draw.choice(given)
        return votes - {vote, (back, other)} | {(candidate, other), (back, voter)}

    def _cast_elsewhere(self, votes: frozenset[Vote], vote: Vote) -> frozenset[Vote] | None:
        """The voter casts it for someone else."""
        _candidate, voter = vote
        theirs = {each for each, by in votes if by == voter}
        elsewhere = [
            each for each in self.candidates if each not in theirs and self.counts[each, voter] == self.counts[vote]
        ]
        return votes - {vote} | {(self.draw.choice(elsewhere), voter)} if elsewhere else None

    def _not_cast(self, votes: frozenset[Vote], vote: Vote) -> frozenset[Vote] | None:
        """It was not cast at all: how long a ballot is, nobody knows."""
        return votes - {vote} if self._length(votes, vote[1]) > 1 else None

    @staticmethod
    def _length(votes: frozenset[Vote], voter: int) -> int:
        return sum(by == voter for _, by in votes)
