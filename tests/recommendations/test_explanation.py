"""What a curator is shown to look at; that it is for nobody else; and that nothing is lost by keeping it."""

import json
from types import SimpleNamespace

import pytest

from recommendations.explanation import Explanation, Hint, Totals, Void, counted_by_older_rules
from recommendations.models.reading import levels


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Explanation(3, 3, 0, {}, new=3), {Hint.NEW}),
        (Explanation(4, 1, 2, {Void.NEWCOMER: 1}, new=3), {Hint.NEW}),  # of those that count, and half ones do
        (Explanation(2, 2, 0, {}, new=2), set()),  # two are no crowd
        (Explanation(4, 4, 0, {}, new=3), set()),
        (Explanation(5, 5, 0, {}, alike=3), {Hint.ALIKE}),  # 60 in a hundred
        (Explanation(6, 6, 0, {}, alike=3), set()),
        (Explanation(3, 3, 0, {}, alike=2), set()),  # 66 in a hundred, but only two
        (Explanation(3, 3, 0, {}, circles=(600, 400)), {Hint.CIRCLE}),
        (Explanation(3, 3, 0, {}, circles=(599, 401)), set()),
        (Explanation(2, 2, 0, {}, circles=(1000,)), set()),
        (Explanation(9, 9, 0, {}, circles=(750,), new=9, alike=9), {Hint.NEW, Hint.ALIKE, Hint.CIRCLE}),
        (Explanation(3, 3, 0, {}), set()),
        (Explanation(0, 0, 0, {}), set()),  # of a whole edition in which nobody voted
    ],
)
def test_a_curator_is_shown_what_is_worth_a_look(given: Explanation, expected: set[Hint]) -> None:
    assert set(given.hints) == expected


@pytest.mark.parametrize(("circles", "percent"), [((2, 1), 66), ((1000,), 100), ((1, 1, 1), 33), (None, 0)])
def test_the_largest_circles_share_is_rounded_down(circles: tuple[int, ...] | None, percent: int) -> None:
    assert Explanation(3, 3, 0, {}, circles).largest_percent == percent


@pytest.mark.parametrize(
    ("circles", "told"), [(None, {"supporters": 8}), ((1000, 250, 7), {"supporters": 8, "points": 1300})]
)
def test_what_anyone_may_read_is_how_many_votes_counted_and_rounded_points(
    circles: tuple[int, ...] | None, told: dict[str, int]
) -> None:
    given = Explanation(9, 7, 1, {Void.SELF: 1}, circles, new=8, alike=8, rounded=1300 if circles else 0)

    assert given.told() == told
    assert Explanation.from_json(json.loads(json.dumps(given.as_json()))) == given


def test_points_that_were_kept_before_they_were_rounded_are_rounded_when_read() -> None:
    kept = {"voted": 9, "counted": 9, "half": 0, "void": {}, "circles": [1000, 257], "new": 0, "alike": 0}

    assert Explanation.from_json(kept).told() == {"supporters": 9, "points": 1500}


def test_votes_that_did_not_count_are_told_only_where_three_people_cast_them() -> None:
    few = Totals(9, {Void.SELF: 5, Void.MUTUAL: 2}, {Void.SELF: 3, Void.MUTUAL: 2})

    assert few.told() == {"counted": 9, "did_not_count": 5, "reasons": {"self": 5}}
    assert few.voted == 16
    assert Totals.from_json(json.loads(json.dumps(few.as_json()))) == few


@pytest.mark.parametrize(
    ("kept", "older"),
    [
        ({"half": 1}, True),
        ({"half": 0, "circles": [1000]}, True),
        ({"half": 0, "circles": [1000], "rounded": 1000}, False),
        ({"half": 0}, False),
    ],
)
def test_a_list_from_before_points_were_rounded_says_nothing_of_equal_points(kept, older):
    common = {"voted": 2, "counted": 2 - kept["half"], "void": {}}
    entries = [SimpleNamespace(pk=pk, explanation=common | kept) for pk in (1, 2)]

    assert counted_by_older_rules(common | kept) is older
    assert (levels(entries) == {}) is older
