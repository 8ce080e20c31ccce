"""A year of editions by each method, small and large; every number that is said of them is counted again from the
ballots, in plain Python, by nothing that the ranking uses.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
import pytest

from recommendations.circles import History
from recommendations.explanation import Method
from recommendations.models import Edition, Entry
from recommendations.models.reading import Line, levels
from recommendations.ranking import Ranking, rank
from recommendations.tally import Ballots, Candidate
from recommendations.templatetags.counting import what_counted
from recommendations.templatetags.entries import why_here
from tests.recommendations.by_hand import two_digits

WEEKS, PLACES, REMEMBERED = 52, 10, 8
SENTENCE = re.compile(
    r"((?P<votes>\d+) votes? counted for them"
    r"(, worth about (?P<points>[\d,]+) points(: the more alike people vote, the less each adds)?)?\."
    r"|(?P<none>Only people they had recommended themselves voted for them\. Those votes do not count\.))"
    r"( Someone else has as many "
    r"((?P<lots>(votes|points and votes), so lots were drawn)"
    r"|(?P<more>points; the one with more votes comes first))\.)?"
)
SUMS = re.compile(
    r"(?P<counted>\d+) votes? counted\."
    r"( (?P<newcomer>\d+) votes? came from (a member|members) who joined [^.\d]*\.)?"
    r"( (?P<gone>\d+) votes? came from (someone|people) who (is|are) no longer [^.\d]*\.)?"
    r"( (?P<own>\d+) votes? (was|were) for the voters?'s? own profiles?, and did not count\.)?"
    r"( (?P<mutual>\d+) votes? (was|were) for (someone|people) who had recommended [^.\d]*\.)?"
)
REASONS = ("newcomer", "gone", "own", "mutual")


@dataclass
class Counted:
    """The votes for someone, counted by hand."""

    full: set[int]  # voters
    void: dict[str, set[int]]  # reason -> voters
    circles: int  # the sum of what each circle gives
    size: int  # the usual number of ballots

    def told(self, method: Method) -> int:
        """What is published of the score."""
        return two_digits(self.circles, self.size) if method == Method.CIRCLES else len(self.full)


def year(method: Method, people: int) -> Iterator[tuple[Ballots, Ranking]]:
    """Week by week: members who join and vote, some of whom are on the board; rests, and what is remembered."""
    draw = np.random.default_rng(people)
    profiles = np.arange(1000, 1030)
    owners = {int(profile): number // 2 for number, profile in enumerate(profiles[:28])}  # two handles each
    cohorts = {member: int(draw.integers(3)) for member in range(people)}
    joined = people
    past: list[dict[str, Any]] = []
    for week in range(WEEKS):
        newcomers = range(joined, joined := joined + 3)
        cohorts |= dict.fromkeys(newcomers, 100 + week)
        board = [int(each) for each in draw.choice(profiles, 16, replace=False)]
        voters = [member for member in range(joined) if draw.random() < 0.6 or member in newcomers]
        approvals = [
            (int(each), voter) for voter in voters for each in draw.choice(board, draw.integers(1, 6), replace=False)
        ]
        spoken = approvals[:: int(draw.integers(2, 5))]
        sizes = sorted(each["size"] for each in past[-4:])
        ballots = Ballots(
            candidates=[Candidate(each, f"uri:{each}", owners.get(each)) for each in board],
            approvals=approvals,
            seed=f"{week}",
            limit=PLACES,
            size=sizes[len(sizes) // 2] if sizes else 0,
            spoken=spoken,
            newcomers=list(newcomers),
            gone=[voter for voter in voters if draw.random() < 0.02],
            first_editions=week < 2,
            praised=[pair for each in past[-REMEMBERED:] for pair in each["praised"]],
            resting=[each for each in board if past and each in past[-1]["listed"] and each % 3 == 0],
            history=History(
                turnout=tuple(each["turnout"] for each in past[-REMEMBERED:]),
                backing=[pair for each in past[-REMEMBERED:] for pair in each["backing"]],
                cohorts=list(cohorts.items()),
            ),
        )
        ranking = rank(ballots, method=method)
        listed = {member for entry in ranking.entries for member in entry.members}
        past.append(
            {
                "size": len(set(voters)),
                "turnout": sorted(set(voters)),
                "listed": listed,
                "backing": [(voter, each) for each, voter in approvals if each in listed],
                "praised": [(voter, owners[each]) for each, voter in spoken if each in owners],
            }
        )
        yield ballots, ranking


def voices(history: History) -> dict[int, dict[Any, int]]:
    """Voter -> circle -> micro-voices, of everybody who has joined."""
    voted = Counter(int(voter) for turnout in history.turnout for voter in np.asarray(turnout))
    circles = defaultdict(set)
    for voter, account in history.backing:  # type: ignore[union-attr]
        circles[voter].add(account)
    found = {}
    for voter, cohort in history.cohorts:  # type: ignore[union-attr]
        quarters = min(4, voted[voter]) if circles[voter] else 0
        found[voter] = {account: 1_000_000 * quarters // (4 * len(circles[voter])) for account in circles[voter]}
        found[voter]["came in", cohort] = 62_500 * (4 - quarters) // 4
    return found


def counted(ballots: Ballots, members: Sequence[int], brought: dict[int, dict[Any, int]]) -> Counted:
    """The votes for the person with these handles."""
    whose = {each.id: each.owner for each in ballots.candidates}
    owner = whose[members[0]]
    theirs = {voter for candidate, voter in ballots.approvals if candidate in members}  # type: ignore[union-attr]
    recommended = {whose[candidate] for candidate, voter in ballots.spoken if voter == owner}  # type: ignore[union-attr]
    if ballots.size >= 100:
        recommended |= {voter for giver, voter in ballots.praised if giver == owner}  # type: ignore[union-attr]
    full: set[int] = set()
    void: dict[str, set[int]] = {reason: set() for reason in REASONS}
    together: Counter[Any] = Counter()
    for voter in theirs:
        if voter == owner:
            void["own"].add(voter)
        elif voter in ballots.newcomers and not ballots.first_editions:  # type: ignore[operator]
            void["newcomer"].add(voter)
        elif voter in ballots.gone:  # type: ignore[operator]
            void["gone"].add(voter)
        elif owner is not None and voter in recommended:
            void["mutual"].add(voter)
        else:
            full.add(voter)
            together.update(brought[voter])
    return Counted(full, void, sum(isqrt(each) for each in together.values()), ballots.size)


def whole(said: str | None) -> int:
    """A number as it is said; 0 where it is not."""
    return int(said.replace(",", "")) if said else 0


def check_sentence(said: str, by_hand: Counted, others: list[Counted], method: Method) -> None:
    found = SENTENCE.fullmatch(said)
    assert found, said
    assert whole(found["votes"]) == len(by_hand.full)
    assert bool(found["none"]) == (not by_hand.full)
    if by_hand.full:
        assert whole(found["points"]) == (by_hand.told(method) if method == Method.CIRCLES else 0)
    alike = [each for each in others if each.told(method) == by_hand.told(method)]
    level = any(len(each.full) == len(by_hand.full) for each in alike)
    assert (bool(found["lots"]), bool(found["more"])) == (level, bool(alike) and not level)


def check_edition(ranking: Ranking, everybody: list[Counted]) -> None:
    """What is said of all votes is what was counted for everyone on the board, listed or not; and of few, nothing."""
    said = what_counted(Edition(tally=ranking.votes.as_json()))
    found = SUMS.fullmatch(said)
    assert found, said
    assert whole(found["counted"]) == sum(len(each.full) for each in everybody)
    for reason in REASONS:
        voters = [voter for each in everybody for voter in each.void[reason]]
        assert whole(found[reason]) == (len(voters) if len(set(voters)) >= 3 else 0), reason


def people_on(ballots: Ballots) -> list[list[int]]:
    """Who is on the board, with all their handles."""
    found = defaultdict(list)
    for each in ballots.candidates:
        found["nobody's", each.id if each.owner is None else -1, each.owner].append(each.id)
    return list(found.values())


def lines_of(ranking: Ranking) -> list[Line]:
    rows = [
        Entry(pk=entry.rank, rank=entry.rank, computed_rank=entry.rank, explanation=entry.explanation.as_json())
        for entry in ranking.entries
    ]
    level = levels(rows)
    return [
        Line(entry.rank, shown=True, entry=row, quotes=[], explanation=entry.explanation, level=level.get(row.pk))
        for entry, row in zip(ranking.entries, rows, strict=True)
    ]


@pytest.mark.parametrize("people", [8, 40, 200])
@pytest.mark.parametrize("method", list(Method))
def test_every_number_that_is_said_of_a_year_is_right(method: Method, people: int) -> None:
    seen = Counter[str]()

    for ballots, ranking in year(method, people):
        brought = voices(ballots.history)
        listed = [counted(ballots, entry.members, brought) for entry in ranking.entries]
        for line, by_hand in zip(lines_of(ranking), listed, strict=True):
            (sentence,) = why_here(line)
            check_sentence(sentence, by_hand, [each for each in listed if each is not by_hand], method)
            seen["lots"] += "lots were drawn" in sentence
            seen["more"] += "more votes comes first" in sentence
            seen["entries"] += 1
        on_the_board = [counted(ballots, each, brought) for each in people_on(ballots)]
        check_edition(ranking, on_the_board)
        for reason in REASONS:
            seen[reason] += len({voter for each in on_the_board for voter in each.void[reason]}) >= 3

    assert seen["entries"] > 7 * WEEKS
    assert all(seen[reason] > 1 for reason in REASONS)
    assert seen["lots"] > WEEKS / 3
    assert (seen["more"] > 0) == (method == Method.CIRCLES)
