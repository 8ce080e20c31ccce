"""How somebody undeserving might be pushed into the list. Each attack is told as whoever pays for it would plan it.

An attack has so many fakes, from these servers; they join in the week before those in which they act, except where it
is said. In the week that counts they vote for the stranger. Where an attack has weeks to prepare, they pass the time
by ballots that look like anybody's.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.ranking.weeks import CLOSING, Crowd
from benchmarks.ranking.world import SERVERS, Community, Floats, Ints
from recommendations.circles import LISTED, LISTED_PERCENT
from recommendations.rules import BALLOT_SIZE, HISTORY_EDITIONS

FAVOURITES = 50  # for which camouflage votes: whoever may be listed
Servers = Callable[[Community, int], Ints]
Ballots = Callable[[Community, int, int, Ints], Ints]  # community, number of fakes, week, board -> (candidate, fake)


def one_server(_: Community, number: int) -> Ints:
    """A server of their own."""
    return np.full(number, SERVERS)


def twenty_servers(_: Community, number: int) -> Ints:
    """Twenty, as many on each."""
    return SERVERS + np.arange(number) % 20


def own_domains(_: Community, number: int) -> Ints:
    """A domain for every fake."""
    return SERVERS + np.arange(number)


def everywhere(community: Community, number: int) -> Ints:
    """The servers honest people come from, too."""
    return community.servers(number)


def straight(community: Community, number: int, week: int, board: Ints) -> Ints:
    """The stranger, and nobody else."""
    return np.column_stack([np.full(number, community.stranger), np.arange(number)])


def beside_favourites(community: Community, number: int, week: int, board: Ints) -> Ints:
    """The stranger, and the nine whom everybody votes for."""
    favourites = _favourites(community, board)[: BALLOT_SIZE - 1]
    return _all_vote_for(np.append(favourites, community.stranger), number)


def in_lock_step(community: Community, number: int, week: int, board: Ints) -> Ints:
    """All as one honest member does, another one each week."""
    honest = community.ballots(week, board[board <= community.stranger])
    voters = community.voters(week)
    return _all_vote_for(honest[honest[:, 1] == _dice(community, week).choice(voters), 0], number)


def in_lock_step_to_the_end(community: Community, number: int, week: int, board: Ints) -> Ints:
    """The same, with the stranger among the ten: nobody sees a week that is unlike the others."""
    usual = in_lock_step(community, 1, week, board)[: BALLOT_SIZE - 1, 0]
    return _all_vote_for(np.union1d(usual, community.stranger), number)


def in_clever_lock_step(community: Community, number: int, week: int, board: Ints) -> Ints:
    """The same ten of the favourites for all."""
    favourites = _favourites(community, board)[:FAVOURITES]
    return _all_vote_for(_dice(community, week).permutation(favourites)[:BALLOT_SIZE], number)


def each_their_own(community: Community, number: int, week: int, board: Ints) -> Ints:
    """Each fake ten of the favourites, drawn for itself."""
    favourites = _favourites(community, board)[:FAVOURITES]
    drawn = np.argsort(_dice(community, week).random((number, len(favourites))), axis=1)[:, :BALLOT_SIZE]
    return np.column_stack([favourites[drawn].ravel(), np.repeat(np.arange(number), drawn.shape[1])])


def for_puppets(community: Community, number: int, week: int, board: Ints) -> Ints:
    """Each fake ten of the puppets that they named, so that every puppet has as many supporters."""
    puppets = board[board > community.stranger]
    if not len(puppets):
        return np.empty((0, 2), dtype=np.int64)
    order = _dice(community, week).permutation(number)
    many = min(BALLOT_SIZE, len(puppets))
    chosen = (order[:, None] * many + np.arange(many)) % len(puppets)
    return np.column_stack([puppets[chosen].ravel(), np.repeat(np.arange(number), many)])


def for_nobody(community: Community, number: int, week: int, board: Ints) -> Ints:
    """One vote each, for somebody who will not be listed: there are only more ballots, of which others need a share."""
    hopeless = _favourites(community, board)[-FAVOURITES:]
    return np.column_stack([hopeless[np.arange(number) % len(hopeless)], np.arange(number)])


@dataclass(frozen=True)
class Attack:
    """What is done, in words; from where; what is done in the weeks before, and in the week that counts."""

    name: str
    servers: Servers
    before: Ballots | None = None  # for HISTORY_EDITIONS weeks
    then: Ballots = straight
    puppets: bool = False
    late: bool = False  # they join after the board has opened

    @property
    def weeks(self) -> int:
        """How many they vote in before the one that counts."""
        return HISTORY_EDITIONS if self.before else 0

    def crowd(self, community: Community, number: int, at: int, *, clocked: bool) -> Crowd:
        """So many fakes, ready to push the stranger in week `at`."""

        def ballots(week: int, board: Ints) -> Ints:
            acts = self.then if week == at or self.before is None else self.before
            return acts(community, number, week, board) + np.array([0, community.everybody])

        def names(week: int) -> Ints:
            if week == at:
                return np.array([community.stranger])
            many = _puppets(community, number) if self.puppets else 0
            return community.stranger + 1 + week * LISTED + np.arange(many)

        return Crowd(
            names,
            ballots,
            servers=self.servers(community, number),
            joined=at - self.weeks - (0 if self.late else 1),
            hour=CLOSING - 1 if clocked else 0,
        )


ATTACKS = (
    Attack("fresh fakes on one server", one_server),
    Attack("fresh fakes on 20 servers", twenty_servers),
    Attack("fresh fakes, a domain for each", own_domains),
    Attack("camouflage that week, 20 servers", twenty_servers, then=beside_favourites),
    Attack("lock-step, 8 weeks", own_domains, before=in_lock_step),
    Attack("lock-step to the end, 8 weeks", own_domains, before=in_lock_step, then=in_lock_step_to_the_end),
    Attack("lock-step for favourites, 8 weeks", own_domains, before=in_clever_lock_step),
    Attack("circles of their own, 8 weeks", own_domains, before=for_puppets, puppets=True),
    Attack("more ballots, 8 weeks, 20 servers", twenty_servers, before=for_nobody),
    Attack("camouflage of each its own, 8 weeks", own_domains, before=each_their_own),
    Attack("a brigade, before the board opens", everywhere),
    Attack("a brigade, once it is open", everywhere, late=True),
)


def _puppets(community: Community, number: int) -> int:
    """How many puppets so many fakes can bring over the share of honest ballots that founds a circle."""
    honest = community.everybody * 2 // 3
    return min(LISTED, BALLOT_SIZE * number // (honest * LISTED_PERCENT // 100 + 1))


def _favourites(community: Community, board: Ints) -> Ints:
    """Whoever is on the board on their merits, the best first: fakes are good at guessing."""
    known = board[board < community.stranger]
    merits: Floats = community.quality[known]
    return known[np.argsort(-merits)]


def _all_vote_for(candidates: Ints, number: int) -> Ints:
    return np.column_stack([np.tile(candidates, number), np.repeat(np.arange(number), len(candidates))])


def _dice(community: Community, week: int) -> np.random.Generator:
    return np.random.default_rng([community.seed, 30, week])
