"""A community that means well: who is in it, whom they name each week, and how they vote.

Every number that was chosen for the model stands here. People have one of six tastes; nominees have a taste, too, and
a quality from a normal distribution. Whoever votes that week goes down the whole board (it is shuffled for each of
them) and approves, the likelier the better a nominee is and the closer to their taste: the best few by

    weight * quality + weight * (1 if of their taste) + noise (Gumbel's, so that this is Plackett and Luce's model).

Time is in weeks; week 0 opens the community's first board. Everything follows from the seed.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recommendations.rules import BALLOT_SIZE

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TASTES = (0.28, 0.22, 0.17, 0.14, 0.11, 0.08)  # how many people, and how many nominees, are of each
EAGER = 0.71  # of the nine approvals after the first, how many somebody gives: 7.4 in all
PICKY = 0.4  # and never more than this part of the board
SERVERS = 150  # servers and e-mail domains; the second has half as many people as the first, the third a third ...
YEAR = 52  # weeks before the first board in which its first members came
KNOWN = 1 / 3  # of the people who might be named, so many are members, and have proven their account
UNDESERVING = -1.5  # the quality of whoever is pushed: of a hundred nominees, 93 are better


@dataclass(frozen=True)
class Shape:
    """A community's size: its first members, how many people they might name, and how many a week they do.

    And its habits: how much quality and taste say to a voter; how often a member votes, as a Beta distribution (in
    three weeks of five; None: every week); and how many join each week, as a share of the first members.
    """

    members: int
    pool: int
    board: int
    quality: float = 1.15
    taste: float = 2.0
    diligence: tuple[float, float] | None = (2.0, 1.33)
    joining: float = 0.015


@dataclass(frozen=True)
class Community:
    """Members from 0 in the order of joining; people who might be named from 0, and after them a stranger."""

    shape: Shape
    seed: int
    weeks: int  # as long as members join

    def _dice(self, *of: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, *of])

    @property
    def stranger(self) -> int:
        """Somebody undeserving whom nobody named before: a candidate's id. Higher ids are puppets."""
        return self.shape.pool

    @property
    def everybody(self) -> int:
        """How many members there will have been. Higher ids are fakes."""
        return self.shape.members + self.weeks * self._joining

    @property
    def _joining(self) -> int:
        return round(self.shape.joining * self.shape.members)

    @cached_property
    def quality(self) -> Floats:
        """By person who might be named, the stranger last."""
        return np.append(self._dice(1).standard_normal(self.shape.pool), UNDESERVING)

    @cached_property
    def _tastes(self) -> tuple[Ints, Ints]:
        dice = self._dice(2)
        return (
            dice.choice(len(TASTES), self.everybody, p=TASTES),
            dice.choice(len(TASTES), self.shape.pool + 1, p=TASTES),
        )

    @cached_property
    def owner(self) -> Ints:
        """By person who might be named: which member that is, or -1."""
        dice = self._dice(3)
        known = min(round(KNOWN * self.shape.pool), self.shape.members)
        owner = np.full(self.shape.pool + 1, -1)
        owner[dice.permutation(self.shape.pool)[:known]] = dice.permutation(self.shape.members)[:known]
        return owner

    @cached_property
    def joined(self) -> Ints:
        """By member: the week in which they joined, after its board had opened."""
        first = np.sort(self._dice(4).integers(-YEAR, 0, self.shape.members))
        return np.concatenate([first, np.repeat(np.arange(self.weeks), self._joining)])

    @cached_property
    def server(self) -> Ints:
        """By member."""
        return self.servers(self.everybody)

    def servers(self, number: int) -> Ints:
        """Where so many people come from who were drawn from everywhere."""
        sizes = 1 / np.arange(1, SERVERS + 1)
        return self._dice(5).choice(SERVERS, number, p=sizes / sizes.sum())

    @cached_property
    def _diligence(self) -> Floats:
        often = self.shape.diligence
        return self._dice(6).beta(*often, self.everybody) if often else np.ones(self.everybody)

    @cached_property
    def _given(self) -> dict[tuple[int, bytes], Ints]:
        """Ballots that were asked for before: attacks are tried again and again on the same weeks."""
        return {}

    def named(self, week: int, resting: Ints) -> Ints:
        """Who is on the board: whoever is told that somebody rests names one other person, and leaves it at that."""
        thought_of = self._dice(7, week).permutation(self.shape.pool)
        first, then = np.split(thought_of, [self.shape.board])
        refused = np.isin(first, resting)
        others = then[: refused.sum()]
        return np.sort(np.concatenate([first[~refused], others[~np.isin(others, resting)]]))

    def voters(self, week: int) -> Ints:
        """Who votes that week."""
        comes = self._dice(8, week).random(self.everybody) < self._diligence
        return np.flatnonzero(comes & (self.joined <= week))

    def ballots(self, week: int, board: Ints) -> Ints:
        """(candidate, voter) of that week. Nobody sees themselves on the board."""
        asked = week, board.tobytes()
        if asked not in self._given:
            self._given[asked] = self._ballots(week, board)
        return self._given[asked]

    def _ballots(self, week: int, board: Ints) -> Ints:
        voters = self.voters(week)
        dice = self._dice(9, week)
        of_voter, of_nominee = self._tastes
        moods = dice.random((len(voters), self.shape.pool + 1))[
            :, board
        ]  # drawn for everybody who might stand, so that
        likes = -np.log(-np.log(moods)) + self.shape.quality * self.quality[board]  # an attack changes nobody's mind
        likes += self.shape.taste * (of_voter[voters][:, None] == of_nominee[board])
        likes[voters[:, None] == self.owner[board]] = -np.inf
        most = min(BALLOT_SIZE, int(np.ceil(PICKY * len(board))))
        many = np.minimum(1 + dice.binomial(BALLOT_SIZE - 1, EAGER, len(voters)), most)
        best = np.argsort(-likes, axis=1)[:, :most]
        given = np.arange(most) < many[:, None]
        return np.column_stack([board[best[given]], np.repeat(voters, many)])
