"""Why somebody stands where they stand, and how an edition was counted: in whole sentences, in the reader's language.

That each number in them is right is for test_why_here.py.
"""

from typing import Any

import pytest
from django.utils import translation

from recommendations.explanation import Explanation, Totals, Void, rounded
from recommendations.models import Edition, Entry
from recommendations.models.reading import Level, Line
from recommendations.templatetags.counting import hints, how_counted, what_counted
from recommendations.templatetags.entries import number, why_here


def why(
    counted: int, *, half: int = 0, void: dict[Void, int] | None = None, circles: tuple[int, ...] | None = None
) -> Explanation:
    told = rounded(sum(circles), coarse=False) if circles else 0
    return Explanation(counted + half + sum((void or {}).values()), counted, half, void or {}, circles, rounded=told)


def line(given: Explanation, *, rank: int = 1, computed: int = 1, level: Level | None = None) -> Line:
    entry = Entry(rank=rank, computed_rank=computed, score=given.score)
    return Line(rank=rank, shown=True, entry=entry, quotes=[], explanation=given, level=level)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (why(7), "7 votes counted for them."),
        (why(1), "1 vote counted for them."),
        (why(1, half=1), "2 votes counted for them."),  # an edition of long ago: nobody learns any more which were half
        (why(5, void={Void.NEWCOMER: 2, Void.MUTUAL: 1}), "5 votes counted for them."),
        (
            why(0, void={Void.MUTUAL: 1}),
            "Only people they had recommended themselves voted for them. Those votes do not count.",
        ),
        (
            why(9, circles=(900, 432)),
            "9 votes counted for them, worth about 1,300 points: the more alike people vote, the less each adds.",
        ),
        (why(1, circles=(707, 707)), "1 vote counted for them, worth about 1,400 points."),
    ],
)
def test_it_says_how_many_votes_counted_and_nothing_of_whose(given: Explanation, told: str) -> None:
    assert why_here(line(given)) == [told]


@pytest.mark.parametrize(
    ("given", "level", "told"),
    [
        (why(7), Level.LOTS, "Someone else has as many votes, so lots were drawn."),
        (why(7, circles=(9,)), Level.LOTS, "Someone else has as many points and votes, so lots were drawn."),
        (
            why(7, circles=(9,)),
            Level.SUPPORTERS,
            "Someone else has as many points; the one with more votes comes first.",
        ),
    ],
)
def test_equals_are_told_how_it_was_settled(given: Explanation, level: Level, told: str) -> None:
    assert why_here(line(given, level=level))[0].endswith(f" {told}")


def test_what_changed_after_the_count_is_said_apart() -> None:
    moved = why_here(line(why(3), rank=1, computed=2))

    assert moved[:1] == why_here(line(why(3)))
    assert moved[1:] == ["The votes had put them at 2. Since then a curator changed the list, or somebody left it."]


@pytest.mark.parametrize(("given", "english", "german"), [(0, "0", "0"), (3464, "3,464", "3.464")])
def test_points_are_written_as_each_language_writes_numbers(given: int, english: str, german: str) -> None:
    assert number(given) == english
    with translation.override("de"):
        assert number(given) == german


# --- A whole edition

TALLY = {"voted": 5, "counted": 5, "half": 0, "void": {}}


@pytest.mark.parametrize(
    ("edition", "told"),
    [
        ({"method": "count", "method_pinned": True}, "One vote made one point: the community has chosen so."),
        ({"method": "circles", "method_pinned": True}, "Votes were counted in circles: the community has chosen so."),
        (
            {"method": "circles", "usual_ballots": 812},
            "Votes were counted in circles: in a usual week 812 people voted here, and from 100 on we do so.",
        ),
        (
            {"method": "count", "usual_ballots": 100},
            "One vote made one point: the community had closed fewer than 4 editions before.",
        ),
        (
            {"method": "count", "usual_ballots": 99},
            "One vote made one point: in a usual week 99 people voted here, fewer than 100.",
        ),
        (
            {"method": "count", "usual_ballots": 1},
            "One vote made one point: in a usual week 1 person voted here, fewer than 100.",
        ),
        (
            {"method": "count"},
            "One vote made one point, as it is where a community has just begun, or fewer than 100 people vote in a "
            "usual week.",
        ),
        ({"method": "count", "tally": {}}, "One vote made one point."),  # before accounts were kept
    ],
)
def test_an_edition_says_by_which_method_it_was_counted_and_why(edition: dict[str, Any], told: str) -> None:
    assert how_counted(Edition(**{"tally": TALLY, **edition})) == told


def totals(counted: int, void: dict[Void, int] | None = None, voters: dict[Void, int] | None = None) -> dict[str, Any]:
    return Totals(counted, void or {}, voters or {}).as_json()


@pytest.mark.parametrize(
    ("tally", "told"),
    [
        ({}, ""),
        (totals(0), ""),
        (totals(9), "9 votes counted."),
        (totals(9, {Void.SELF: 2}, {Void.SELF: 2}), "9 votes counted."),  # of fewer than three people nothing is told
        (totals(9, {Void.SELF: 7, Void.GONE: 5}, {Void.SELF: 2, Void.GONE: 1}), "9 votes counted."),
        (
            totals(1, dict.fromkeys(Void, 3), dict.fromkeys(Void, 3)),
            "1 vote counted. "
            "3 votes came from members who joined after voting had begun, and did not count. "
            "3 votes came from people who are no longer members, and did not count. "
            "3 votes were for the voters' own profiles, and did not count. "
            "3 votes were for people who had recommended the voter, and did not count.",
        ),
        (  # counted before anyone noted how many people cast them, and when votes could count half
            {"voted": 9, "counted": 5, "half": 2, "void": {"self": 1, "mutual": 1}, "new": 0, "alike": 0},
            "7 votes counted.",
        ),
    ],
)
def test_an_edition_says_what_became_of_its_votes_as_far_as_that_points_at_nobody(
    tally: dict[str, Any], told: str
) -> None:
    assert what_counted(Edition(tally=tally)) == told


def test_each_hint_is_a_sentence() -> None:
    look = "worth a look, and it may be a class or a conference."

    assert hints(Explanation(9, 8, 0, {Void.SELF: 1}, circles=(2, 1), new=8, alike=5)) == [
        f"8 people support them, and none has voted in any of the last editions: {look}",
        f"5 of the 8 people who support them came in together, as far as we know: {look}",
        "One circle gives 66 % of their points: worth a look, and it may be a few who share a taste.",
    ]
    assert hints(why(9)) == []
