"""A community's week: when it opens, closes and publishes, in its own time zone; and its weekly gathering. Pure.

A week is planned in wall-clock time and worked out, once, into UTC instants. A time in a DST gap moves forward by
the gap's length, in an overlap it is the first (RFC 5545, 3.3.5). A week is named by the ISO week of the local date
of publication. This piece does not know editions, nor what happens at an instant.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_WEEK = timedelta(weeks=1)
_SHORTEST_OPEN = timedelta(hours=6)
_LONGEST_WAIT = timedelta(days=3)
_NAME = re.compile(r"(2\d{3})-W(\d\d)(?:-([2-9]|[1-9]\d{1,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Slot:
    """A weekday (Monday 0 to Sunday 6) and a wall-clock time without a zone."""

    weekday: int
    time: time


@dataclass(frozen=True, slots=True)
class Week:
    """How a community plans its week. Closing is the last such slot before publication, opening the last before that.

    The functions below rest on a plan that has passed `check`.
    """

    opens: Slot = Slot(5, time(0))
    closes: Slot = Slot(3, time(18))
    publishes: Slot = Slot(4, time(9))
    time_zone: str = "UTC"

    def check(self) -> None:
        """Raises ValueError, with a message for the person who planned it, when the week cannot be kept."""
        for slot in (self.opens, self.closes, self.publishes):
            if not 0 <= slot.weekday <= 6 or slot.time.tzinfo is not None:
                raise ValueError("Please choose a weekday and a time of day.")
        if self.time_zone not in _time_zones():
            raise ValueError("We don't know this time zone. Please choose one such as Europe/Berlin.")
        if _back(self.closes, self.opens) < _SHORTEST_OPEN:
            raise ValueError(
                "Voting would be open for less than six hours. Please let it open earlier or close later."
            )
        if _back(self.publishes, self.closes) % _WEEK > _LONGEST_WAIT:
            raise ValueError(
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
    """The UTC instant at which clocks in `zone` show this; a time in a gap moves forward, in an overlap the first."""
    return datetime.combine(day, at.replace(fold=0), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def window_for(plan: Week, iso_year: int, iso_week: int) -> Window:
    """The window whose edition is published in this ISO week. Raises ValueError when the year has no such week."""
    published = date.fromisocalendar(iso_year, iso_week, plan.publishes.weekday + 1)
    closing = published - timedelta(days=_days_back(plan.publishes, plan.closes))
    opening = closing - timedelta(days=_days_back(plan.closes, plan.opens, again=True))
    before = closing - _WEEK
    zone = plan.time_zone
    closes_at = instant(closing, plan.closes.time, zone)
    # A slot moved by a gap may come to stand behind the next one: never open before the last week has closed,
    # never publish before this one has.
    return Window(
        week=f"{iso_year:04}-W{iso_week:02}",
        opens_at=max(instant(opening, plan.opens.time, zone), instant(before, plan.closes.time, zone)),
        closes_at=closes_at,
        publishes_at=max(instant(published, plan.publishes.time, zone), closes_at),
    )


def window_at(plan: Week, at: datetime) -> Window:
    """The window that is open at this (aware) instant, or the next one to open when none is."""
    year, week, _ = (at.astimezone(ZoneInfo(plan.time_zone)) - _WEEK).isocalendar()
    window = window_for(plan, year, week)
    while window.closes_at <= at:
        window = _next(plan, window)
    return window


def following(plan: Week, window: Window) -> Window:
    """The week after this one, even if the plan has changed meanwhile: it never opens before this one has closed.

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
    """The name of a week's special edition, counted from 2: ('2026-W47', 2) -> '2026-W47-2'. Raises ValueError."""
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
    return frozenset(available_timezones() - {"localtime", "Factory"})  # those mean whatever this machine says


def _next(plan: Week, window: Window) -> Window:
    year, week, _ = parse_week(window.week)
    return window_for(plan, *(date.fromisocalendar(year, week, 1) + _WEEK).isocalendar()[:2])


def _back(later: Slot, earlier: Slot) -> timedelta:
    """Wall-clock time from the last `earlier` slot to `later`: above 0, at most a week."""
    clock = timedelta(hours=later.time.hour, minutes=later.time.minute, seconds=later.time.second)
    clock -= timedelta(hours=earlier.time.hour, minutes=earlier.time.minute, seconds=earlier.time.second)
    return (timedelta(days=later.weekday - earlier.weekday) + clock) % _WEEK or _WEEK


def _days_back(later: Slot, earlier: Slot, *, again: bool = False) -> int:
    """Days from the date of the last `earlier` slot to the date of `later`; `again`: the same slot is a week ago."""
    days = (later.weekday - earlier.weekday) % 7
    if days == 0 and (earlier.time > later.time or (again and earlier.time == later.time)):
        return 7
    return days
