"""Method `count`: which secret votes follow with certainty from what one edition publishes, by an integer solver.

Unknown is, for each voter and candidate, whether there was a vote. Every public figure is a constraint. A vote is
certain if no solution is without it. Editions do not depend on one another here beyond what is public of them, so each
is solved by itself.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, lil_array

from benchmarks.privacy.editions import ATTACKERS, Counted, may_count
from benchmarks.ranking.weeks import PLACES
from recommendations.rules import BALLOT_SIZE

Vote = tuple[int, int]


@dataclass
class Puzzle:
    """One edition as the attacker has it before them."""

    candidates: list[int]
    voters: list[int]
    constraints: LinearConstraint
    lower: "np.ndarray[Any, Any]"  # of each unknown: 1 where the vote is known
    upper: "np.ndarray[Any, Any]"
    truth: "np.ndarray[Any, Any]"
    secret: list[int]  # the unknowns that are secret votes in truth


def puzzle(edition: Counted, voters: list[int]) -> Puzzle:
    """Put the question. `voters`: everyone who could have voted, as the attacker knows the members."""
    candidates = [each.id for each in edition.ballots.candidates]  # type: ignore[union-attr]
    counts = may_count(edition, np.array(voters))
    size, many = len(candidates) * len(voters), len(voters)
    at = {(c, v): row * many + column for row, c in enumerate(candidates) for column, v in enumerate(voters)}
    rows: list[dict[int, float]] = []
    least: list[float] = []
    most: list[float] = []

    def require(terms: dict[int, float], low: float, high: float) -> None:
        rows.append(terms)
        least.append(low)
        most.append(high)

    # Whether someone voted at all is an unknown of its own, behind the votes.
    for column in range(many):
        ballot = {row * many + column: 1.0 for row in range(len(candidates))}
        require(ballot | {size + column: -float(BALLOT_SIZE)}, -np.inf, 0)
        require(ballot | {size + column: -1.0}, 0, np.inf)
    require({size + column: 1.0 for column in range(many)}, edition.ranking.ballots, edition.ranking.ballots)

    def supporters(row: int) -> dict[int, float]:
        return {row * many + column: 1.0 for column in range(many) if counts[row, column]}

    listed = edition.ranking.entries[:PLACES]
    for entry in listed:
        require(supporters(candidates.index(entry.candidate)), entry.supporters, entry.supporters)
    told = edition.ranking.votes.told()
    everything: dict[int, float] = {}
    for row in range(len(candidates)):
        everything |= supporters(row)
    require(everything, told["counted"], told["counted"])
    if len(listed) == PLACES:
        resting = set(np.asarray(edition.ballots.resting).tolist())
        on_the_list = {entry.candidate for entry in listed}
        for row, candidate in enumerate(candidates):
            if candidate not in on_the_list | resting:
                require(supporters(row), 0, listed[-1].supporters)
    truth, lower, upper = np.zeros(size + many), np.zeros(size + many), np.ones(size + many)
    for vote in edition.votes:
        truth[at[vote]] = 1
        truth[size + voters.index(vote[1])] = 1
    for vote in edition.spoken:
        lower[at[vote]] = 1
    mine = [at[c, v] for c in candidates for v in voters if v < ATTACKERS]
    lower[mine] = upper[mine] = truth[mine]
    matrix = lil_array((len(rows), size + many))
    for number, terms in enumerate(rows):
        for column, factor in terms.items():
            matrix[number, column] = factor
    constraints = LinearConstraint(csr_array(matrix), least, most)
    return Puzzle(candidates, voters, constraints, lower, upper, truth, [at[each] for each in edition.secret])


def certain(asked: Puzzle) -> list[Vote]:
    """Return the secret votes, as (candidate, voter), without which there is no solution."""
    left = set(asked.secret)
    many = len(asked.voters)
    while left:
        goal = np.zeros(len(asked.lower))
        goal[list(left)] = 1
        solved = milp(goal, constraints=asked.constraints, integrality=np.ones(len(goal)),
                      bounds=Bounds(asked.lower, asked.upper), options={"mip_rel_gap": 0.2})  # fmt: skip
        assert solved.success, solved.message
        without = {each for each in left if solved.x[each] < 0.5}
        if without:
            left -= without
            continue
        # None of those that are left can be missing together with the others; is one of them alone?
        alone = [each for each in left if _possible_without(asked, each)]
        left -= set(alone)
        if not alone:
            break
    return sorted((asked.candidates[each // many], asked.voters[each % many]) for each in left)


def _possible_without(asked: Puzzle, vote: int) -> bool:
    upper = asked.upper.copy()
    upper[vote] = 0
    solved = milp(np.zeros(len(upper)), constraints=asked.constraints, integrality=np.ones(len(upper)),
                  bounds=Bounds(asked.lower, upper))  # fmt: skip
    return bool(solved.success)


def unanimous(edition: Counted, voters: list[int]) -> set[int]:
    """Candidates for whom everyone but the attacker voted whose vote would count: there is no hiding that."""
    counts = may_count(edition, np.array(voters))
    ids = [each.id for each in edition.ballots.candidates]  # type: ignore[union-attr]
    found = set()
    for row, candidate in enumerate(ids):
        could = {voter for column, voter in enumerate(voters) if counts[row, column] and voter >= ATTACKERS}
        if could and all((candidate, voter) in edition.votes for voter in could):
            found.add(candidate)
    return found
