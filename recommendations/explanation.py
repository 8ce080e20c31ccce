"""What can be said of one place on a list, and of all votes of an edition. Plain values.

The server keeps the whole arithmetic with each entry. Readers, curators among them, get only what `told` returns:
everything else would give away who cast which vote (docs/ranking.md, "What is published"). How a place comes about
stands in ranking.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

ENOUGH = 3  # supporters of whom a hint says anything
MOST = 60  # of a hundred supporters, or points, from which on a curator is shown where they come from
DIGITS = 2  # of a score by circles that are published and that places are given by
NAMED_FROM = 3  # people: votes that did not count for one reason are told from so many on


class Method(StrEnum):
    """How scores are made of the votes that count."""

    COUNT = "count"  # one vote, one point
    CIRCLES = "circles"  # one voice each, split over one's circles; a circle counts as the square root of its voice


class Void(StrEnum):
    """Why a vote did not count. Where several reasons hold, the first of these is given."""

    SELF = "self"  # the voter is the profile, or has linked it
    NEWCOMER = "newcomer"  # joined after the edition had opened
    GONE = "gone"  # no longer a member when the votes were counted
    MUTUAL = "mutual"  # the profile's owner has recommended the voter's own, for everyone to read


class Hint(StrEnum):
    """What is worth a curator's look, and never more than that: nothing follows from it by itself."""

    NEW = "new"  # nobody who supports them has voted in any of the last editions
    ALIKE = "alike"  # most of the support came from one server in one week
    CIRCLE = "circle"  # most of the points come from one circle


def rounded(points: int, *, coarse: bool) -> int:
    """Round points to DIGITS significant digits, halves up: 36,176 are 36,000; `coarse`: in steps of five: 35,000.

    A step is to be wide beside what one vote is worth, so that points do not tell whose vote is among them; where few
    vote, each is worth more. What is shorter stays as it is.
    """
    step: int = 10 ** max(len(str(points)) - DIGITS, 0)
    if coarse and step > 1:
        step *= 5
    return (points + step // 2) // step * step


@dataclass(frozen=True, slots=True)
class Explanation:
    """The arithmetic of an entry: in sums and never by person.

    voted = counted + half + everything void. `circles` are the points of each circle, the most first, by method
    `circles` alone. `new` of those whose votes count have voted in none of the last editions; `alike` came from one
    server in one week: hints for a curator, shown to nobody else.
    """

    voted: int
    counted: int  # in full
    half: int  # only in editions counted before mutual votes of small communities became void
    void: Mapping[Void, int]  # only reasons that occur
    circles: tuple[int, ...] | None = None
    new: int = 0
    alike: int = 0
    rounded: int = 0  # by `circles`: the sum of the circles as it is published
    other_lot: bool = False  # among equals their lot was drawn by another of their handles than the one that leads

    @property
    def supporters(self) -> int:
        """How many people's votes count, in full or by half."""
        return self.counted + self.half

    @property
    def score(self) -> int:
        """By `count` in half points; by `circles` in points, rounded: a lone voice makes a thousand."""
        return 2 * self.counted + self.half if self.circles is None else self.rounded

    @property
    def points(self) -> int:
        """What is published of the score: by `count` the number of votes that count, by `circles` rounded points."""
        return self.supporters if self.circles is None else self.score

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
        return self.circles[0] * 100 // sum(self.circles) if self.circles else 0

    def told(self) -> dict[str, int]:
        """Return what is published: `supporters`, and by `circles` rounded `points`. Nothing else ever is."""
        return {"supporters": self.supporters} | ({} if self.circles is None else {"points": self.points})

    def as_json(self) -> dict[str, Any]:
        """For keeping."""
        kept: dict[str, Any] = {
            "voted": self.voted,
            "counted": self.counted,
            "half": self.half,
            "void": {str(reason): self.void[reason] for reason in Void if reason in self.void},
        }
        if self.circles is not None:
            kept |= {"circles": list(self.circles), "rounded": self.rounded}
        kept |= {"new": self.new, "alike": self.alike}
        return kept | ({"other_lot": True} if self.other_lot else {})

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Explanation":
        """What `as_json` made, now or before there were circles."""
        circles = kept.get("circles")
        exact = sum(circles or ())
        return cls(
            kept["voted"],
            kept["counted"],
            kept["half"],
            {Void(reason): number for reason, number in kept["void"].items()},
            None if circles is None else tuple(circles),
            kept.get("new", 0),
            kept.get("alike", 0),
            kept["rounded"] if "rounded" in kept else rounded(exact, coarse=True) if circles else 0,
            kept.get("other_lot", False),
        )


def counted_by_older_rules(kept: Mapping[str, Any]) -> bool:
    """Return whether what is kept is of a list that was ordered by half votes, or by points that are not rounded."""
    return bool(kept["half"]) or ("circles" in kept and "rounded" not in kept)


@dataclass(frozen=True, slots=True)
class Totals:
    """What became of all votes of an edition.

    Editions that were counted before voters were noted have no `voters`; of these nothing void is told.
    """

    counted: int  # votes, those of editions long ago that counted half among them
    void: Mapping[Void, int]  # votes; only reasons that occur
    voters: Mapping[Void, int]  # people whose votes are void, by reason

    @property
    def voted(self) -> int:
        """How many votes were cast."""
        return self.counted + sum(self.void.values())

    @property
    def void_told(self) -> dict[Void, int]:
        """Votes that did not count, for each reason that concerns at least NAMED_FROM people.

        Of fewer nothing is told, not even in the sum: with the named ones taken off, the rest would point at someone.
        """
        return {reason: self.void[reason] for reason in Void if self.voters.get(reason, 0) >= NAMED_FROM}

    def told(self) -> dict[str, Any]:
        """Return what is published: the votes that counted, and of the others what `void_told` allows."""
        told = self.void_told
        return {
            "counted": self.counted,
            "did_not_count": sum(told.values()),
            "reasons": {str(reason): votes for reason, votes in told.items()},
        }

    def as_json(self) -> dict[str, Any]:
        """For keeping."""
        return {
            "counted": self.counted,
            "void": {str(reason): votes for reason, votes in self.void.items()},
            "voters": {str(reason): people for reason, people in self.voters.items()},
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Totals":
        """What `as_json` made, now or when half votes were kept apart and voters were not."""
        return cls(
            kept["counted"] + kept.get("half", 0),
            {Void(reason): votes for reason, votes in kept["void"].items()},
            {Void(reason): people for reason, people in kept.get("voters", {}).items()},
        )
