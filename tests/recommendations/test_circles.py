"""Method `circles`, and what must hold for every board by either method."""

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from recommendations.circles import History, distinct, enough_to_found, places, roots
from recommendations.explanation import Explanation, Method, rounded
from recommendations.ranking import Ranking, rank
from recommendations.rules import BALLOT_SIZE
from recommendations.tally import Ballots, Candidate
from tests.recommendations.by_hand import explained, random_board, rank_by_hand, with_vote

CASES = 5_000  # boards, each by both methods
POET, PAINTER = 101, 102
LONG_AGO = tuple(range(1, 9))  # who has voted in all the last editions


def board(*approvals: tuple[int, int], **history: object) -> Ballots:
    """The poet, the painter, and who approved whom."""
    candidates = [Candidate(each, f"uri:{each}") for each in (POET, PAINTER)]
    return Ballots(candidates, approvals, seed="seed", limit=2, history=History(**history))  # type: ignore[arg-type]


def why(ranking: Ranking, candidate: int) -> Explanation:
    return next(each.explanation for each in ranking.entries if each.candidate == candidate)


def circles(ballots: Ballots) -> Ranking:
    return rank(ballots, method=Method.CIRCLES)


def test_a_whole_voice_in_one_circle_makes_a_thousand_points() -> None:
    ranking = circles(board((POET, 1), turnout=(LONG_AGO,) * 4, backing=[(1, 901)]))

    assert why(ranking, POET) == Explanation(1, 1, 0, {}, circles=(1000,), rounded=1000)


def test_a_voice_is_split_evenly_over_its_circles() -> None:
    ranking = circles(board((POET, 1), turnout=(LONG_AGO,) * 4, backing=[(1, each) for each in range(901, 905)]))

    assert why(ranking, POET).circles == (500, 500, 500, 500)


def test_four_who_always_vote_alike_weigh_less_than_four_who_do_not() -> None:
    alike = [(voter, 901) for voter in (1, 2, 3, 4)]
    apart = [(voter, 900 + voter) for voter in (5, 6, 7, 8)]
    votes = [(POET, voter) for voter in (1, 2, 3, 4)] + [(PAINTER, voter) for voter in (5, 6, 7, 8)]

    ranking = circles(board(*votes, turnout=(LONG_AGO,) * 4, backing=[*alike, *apart]))

    assert [each.candidate for each in ranking.entries] == [PAINTER, POET]
    assert why(ranking, POET).circles == (2000,)
    assert why(ranking, PAINTER).circles == (1000,) * 4


@pytest.mark.parametrize(
    ("editions", "expected"),
    # s = r / 4; the rest of 1/16 of a voice stays in the newcomers' circle: sqrt(s * 10^6) and sqrt((1 - s) * 62,500)
    [(0, (250,)), (1, (500, 216)), (2, (707, 176)), (3, (866, 125)), (4, (1000,)), (8, (1000,))],
)
def test_a_voice_grows_with_the_editions_one_voted_in(editions: int, expected: tuple[int, ...]) -> None:
    ranking = circles(board((POET, 1), turnout=(LONG_AGO,) * editions, backing=[(1, 901)] if editions else []))

    assert why(ranking, POET).circles == expected


def test_who_approved_nobody_that_was_listed_stays_a_newcomer() -> None:
    ranking = circles(board((POET, 1), turnout=(LONG_AGO,) * 8))

    assert why(ranking, POET).circles == (250,)


def test_newcomers_of_one_server_and_week_share_a_circle() -> None:
    votes = [(POET, voter) for voter in range(1, 17)] + [(PAINTER, voter) for voter in range(21, 37)]
    together = [(voter, 1) for voter in range(1, 17)]
    apart = [(voter, voter) for voter in range(21, 37)]

    ranking = circles(board(*votes, cohorts=[*together, *apart]))

    assert why(ranking, POET).circles == (1000,)  # sixteen sixteenths of a voice
    assert why(ranking, PAINTER).circles == (250,) * 16


def test_of_whom_nothing_is_known_share_a_circle_that_is_nobody_elses() -> None:
    votes = [(POET, voter) for voter in (1, 2, 3, 4, 5)]

    ranking = circles(board(*votes, cohorts=[(1, 0), (2, 1)]))

    assert why(ranking, POET).circles == (433, 250, 250)


def test_the_same_account_listed_twice_is_one_circle() -> None:
    ranking = circles(board((POET, 1), turnout=(LONG_AGO,) * 4, backing=[(1, 901), (1, 901), (1, 902)]))

    assert why(ranking, POET).circles == (707, 707)


@pytest.mark.parametrize(("size", "told"), [(100, 4800), (99, 5000)])
def test_places_go_by_the_points_that_are_published_so_the_order_tells_nothing_more(size: int, told: int) -> None:
    apart = [(voter, 900 + voter) for voter in range(1, 9)]
    votes = [*((POET, voter) for voter in (1, 2, 3, 4)), *((PAINTER, voter) for voter in (5, 6, 7))]
    a_little_more = [(1, 990), (2, 991)]  # two voices split over two circles each

    given = board(*votes, turnout=(LONG_AGO,) * 4, backing=[*apart, *a_little_more])
    ranking = circles(replace(given, size=size))

    assert [(each.candidate, each.score, sum(each.explanation.circles or ())) for each in ranking.entries] == [
        (POET, told, 4828),
        (PAINTER, 3000, 3000),
    ]


@pytest.mark.parametrize(
    ("points", "fine", "coarse"),
    [(0, 0, 0), (7, 7, 7), (99, 99, 99), (104, 100, 100), (105, 110, 100), (994, 990, 1000), (36_176, 36_000, 35_000)],
)
def test_points_are_rounded_to_two_digits_and_where_few_vote_to_fives(points: int, fine: int, coarse: int) -> None:
    assert (rounded(points, coarse=False), rounded(points, coarse=True)) == (fine, coarse)


def test_who_supports_somebody_is_counted_as_new_and_as_alike_for_the_curator() -> None:
    votes = [(POET, voter) for voter in (1, 2, 3, 21, 22)]
    cohorts = [(1, 5), (2, 6), (3, 7), (21, 8), (22, 8)]

    hints = why(rank(board(*votes, turnout=((1, 2, 3),), cohorts=cohorts)), POET)

    assert (hints.new, hints.alike) == (2, 2)  # 21 and 22
    assert hints.told() == {"supporters": 5}


def test_who_has_a_history_or_came_from_nowhere_did_not_come_in_together() -> None:
    votes = [(POET, voter) for voter in range(1, 7)]

    hints = why(rank(board(*votes, turnout=((1, 2, 3),) * 4, cohorts=[(each, 5) for each in (1, 2, 3, 4)])), POET)

    assert hints.alike == 1  # 4; 1 to 3 have a whole voice, of 5 and 6 nothing is known


def test_without_any_history_nobody_is_called_new() -> None:
    hints = why(rank(board((POET, 1), (POET, 2))), POET)

    assert (hints.new, hints.alike) == (0, 0)


@pytest.mark.parametrize(
    ("supporters", "ballots", "enough"),
    [
        ([200, 150, 130, 120, 100], 1_200, 60),  # one ballot in twenty
        ([200, 150, 130, 120, 100], 1_201, 61),
        ([200, 150, 130, 120, 100], 40_000, 65),  # but half of what the one in the middle has
        ([200, 150, 130, 120], 40_000, 75),  # of two in the middle the better one
        ([160, 56, 33, 20, 15], 1_200, 17),  # where people vote for one or two: half of 33, rounded up
        ([9, 8, 7], 20, 5),  # never fewer than five
        ([], 0, 5),
    ],
)
def test_who_founds_a_circle(supporters: list[int], ballots: int, enough: int) -> None:
    assert enough_to_found(np.array(supporters, dtype=np.int64), ballots) == enough


def test_roots_are_exact_up_to_four_thousand_million_voices() -> None:
    whole = np.array([0, 1, 2, 94_906_265, 3_037_000], dtype=np.int64)
    around = np.concatenate([whole * whole + step for step in (-1, 0, 1)])
    around = around[(around >= 0) & (around < 2**52)]

    found = roots(around)

    assert (found * found <= around).all()
    assert ((found + 1) * (found + 1) > around).all()


def test_places_and_distinct_of_nothing_are_nothing() -> None:
    nothing = np.array([], dtype=np.int64)

    assert distinct(nothing).tolist() == []
    assert places(nothing, nothing).tolist() == []
    assert places(np.array([4, 5]), nothing).tolist() == [-1, -1]
    assert places(np.array([4, 5, 9]), distinct(np.array([9, 4, 4]))).tolist() == [0, -1, 1]


def cases() -> Iterator[tuple[random.Random, Ballots, Method]]:
    """CASES boards by each method; what is drawn for one does not depend on another."""
    for number in range(CASES):
        for method in Method:
            draw = random.Random(f"{method} {number}")
            yield draw, random_board(draw), method


@pytest.mark.long
def test_on_ten_thousand_boards_the_rules_hold() -> None:
    seen = 0
    for draw, ballots, method in cases():
        ranking = rank(ballots, method=method)
        by_hand = rank_by_hand(ballots, method)
        assert [(each.candidate, each.members, each.score) for each in ranking.entries] == [
            (each.candidate, each.members, each.score) for each in by_hand
        ]
        assert [explained(each.explanation) for each in ranking.entries] == [
            (each.voted, each.supporters, each.void, each.circles) for each in by_hand
        ]
        assert rank(_shuffled(ballots, draw), method=method) == ranking
        seen += _a_valid_vote_helps_and_harms_nobody(draw, ballots, method)
    assert seen > CASES  # more than half of the boards had room for one


def _shuffled(ballots: Ballots, draw: random.Random) -> Ballots:
    """The same in another order, with a vote given twice."""
    candidates, approvals = list(ballots.candidates), list(ballots.approvals)  # type: ignore[arg-type]
    approvals += approvals[:1]
    draw.shuffle(candidates)
    draw.shuffle(approvals)
    return replace(ballots, candidates=candidates, approvals=approvals)


def _a_valid_vote_helps_and_harms_nobody(draw: random.Random, ballots: Ballots, method: Method) -> bool:
    """A valid vote never lowers its target's score or rank, and changes no other score. False: there is no such vote.

    A vote without a reason can void no other: only those who were recommended by the target cast none here.
    """
    owners = {each.id: each.owner for each in ballots.candidates}
    given = {(int(candidate), int(voter)) for candidate, voter in ballots.approvals}  # type: ignore[union-attr]
    target = draw.choice(list(owners))
    spent = {voter for _, voter in given if sum(1 for _, each in given if each == voter) >= BALLOT_SIZE}
    voters = {voter for _, voter in given} - {owners[target]} - spent - set(ballots.gone)  # type: ignore[arg-type]
    spoken_for = {owners[int(each)] for each, voter in ballots.spoken if voter == owners[target]}  # type: ignore[union-attr]
    praised = {voter for owner, voter in ballots.praised if owner == owners[target]}  # type: ignore[union-attr]
    voters -= spoken_for | praised | {voter for each, voter in given if each == target}
    if not ballots.first_editions:
        voters -= set(ballots.newcomers)  # type: ignore[arg-type]
    if not voters or target in ballots.resting:  # type: ignore[operator]
        return False
    everybody = replace(ballots, limit=len(owners))
    before = {each.members: each for each in rank(everybody, method=method).entries}
    after = {each.members: each for each in rank(with_vote(everybody, target, min(voters)), method=method).entries}
    for members, each in after.items():
        was = before.get(members)
        if target not in members:
            assert was is not None
            assert (was.score, was.supporters) == (each.score, each.supporters)
        elif was is not None:
            assert each.score >= was.score
            assert each.supporters >= was.supporters
            assert each.rank <= was.rank
    return True
