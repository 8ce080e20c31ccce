"""What can be said of one place on a list: how many voted, what counted, why the rest did not. Plain values.

Kept with each entry, and read wherever an entry is shown. How it comes about stands in ranking.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

ENOUGH = 3  # supporters of whom a hint says anything
MOST = 60  # of a hundred supporters, or points, from which on a curator is shown where they come from
_HINTS = ("new", "alike")


class Method(StrEnum):
    """How scores are made of the votes that count."""

    COUNT = "count"  # one vote, one point
    CIRCLES = "circles"  # one voice each, split over one's circles; a circle counts as the square root of its voice


class Void(StrEnum):
    """Why a vote did not count. Where several reasons hold, the first of these is given."""

    SELF = "self"  # the voter is the profile, or has linked it
    NEWCOMER = "newcomer"  # joined after the edition had opened
    MUTUAL = "mutual"  # the profile's owner has approved the voter's own


class Hint(StrEnum):
    """What is worth a curator's look, and never more than that: nothing follows from it by itself."""

    NEW = "new"  # nobody who supports them has voted in any of the last editions
    ALIKE = "alike"  # most of the support came from one server in one week
    CIRCLE = "circle"  # most of the points come from one circle


@dataclass(frozen=True, slots=True)
class Explanation:
    """The arithmetic of an entry, or of a whole edition: in sums and never by person.

    voted = counted + half + everything void. `circles` are the points of each circle, the most first, by method
    `circles` alone. `new` of those whose votes count have voted in none of the last editions; `alike` came from one
    server in one week: hints for a curator, shown to nobody else.
    """

    voted: int
    counted: int  # in full
    half: int  # mutual votes in a small community
    void: Mapping[Void, int]  # only reasons that occur
    circles: tuple[int, ...] | None = None
    new: int = 0
    alike: int = 0

    @property
    def supporters(self) -> int:
        """How many people's votes count, in full or by half."""
        return self.counted + self.half

    @property
    def score(self) -> int:
        """By `count` in half points, by `circles` in points: a lone voice makes a thousand."""
        return 2 * self.counted + self.half if self.circles is None else sum(self.circles)

    @property
    def points(self) -> float:
        """The score as people read it."""
        return self.score / 2 if self.circles is None else self.score

    @property
    def method(self) -> Method:
        """By which this arithmetic was done."""
        return Method.COUNT if self.circles is None else Method.CIRCLES

    @property
    def hints(self) -> tuple[Hint, ...]:
        """For curators alone: a class, a conference or a few old friends look like this, too."""
        seen = {
            Hint.NEW: self.new == self.supporters,
            Hint.ALIKE: self.alike >= ENOUGH and self.alike * 100 >= self.supporters * MOST,
            Hint.CIRCLE: self.largest_percent >= MOST,
        }
        return tuple(hint for hint in Hint if seen[hint]) if self.supporters >= ENOUGH else ()

    @property
    def largest_percent(self) -> int:
        """Of a hundred points, how many the largest circle gives, rounded down; 0 where none are counted."""
        return self.circles[0] * 100 // self.score if self.circles else 0

    def told(self) -> dict[str, Any]:
        """What anybody may read: everything but the hints."""
        return {name: value for name, value in self.as_json().items() if name not in _HINTS}

    def as_json(self) -> dict[str, Any]:
        """For keeping."""
        kept: dict[str, Any] = {
            "voted": self.voted,
            "counted": self.counted,
            "half": self.half,
            "void": {str(reason): self.void[reason] for reason in Void if reason in self.void},
        }
        if self.circles is not None:
            kept["circles"] = list(self.circles)
        return kept | {"new": self.new, "alike": self.alike}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Explanation":
        """What `as_json` made, now or before there were circles."""
        circles = kept.get("circles")
        return cls(
            kept["voted"],
            kept["counted"],
            kept["half"],
            {Void(reason): number for reason, number in kept["void"].items()},
            None if circles is None else tuple(circles),
            kept.get("new", 0),
            kept.get("alike", 0),
        )
