"""Why somebody stands where they stand, and how an edition was counted: in whole sentences, in the reader's language.

That each number in them is right is for test_why_here.py.
"""

from typing import Any

import pytest
from django.utils import translation

from recommendations.explanation import Explanation, Void
from recommendations.models import Edition, Entry
from recommendations.models.reading import Level, Line
from recommendations.templatetags.counting import hints, how_counted, what_counted
from recommendations.templatetags.entries import number, plural_of, points, why_here

ALIKE = (
    "of voters who shared an earlier pick, or joined from one server in one week: the more in one, the less each adds."
)
EACH = "Each circle gives 1,000 × √(its voices for them):"


def why(
    counted: int, *, half: int = 0, void: dict[Void, int] | None = None, circles: tuple[int, ...] | None = None
) -> Explanation:
    return Explanation(counted + half + sum((void or {}).values()), counted, half, void or {}, circles)


def line(given: Explanation, *, rank: int = 1, computed: int = 1, level: Level | None = None) -> Line:
    entry = Entry(rank=rank, computed_rank=computed, score=given.score)
    return Line(rank=rank, shown=True, entry=entry, quotes=[], explanation=given, level=level)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (why(7), "7 people voted for them, and every vote counted."),
        (why(1), "1 person voted for them, and the vote counted."),
        (why(1, half=1), "2 people voted for them; 1 of the votes counted by half."),
        (why(0, half=1), "1 person voted for them; 1 of the votes counted by half."),
        (why(5, void={Void.NEWCOMER: 2}), "7 people voted for them; 5 of the votes counted."),
        (
            why(2, half=3, void={Void.SELF: 1}),
            "6 people voted for them; 5 of the votes counted, in full or by half.",
        ),
        (
            why(9, circles=(800, 700)),
            f"9 people voted for them, and every vote counted. They span 2 circles {ALIKE}",
        ),
        (
            why(3, void={Void.NEWCOMER: 1}, circles=(800,)),
            f"4 people voted for them; 3 of the votes counted. They span 1 circle {ALIKE}",
        ),
    ],
)
def test_it_begins_with_whose_votes_they_are(given: Explanation, told: str) -> None:
    assert why_here(line(given))[0] == told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (why(7), "That makes 7 points."),
        (why(1), "That makes 1 point."),
        (
            why(1, half=1),
            "1 vote counted in full. 1 vote counted by half, because the two praised each other this week. "
            "That makes 1.5 points.",
        ),
        (
            why(2, half=3),
            "2 votes counted in full. 3 votes counted by half, because they praised each other this week. "
            "That makes 3.5 points.",
        ),
        (
            why(5, void={Void.NEWCOMER: 2}),
            "2 votes came from members who joined after voting had begun, and did not count. That makes 5 points.",
        ),
        (
            why(5, void={Void.NEWCOMER: 1, Void.SELF: 1}),
            "1 vote came from a member who joined after voting had begun, and did not count. "
            "Their own vote did not count. That makes 5 points.",
        ),
        (why(1, void={Void.MUTUAL: 1}), "1 vote did not count, because the two praise each other. That makes 1 point."),
        (why(1, void={Void.MUTUAL: 4}), "4 votes did not count, because they praise each other. That makes 1 point."),
        (why(4, circles=(2000,)), f"{EACH} 2,000. That makes 2,000 points."),
        (why(9, circles=(900, 80, 7, 6, 5, 4)), f"{EACH} 900 + 80 + 7 + 6 + 5 + 4. That makes 1,002 points."),
        (
            why(9, circles=(900, 80, 7, 6, 5, 4, 3)),
            f"{EACH} 900 + 80 + 7 + 6 + 5, and 2 more together 7. That makes 1,005 points.",
        ),
    ],
)
def test_the_arithmetic_stands_beneath(given: Explanation, told: str) -> None:
    assert why_here(line(given))[1:] == [told]


def test_whoever_has_as_many_points_as_somebody_else_is_told_how_it_was_settled() -> None:
    lots = why_here(line(why(7), level=Level.LOTS))[1]
    votes = why_here(line(why(7), level=Level.SUPPORTERS))[1]

    assert lots == "That makes 7 points. Somebody else has as many points and counted votes, so lots were drawn."
    assert votes == "That makes 7 points. Somebody else has as many points; more counted votes come first."


def test_what_changed_after_the_count_is_said_apart() -> None:
    moved = why_here(line(why(3), rank=1, computed=2))

    assert moved[:2] == why_here(line(why(3)))
    assert moved[2:] == ["The votes had put them at 2. Since then a curator changed the list, or somebody left it."]


def test_the_arithmetic_is_told_in_german() -> None:
    with translation.override("de"):
        told = why_here(line(why(2, half=1)))[1]

    assert told == (
        "2 Stimmen zählten voll. 1 Stimme zählte halb, weil sich die beiden diese Woche gegenseitig gelobt haben. "
        "Das macht 2,5 Punkte."
    )


@pytest.mark.parametrize(
    ("counted", "half", "told"),
    [
        (1, 0, "نقطة واحدة"),
        (1, 1, "1,5 نقطة"),
        (2, 0, "نقطتان"),
        (5, 0, "5 نقاط"),
        (11, 0, "11 نقطة"),
        (100, 0, "100 نقطة"),
    ],
)
def test_arabic_points_are_counted_as_in_arabic(counted: int, half: int, told: str) -> None:
    with translation.override("ar"):
        assert why_here(line(why(counted, half=half)))[1].endswith(f" {told}.")


@pytest.mark.parametrize(
    ("given", "english", "german"),
    [(0, "0", "0"), (0.5, "0.5", "0,5"), (1.0, "1", "1"), (7.5, "7.5", "7,5"), (3464, "3,464", "3.464")],
)
def test_points_are_written_as_each_language_writes_numbers(given: float, english: str, german: str) -> None:
    assert number(given) == english
    with translation.override("de"):
        assert number(given) == german


def test_half_a_point_takes_no_numbers_own_form() -> None:
    assert [plural_of(why(counted)) for counted in (0, 1, 2, 10)] == [0, 1, 2, 10]
    assert plural_of(why(1, half=1)) == 100
    assert plural_of(why(4, circles=(1000, 3))) == 1003
    assert (points(why(1, half=1)), points(why(4, circles=(1000, 3)))) == ("1.5", "1,003")


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


@pytest.mark.parametrize(
    ("tally", "told"),
    [
        ({}, ""),
        (why(0).as_json(), ""),
        (why(9).as_json(), "Every vote counted."),
        (
            why(1, half=1, void={Void.SELF: 1, Void.NEWCOMER: 1, Void.MUTUAL: 1}).as_json(),
            "1 vote counted in full. "
            "1 vote counted by half, because it was for somebody who praised the voter this week, too. "
            "1 vote came from a member who joined after voting had begun, and did not count. "
            "1 vote was for the voter's own profile, and did not count. "
            "1 vote was for somebody who praises the voter, too, and did not count.",
        ),
        (
            why(0, half=2, void={Void.SELF: 3, Void.NEWCOMER: 4, Void.MUTUAL: 5}).as_json(),
            "0 votes counted in full. "
            "2 votes counted by half, because they were for people who praised the voter this week, too. "
            "4 votes came from members who joined after voting had begun, and did not count. "
            "3 votes were for the voters' own profiles, and did not count. "
            "5 votes were for people who praise the voter, too, and did not count.",
        ),
    ],
)
def test_an_edition_says_in_sums_what_became_of_its_votes(tally: dict[str, Any], told: str) -> None:
    assert what_counted(Edition(tally=tally)) == told


def test_each_hint_is_a_sentence() -> None:
    look = "worth a look, and it may be a class or a conference."

    assert hints(Explanation(9, 8, 0, {Void.SELF: 1}, circles=(2, 1), new=8, alike=5)) == [
        f"8 people support them, and none has voted in any of the last editions: {look}",
        f"5 of the 8 people who support them came in together, as far as we know: {look}",
        "One circle gives 66 % of their points: worth a look, and it may be a few who share a taste.",
    ]
    assert hints(why(9)) == []
