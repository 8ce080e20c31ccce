"""Method `circles`: which secret votes follow with certainty from what all editions publish together.

Square roots of voices that hang on earlier votes are beyond a solver of linear constraints. So the proof is by example:
a vote does not follow if there is another world without it in which every edition publishes the very same. Such worlds
are looked for by exchanging votes, and each is counted from end to end by the product's own code. What no world was
found for is told as certain, though it may only be hard to find.
"""

import random

import numpy as np

from benchmarks.privacy.editions import ATTACKERS, Counted, Editions, may_count, with_votes
from recommendations.rules import BALLOT_SIZE

Vote = tuple[int, int]
World = frozenset[Vote]
CLIMBS = 150  # from so many beginnings a world without a vote is looked for; most votes need a few
ONE_MORE = 10_000  # points: what one supporter more or less is worth as a distance


def certain(editions: Editions, at: int, members: list[int], draw: random.Random, *, sample: int) -> list[Vote]:
    """Return those of an edition's secret votes, of so many at most, that no other world was found to be without."""
    board = _Board(editions, at, members, draw)
    asked = sorted(editions[at].secret)
    asked = draw.sample(asked, min(sample, len(asked)))
    proven: set[Vote] = set()
    for vote in asked:
        if vote not in proven:
            proven |= editions[at].votes - board.world_without(vote)
    return [vote for vote in asked if vote not in proven]


class _Board:
    """One edition's votes, and the ways in which others could have been cast with nothing public changed."""

    def __init__(self, editions: Editions, at: int, members: list[int], draw: random.Random) -> None:
        edition = editions[at]
        self.editions, self.at, self.draw = editions, at, draw
        self.votes, self.spoken = edition.votes, edition.spoken
        self.points = _points(edition)
        self.candidates = [each.id for each in edition.ballots.candidates]  # type: ignore[union-attr]
        counts = may_count(edition, np.array(members))
        self.counts = {
            (candidate, voter): bool(counts[row, column])
            for row, candidate in enumerate(self.candidates)
            for column, voter in enumerate(members)
        }
        self.members = [each for each in members if each >= ATTACKERS]

    def world_without(self, vote: Vote) -> World:
        """Return other votes, without this one, of which the very same is published; the true votes if none are found.

        The vote is exchanged, and then others for whoever's figures differ, as long as that leads no further away.
        """
        for climb in range(CLIMBS):
            world = self._exchanged(self.votes, vote)
            if world is None:
                continue
            away, others = self._away(world)
            for _ in range(2 * climb):
                if away == 0:
                    break
                near = self._exchanged(world, self._secret(world, others))
                if near is None or vote in near:
                    continue
                then, others_then = self._away(near)
                if then <= away:
                    world, away, others = near, then, others_then
            if away == 0:
                return world
        return self.votes

    def _away(self, world: World) -> tuple[float, set[int]]:
        """How far from the true figures these votes lead, 0 for the very same; and for whom they differ."""
        found = with_votes(self.editions, self.at, world)
        last = self.at + len(found) - 1
        if found[-1].public() == self.editions[last].public():
            return 0, set()
        ours = _points(found[0])
        away = 1.0
        differ = set()
        told, true = (dict(each.public()[2]) for each in (found[0], self.editions[self.at]))
        for candidate in {*told, *true}:
            if told.get(candidate) != true.get(candidate):
                differ.add(candidate)
                (supporters, points), (were, had) = ours.get(candidate, (0, 0)), self.points.get(candidate, (0, 0))
                away += abs(points - had) + ONE_MORE * abs(supporters - were)
        return away, differ

    def _secret(self, world: World, candidates: set[int]) -> Vote:
        """One of the secret votes for one of these; for anyone, if there are none."""
        secret = sorted(each for each in world - self.spoken if each[1] >= ATTACKERS)
        theirs = [each for each in secret if each[0] in candidates]
        return self.draw.choice(theirs or secret)

    def _exchanged(self, votes: World, vote: Vote) -> World | None:
        """Take this vote away and make up for it, in one of the ways that may leave everything public as it is."""
        ways = [self._cast_by_another, self._returned_by_another, self._cast_elsewhere, self._not_cast]
        return self.draw.choice(ways if not self.counts[vote] else ways[:3])(votes, vote)

    def _cast_by_another(self, votes: World, vote: Vote) -> World | None:
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

    def _returned_by_another(self, votes: World, vote: Vote) -> World | None:
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

    def _cast_elsewhere(self, votes: World, vote: Vote) -> World | None:
        """The voter casts it for someone else."""
        _candidate, voter = vote
        theirs = {each for each, by in votes if by == voter}
        elsewhere = [
            each for each in self.candidates if each not in theirs and self.counts[each, voter] == self.counts[vote]
        ]
        return votes - {vote} | {(self.draw.choice(elsewhere), voter)} if elsewhere else None

    def _not_cast(self, votes: World, vote: Vote) -> World | None:
        """It was not cast at all: how long a ballot is, nobody knows."""
        return votes - {vote} if self._length(votes, vote[1]) > 1 else None

    @staticmethod
    def _length(votes: World, voter: int) -> int:
        return sum(by == voter for _, by in votes)


def _points(edition: Counted) -> dict[int, tuple[int, int]]:
    """(supporters, points before they are rounded) of each candidate who is ranked."""
    return {each.candidate: (each.supporters, sum(each.explanation.circles or ())) for each in edition.ranking.entries}
