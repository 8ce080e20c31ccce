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

WEEKS, PLACES, REMEMBERED = 52, 10, 8
SENTENCE = re.compile(
    r"(?P<voted>\d+) (person|people) voted for them"
    r"(, and (the|every) vote counted"
    r"|; (?P<half>\d+) of the votes counted by half"
    r"|; (?P<valid>\d+) of the votes counted(, in full or by half)?)\."
    r"( They span (?P<circles>\d+) circles? of voters who [^\d]*\.)?"
)
SUMS = re.compile(
    r"((?P<full>\d+) votes? counted(?P<in_full> in full)?\. )?"
    r"((?P<half>\d+) votes? counted by half, because [^.\d]*\. )?"
    r"((?P<newcomer>\d+) votes? came from [^.\d]*\. )?"
    r"(Their (?P<own>own) vote did not count\. )?"
    r"((?P<self>\d+) votes? (was|were) for the voters?'s? own profiles?, and did not count\. )?"
    r"((?P<mutual>\d+) votes? (did not count|was for|were for)[^.\d]*\. )?"
    r"(Each circle gives 1,000 × √\(its voices for them\): (?P<added>[\d, +]+\d)"
    r"(, and (?P<others>\d+) more together (?P<rest>[\d,]+))?\. )?"
    r"(That makes (?P<points>[\d.,]+) points?\.)?"
    r"( Somebody else has as many points"
    r"((?P<lots> and counted votes, so lots were drawn)|(?P<votes>; more counted votes come first))\.)?"
)


@dataclass
class Counted:
    """The votes for somebody, counted by hand."""

    full: int
    half: int
    newcomer: int
    own: int
    mutual: int
    circles: list[int]  # the most first

    @property
    def voted(self) -> int:
        return self.full + self.half + self.newcomer + self.own + self.mutual

    def points(self, method: Method) -> float:
        return sum(self.circles) if method == Method.CIRCLES else self.full + self.half / 2


def year(method: Method, people: int) -> Iterator[tuple[Ballots, Ranking]]:
    """Week by week: members who join and vote, some of whom are on the board; rests, and what is remembered."""
    draw = np.random.default_rng(people)
    profiles = np.arange(1000, 1030)
    owners = {int(profile): number // 2 for number, profile in enumerate(profiles[:14])}  # two handles each
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
        sizes = sorted(each["size"] for each in past[-4:])
        ballots = Ballots(
            candidates=[Candidate(each, f"uri:{each}", owners.get(each)) for each in board],
            approvals=approvals,
            seed=f"{week}",
            limit=PLACES,
            size=sizes[len(sizes) // 2] if sizes else 0,
            newcomers=list(newcomers),
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
                "praised": [(voter, owners[each]) for each, voter in approvals if each in owners],
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
    """The votes for whoever has these handles."""
    whose = {each.id: each.owner for each in ballots.candidates}
    owner = whose[members[0]]
    theirs = {voter for candidate, voter in ballots.approvals if candidate in members}  # type: ignore[union-attr]
    praised_now = {whose[candidate] for candidate, voter in ballots.approvals if voter == owner}  # type: ignore[union-attr]
    praised_lately = {voter for giver, voter in ballots.praised if giver == owner}  # type: ignore[union-attr]
    sums: Counter[str] = Counter()
    together: Counter[Any] = Counter()
    for voter in theirs:
        if voter == owner:
            sums["own"] += 1
        elif voter in ballots.newcomers and not ballots.first_editions:  # type: ignore[operator]
            sums["newcomer"] += 1
        elif owner is not None and ballots.size >= 100 and voter in praised_now | praised_lately:
            sums["mutual"] += 1
        else:
            by_half = owner is not None and voter in praised_now
            sums["half" if by_half else "full"] += 1
            for circle, voice in brought[voter].items():
                together[circle] += voice if by_half else 2 * voice
    roots = sorted((isqrt(each // 2) for each in together.values()), reverse=True)
    names = ("full", "half", "newcomer", "own", "mutual")
    return Counted(**{name: sums[name] for name in names}, circles=[root for root in roots if root])


def whole(said: str | None) -> int:
    """A number as it is said; 0 where it is not."""
    return int(said.replace(",", "")) if said else 0


def check_sentence(said: str, by_hand: Counted, method: Method) -> None:
    found = SENTENCE.fullmatch(said)
    assert found, said
    assert whole(found["voted"]) == by_hand.voted
    valid = by_hand.full + by_hand.half
    if found["valid"]:
        assert (whole(found["valid"]), "in full or by half" in said) == (valid, by_hand.half > 0)
    else:
        assert valid == by_hand.voted
        assert whole(found["half"]) == by_hand.half
    assert whole(found["circles"]) == (len(by_hand.circles) if method == Method.CIRCLES else 0)


def check_sums(said: str, by_hand: Counted, method: Method) -> None:
    found = SUMS.fullmatch(said)
    assert found, said
    if by_hand.half:
        assert (whole(found["full"]), bool(found["in_full"])) == (by_hand.full, True)
    else:
        assert found["full"] is None  # the sentence has said it
    assert whole(found["half"]) == by_hand.half
    assert whole(found["newcomer"]) == by_hand.newcomer
    assert bool(found["own"]) == (by_hand.own == 1)
    assert whole(found["mutual"]) == by_hand.mutual
    if method == Method.COUNT:
        assert found["added"] is None
        assert float(found["points"]) == by_hand.full + by_hand.half / 2
        return
    added = [whole(each) for each in found["added"].split(" + ")]
    assert added == by_hand.circles[: len(added)]
    assert whole(found["others"]) == len(by_hand.circles) - len(added)
    assert whole(found["rest"]) == sum(by_hand.circles[len(added) :])
    assert whole(found["points"]) == sum(by_hand.circles)


def check_level(said: str, by_hand: Counted, others: list[Counted], method: Method) -> None:
    """Whether somebody else on the list has as many points; and as many people, so that nothing but lots is left."""
    found = SUMS.fullmatch(said)
    assert found, said
    alike = [each for each in others if each.points(method) == by_hand.points(method)]
    level = any(each.full + each.half == by_hand.full + by_hand.half for each in alike)
    assert (bool(found["lots"]), bool(found["votes"])) == (level, bool(alike) and not level)


def check_edition(ranking: Ranking, everybody: list[Counted]) -> None:
    """What is said of all votes is what was counted for everybody on the board, listed or not."""
    said = what_counted(Edition(tally=ranking.votes.as_json()))
    sums = {name: sum(getattr(each, name) for each in everybody) for name in ("full", "half", "newcomer", "mutual")}
    own = sum(each.own for each in everybody)
    if sum(sums.values()) + own == sums["full"]:
        assert said == "Every vote counted."
        return
    found = SUMS.fullmatch(f"{said} ")
    assert found, said
    assert {name: whole(found[name]) for name in sums} == sums
    assert bool(found["in_full"]) == (sums["half"] > 0)
    assert whole(found["self"]) == own


def people_on(ballots: Ballots) -> list[list[int]]:
    """Who is on the board, with all their handles."""
    found = defaultdict(list)
    for each in ballots.candidates:
        found["nobody's", each.id if each.owner is None else -1, each.owner].append(each.id)
    return list(found.values())


def lines_of(ranking: Ranking) -> list[Line]:
    rows = [
        Entry(pk=entry.rank, rank=entry.rank, computed_rank=entry.rank, score=entry.score, supporters=entry.supporters)
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
            sentence, sums = why_here(line)
            check_sentence(sentence, by_hand, method)
            check_sums(sums, by_hand, method)
            check_level(sums, by_hand, [each for each in listed if each is not by_hand], method)
            seen += Counter(name for name in ("half", "newcomer", "own", "mutual") if getattr(by_hand, name))
            seen["all"] += by_hand.full == by_hand.voted
            seen["summed up"] += " more together " in sums
            seen["lots"] += "lots were drawn" in sums
            seen["votes"] += "more counted votes" in sums
            seen["entries"] += 1
        check_edition(ranking, [counted(ballots, each, brought) for each in people_on(ballots)])

    assert seen["entries"] > 7 * WEEKS
    assert {"newcomer", "own", "all"} <= set(seen)
    assert seen["mutual" if people > 100 else "half"] > 9
    assert (seen["summed up"] > WEEKS) == (method == Method.CIRCLES)
    assert (seen["lots"] > WEEKS) == (method == Method.COUNT)
    assert seen["votes"] >= (method == Method.COUNT and people < 100)  # half votes make as many points of more people
