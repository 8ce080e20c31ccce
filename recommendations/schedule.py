"""A community's week: when it opens, closes and publishes, in its own time zone; its weekly gathering. Pure.

A week is planned in wall-clock time and worked out, once, into UTC instants. A time in a DST gap moves
forward by the gap's length, in an overlap it is the first (RFC 5545, 3.3.5). A week is named by the ISO week
of the local date of publication. This piece does not know editions, nor what happens at an instant.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from recommendations.sentences import Told

_WEEK = timedelta(weeks=1)
_SHORTEST_OPEN = timedelta(hours=6)
_LONGEST_WAIT = timedelta(days=3)
_A_MONDAY = date(2024, 1, 1)
_NAME = re.compile(r"(2\d{3})-W(\d\d)(?:-([2-9]|[1-9]\d{1,2}))?", re.ASCII)


class Unkeepable(Told, ValueError):
    """A week that nobody could keep. The sentence is for the person who planned it."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A weekday (Monday 0 to Sunday 6) and a wall-clock time without a zone."""

    weekday: int
    time: time


@dataclass(frozen=True, slots=True)
class Week:
    """How a community plans its week. It closes at the last such slot before it publishes, and so it opens.

    The functions below rest on a plan that has passed `check`.
    """

    opens: Slot = Slot(5, time(0))
    closes: Slot = Slot(3, time(18))
    publishes: Slot = Slot(4, time(9))
    time_zone: str = "UTC"

    def check(self) -> None:
        """Raises Unkeepable when the week cannot be kept."""
        for slot in (self.opens, self.closes, self.publishes):
            if not 0 <= slot.weekday <= 6 or slot.time.tzinfo is not None:
                raise Unkeepable("Please choose a weekday and a time of day.")
        if self.time_zone not in _time_zones():
            raise Unkeepable("We don't know this time zone. Please choose one such as Europe/Berlin.")
        if (_back(self.closes, self.opens) or _WEEK) < _SHORTEST_OPEN:
            raise Unkeepable("Voting would be open for less than six hours. Please let it open earlier or close later.")
        if _back(self.publishes, self.closes) > _LONGEST_WAIT:
            raise Unkeepable(
                "The edition would wait for more than three days after voting closes. "
                "Please let it close before it is published, and at most three days before."
            )


@dataclass(frozen=True, slots=True)
class Window:
    """One week, worked out: nominations and votes are taken while opens_at <= now < closes_at. All in UTC."""

    week: str  # "2026-W47"
    opens_at: datetime
    closes_at: datetime
    publishes_at: datetime


def instant(day: date, at: time, zone: str) -> datetime:
    """When clocks in `zone` show this, in UTC; in a gap it moves forward, in an overlap it is the first."""
    return datetime.combine(day, at.replace(fold=0), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def window_for(plan: Week, iso_year: int, iso_week: int) -> Window:
    """The window whose edition is published in this ISO week. Raises ValueError if there is no such week."""
    day = date.fromisocalendar(iso_year, iso_week, plan.publishes.weekday + 1)
    published = datetime.combine(day, plan.publishes.time)
    closed = published - _back(plan.publishes, plan.closes)
    opened = closed - (_back(plan.closes, plan.opens) or _WEEK)
    closed_before = closed - _WEEK
    closes_at = _instant(closed, plan)
    # A slot moved by a gap may come to stand behind the next one: never open before the last week has closed,
    # never publish before this one has.
    return Window(
        week=f"{iso_year:04}-W{iso_week:02}",
        opens_at=max(_instant(opened, plan), _instant(closed_before, plan)),
        closes_at=closes_at,
        publishes_at=max(_instant(published, plan), closes_at),
    )


def window_at(plan: Week, at: datetime) -> Window:
    """The window that is open at this (aware) instant, or the next one to open when none is."""
    year, week, _ = (at.astimezone(ZoneInfo(plan.time_zone)) - _WEEK).isocalendar()
    window = window_for(plan, year, week)
    while window.closes_at <= at:
        window = _next(plan, window)
    return window


def following(plan: Week, window: Window) -> Window:
    """The week after this one, even if the plan has changed meanwhile: it never opens before this one closes.

    Where the new plan would have the next week closed by then, it is the first that is not.
    """
    after = _next(plan, window)
    while after.closes_at - window.closes_at < _SHORTEST_OPEN:
        after = _next(plan, after)
    return replace(after, opens_at=max(after.opens_at, window.closes_at))


def parse_week(text: str) -> tuple[int, int, int | None]:
    """'2026-W47' -> (2026, 47, None); the special '2026-W47-2' -> (2026, 47, 2). Raises ValueError."""
    match = _NAME.fullmatch(text)
    if match is None:
        raise ValueError("A week is written like 2026-W47.")
    year, week, special = match.groups()
    date.fromisocalendar(int(year), int(week), 1)
    return int(year), int(week), int(special) if special else None


def special_name(week: str, number: int) -> str:
    """A week's special edition, counted from 2: ('2026-W47', 2) -> '2026-W47-2'. Raises ValueError."""
    name = f"{week}-{number}"
    parse_week(name)
    return name


def next_gathering(weekday: int, at_time: time, zone: str, at: datetime) -> datetime:
    """When a weekly gathering begins next, at `at` (aware) or after it; in UTC."""
    today = at.astimezone(ZoneInfo(zone)).date()
    day = today + timedelta(days=(weekday - today.weekday()) % 7 - 7)
    while (begins := instant(day, at_time, zone)) < at:
        day += _WEEK
    return begins


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    whatever_the_machine_says = {"localtime", "Factory"}
    return frozenset(available_timezones() - whatever_the_machine_says)


def _instant(wall: datetime, plan: Week) -> datetime:
    return instant(wall.date(), wall.time(), plan.time_zone)


def _next(plan: Week, window: Window) -> Window:
    year, week, _ = parse_week(window.week)
    return window_for(plan, *(date.fromisocalendar(year, week, 1) + _WEEK).isocalendar()[:2])


def _back(later: Slot, earlier: Slot) -> timedelta:
    """Wall-clock time from the last `earlier` slot to a `later` one: at least 0, less than a week."""
    return (_clock(later) - _clock(earlier)) % _WEEK


def _clock(slot: Slot) -> datetime:
    return datetime.combine(_A_MONDAY + timedelta(days=slot.weekday), slot.time)
