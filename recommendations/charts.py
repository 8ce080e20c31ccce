"""Where the lines of a small chart go: numbers in, coordinates out. Pure; what it says in words stands in templates.

Everything is drawn in a box of its own units, which pages scale as they like.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

BAR, GAP, TALLEST = 8, 3, 60
ROW, LEFT, RIGHT = 26, 0, 100  # of a map: the height of a name's row, and where the curves begin and end


@dataclass(frozen=True)
class Bar:
    """One value as an upright bar, with its foot on the line `TALLEST`."""

    x: int
    y: float
    height: float
    value: int


@dataclass(frozen=True)
class Name:
    """One end of a map's curves: whose (a key of the caller's), at which height, and how many begin or end there."""

    key: int
    y: int
    number: int


@dataclass(frozen=True)
class Curve:
    """From one who recommends to one recommended; `width` says how often."""

    path: str
    width: float


@dataclass(frozen=True)
class Map:
    """Who recommends whom: two columns of names, and curves between them."""

    givers: list[Name]
    people: list[Name]
    curves: list[Curve]

    @property
    def height(self) -> int:
        """Of the whole drawing."""
        return ROW * max(len(self.givers), len(self.people), 1)


def bars(values: Sequence[int]) -> list[Bar]:
    """One bar a value, side by side; the tallest fills the height, and whatever is not nothing can be seen."""
    most = max([*values, 1])
    heights = [max(1.0, round(TALLEST * value / most, 1)) if value else 0.0 for value in values]
    return [
        Bar(place * (BAR + GAP), round(TALLEST - height, 1), height, value)
        for place, (height, value) in enumerate(zip(heights, values, strict=True))
    ]


def width_of(values: Sequence[object]) -> int:
    """How wide a chart of so many bars is."""
    return max(1, len(values) * (BAR + GAP) - GAP)


def recommendations_map(pairs: Sequence[tuple[int, int]], *, most: int) -> Map:
    """A map of (giver, person) pairs: those who gave and were given most, at most `most` on each side.

    Who comes first in `pairs` comes first among equals. A pair may come more than once: its curve is wider then.
    """
    givers = [giver for giver, _ in Counter(giver for giver, _ in pairs).most_common(most)]
    theirs = [(giver, person) for giver, person in pairs if giver in set(givers)]
    people = [person for person, _ in Counter(person for _, person in theirs).most_common(most)]
    drawn = Counter((giver, person) for giver, person in theirs if person in set(people))
    left = {key: place for place, key in enumerate(givers)}
    right = {key: place for place, key in enumerate(people)}
    return Map(
        _names(givers, Counter(giver for giver, _ in drawn.elements())),
        _names(people, Counter(person for _, person in drawn.elements())),
        [
            Curve(_curve(left[giver], right[person]), 1 + min(number, 6) / 2)
            for (giver, person), number in drawn.items()
        ],
    )


def _names(keys: list[int], numbers: Counter[int]) -> list[Name]:
    return [Name(key, _middle(place), numbers[key]) for place, key in enumerate(keys)]


def _middle(place: int) -> int:
    return place * ROW + ROW // 2


def _curve(start: int, end: int) -> str:
    bend = (LEFT + RIGHT) // 2
    return f"M{LEFT} {_middle(start)} C{bend} {_middle(start)} {bend} {_middle(end)} {RIGHT} {_middle(end)}"
