"""Why somebody stands where they stand: the arithmetic in whole sentences, in the reader's language."""

import pytest
from django.utils import translation

from recommendations.explanation import Explanation, Void
from recommendations.models import Entry
from recommendations.models.reading import Line
from recommendations.templatetags.cards import why_here
from recommendations.templatetags.follow_friday import plural_of, points


def line(counted: int, *, half: int = 0, void: dict[Void, int] | None = None, rank: int = 1, computed: int = 1) -> Line:
    why = Explanation(counted + half + sum((void or {}).values()), counted, half, void or {})
    entry = Entry(rank=rank, computed_rank=computed, score=why.score)
    return Line(rank=rank, shown=True, entry=entry, quotes=[], explanation=why)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (line(7), "7 people voted for them. All of it counted. That makes 7 points."),
        (line(1), "1 person voted for them. All of it counted. That makes 1 point."),
        (
            line(1, half=1),
            "2 people voted for them. 1 vote counted in full. "
            "1 vote counted by half, because the two praised each other this week. That makes 1.5 points.",
        ),
        (
            line(2, half=3),
            "5 people voted for them. 2 votes counted in full. "
            "3 votes counted by half, because they praised each other this week. That makes 3.5 points.",
        ),
        (
            line(5, void={Void.NEWCOMER: 2}),
            "7 people voted for them. 5 votes counted in full. "
            "2 votes came from members who joined after the board had opened, and did not count. That makes 5 points.",
        ),
        (
            line(5, void={Void.NEWCOMER: 1, Void.SELF: 1}),
            "7 people voted for them. 5 votes counted in full. "
            "1 vote came from a member who joined after the board had opened, and did not count. "
            "Their own vote did not count. That makes 5 points.",
        ),
        (
            line(1, void={Void.MUTUAL: 1}),
            "2 people voted for them. 1 vote counted in full. 1 vote did not count, because the two praise each other. "
            "That makes 1 point.",
        ),
        (
            line(1, void={Void.MUTUAL: 4}),
            "5 people voted for them. 1 vote counted in full. 4 votes did not count, because they praise each other. "
            "That makes 1 point.",
        ),
        (
            line(3, rank=1, computed=2),
            "3 people voted for them. All of it counted. That makes 3 points. The ballots had put them at 2; a curator "
            "moved them.",
        ),
    ],
)  # fmt: skip
def test_the_arithmetic_is_told_in_whole_sentences(given: Line, told: str) -> None:
    assert why_here(given) == told


def test_it_is_told_in_german() -> None:
    with translation.override("de"):
        told = why_here(line(2, half=1, rank=1, computed=3))

    assert told == (
        "3 Leute haben für sie gestimmt. 2 Stimmen zählten voll. "
        "1 Stimme zählte halb, weil sich die beiden diese Woche gegenseitig gelobt haben. "
        "Das macht 2,5 Punkte. Nach den Stimmen war es Platz 3; eine Kurator:in hat sie "
        "verschoben."
    )


@pytest.mark.parametrize(
    ("score", "told"),
    [(2, "نقطة واحدة"), (3, "1,5 نقطة"), (4, "نقطتان"), (10, "5 نقاط"), (22, "11 نقطة"), (200, "100 نقطة")],
)
def test_arabic_points_are_counted_as_in_arabic(score: int, told: str) -> None:
    given = line(score // 2, half=score % 2)

    with translation.override("ar"):
        assert why_here(given).endswith(f" {told}.")


@pytest.mark.parametrize(
    ("half_points", "english", "german"), [(0, "0", "0"), (1, "0.5", "0,5"), (2, "1", "1"), (15, "7.5", "7,5")]
)
def test_half_points_become_points_as_each_language_writes_numbers(half_points: int, english: str, german: str) -> None:
    assert points(half_points) == english
    with translation.override("de"):
        assert points(half_points) == german


def test_half_a_point_takes_no_numbers_own_form() -> None:
    assert [plural_of(half_points) for half_points in (0, 2, 4, 20)] == [0, 1, 2, 10]
    assert plural_of(3) == 100
