"""Editions of a generated community, and of each what is public: what an attacker reads of it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.ranking.weeks import PLACES, Past, Week, hold
from benchmarks.ranking.world import Community, Ints, Shape
from recommendations.circles import LISTED, History, enough_to_found
from recommendations.explanation import Method
from recommendations.ranking import Ranking, rank
from recommendations.rules import HISTORY_EDITIONS
from recommendations.tally import Ballots, tally_of

ATTACKERS = 3  # ballots that the attacker owns, the first of the community's


@dataclass(frozen=True)
class Counted:
    """One closed edition: its board with all votes, and how it was ranked."""

    ballots: Ballots
    method: Method
    ranking: Ranking

    @property
    def votes(self) -> frozenset[tuple[int, int]]:
        """(candidate, voter) of every vote."""
        return frozenset(map(tuple, np.asarray(self.ballots.approvals).tolist()))

    @property
    def spoken(self) -> frozenset[tuple[int, int]]:
        """(candidate, voter) of the votes whose reason everyone can read."""
        return frozenset(map(tuple, np.asarray(self.ballots.spoken).tolist()))

    @property
    def secret(self) -> frozenset[tuple[int, int]]:
        """The votes that nobody but the voter is to know; the attacker's own are no secret to the attacker."""
        return frozenset(vote for vote in self.votes - self.spoken if vote[1] >= ATTACKERS)

    def public(self) -> Any:
        """What the edition publishes (views/ballots.py), here for comparing."""
        listed = self.ranking.entries[:PLACES]
        return (
            self.ranking.ballots,
            self.ranking.votes.told(),
            tuple((each.candidate, tuple(each.explanation.told().items())) for each in listed),
        )


Editions = tuple[Counted, ...]


def generate(shape: Shape, method: Method, seed: int, weeks: int) -> Editions:
    """Hold so many editions of a community by one method, by the product's own rules and code."""
    community, past, counted = Community(shape, seed, weeks), (), []

    def ranked(week: Week) -> tuple[Ints, Ints]:
        counted.append(_counted(week.ballots, method))
        entries = counted[-1].ranking.entries
        return np.array([each.candidate for each in entries]), np.array([each.supporters for each in entries])

    held: Past = past
    for _ in range(weeks):
        held += (hold(community, held, ranked),)
    return tuple(counted)


def with_votes(editions: Editions, at: int, votes: frozenset[tuple[int, int]]) -> "list[Counted]":
    """Return the edition `at` and those after it that remember it, as they would be had these been its votes.

    Stops early, with what there is, as soon as something public differs: such a world is not the attacker's.
    """
    found = [*editions[:at]]
    for number in range(at, min(len(editions), at + HISTORY_EDITIONS + 1)):
        was = editions[number]
        approvals = np.array(sorted(votes if number == at else was.votes), dtype=np.int64)
        ballots = replace(was.ballots, approvals=approvals)
        if number > at:
            ballots = replace(ballots, history=_history(found, was.ballots.history))
        found.append(_counted(ballots, was.method))
        if found[-1].public() != was.public():
            break
    return found[at:]


def _history(before: list[Counted], was: History) -> History:
    last = before[-HISTORY_EDITIONS:]
    backing = []
    for each in last:
        approvals, entries = np.asarray(each.ballots.approvals), each.ranking.entries[:LISTED]
        supporters = np.array([entry.supporters for entry in entries], dtype=np.int64)
        enough = supporters >= enough_to_found(supporters, each.ranking.ballots)
        founders = [entry.candidate for entry, founds in zip(entries, enough, strict=True) if founds]
        backing.append(approvals[np.isin(approvals[:, 0], founders)][:, ::-1])
    turnout = tuple(np.asarray(each.ballots.approvals)[:, 1] for each in last)
    return replace(was, turnout=turnout, backing=np.concatenate(backing))


def _counted(ballots: Ballots, method: Method) -> Counted:
    return Counted(ballots, method, rank(ballots, method=method))


def may_count(edition: Counted, voters: Ints) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """candidates x voters: whether a vote would count. It hangs on nothing secret, so the attacker knows it."""
    ids = [each.id for each in edition.ballots.candidates]  # type: ignore[union-attr]
    found = np.zeros((len(ids), len(voters)), dtype=bool)
    for row, candidate in enumerate(ids):
        asked = replace(edition.ballots, approvals=np.column_stack([np.full(len(voters), candidate), voters]))
        counts = tally_of(asked)
        person = counts.person_of[row]
        inside = slice(counts.votes.indptr[person], counts.votes.indptr[person + 1])
        found[row, np.searchsorted(voters, counts.voters[counts.votes.indices[inside]])] = True
    return found
