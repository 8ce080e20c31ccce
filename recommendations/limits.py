"""How often somebody may do what others have to read, and what newcomers must wait for. Pure.

It knows neither rows nor the clock: times come as arguments, aware and in any order.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from recommendations.markup import render

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW = timedelta(hours=24)  # for so long an account, or a membership, is new


class Deed(StrEnum):
    """What is counted. A second is a vote with a reason, and counts as both."""

    NOMINATE = "nominate"
    VOTE = "vote"
    SECOND = "second"
    COMMENT = "comment"
    REPORT = "report"
    PEEK = "peek"  # asking who is at a handle, while it is being typed


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many in any hour, and in any day."""

    hour: int
    day: int


# No person at their ease comes near these; a script is stopped by them within minutes.
ALLOWED = {
    Deed.NOMINATE: Allowance(10, 30),
    Deed.VOTE: Allowance(60, 200),
    Deed.SECOND: Allowance(20, 60),
    Deed.COMMENT: Allowance(20, 60),
    Deed.REPORT: Allowance(10, 30),
    Deed.PEEK: Allowance(120, 400),
}
NEWCOMERS = {
    Deed.NOMINATE: Allowance(5, 10),
    Deed.VOTE: Allowance(20, 40),
    Deed.SECOND: Allowance(10, 20),
    Deed.COMMENT: Allowance(5, 10),
    Deed.REPORT: Allowance(5, 10),
    Deed.PEEK: Allowance(60, 150),
}

_LINK = re.compile(r"://|\bwww\.|[\w-]\.[a-z]{2,}/", re.IGNORECASE)


def allowance(deed: Deed, *, new: bool) -> Allowance:
    """What somebody may do."""
    return (NEWCOMERS if new else ALLOWED)[deed]


def is_new(at: datetime, *since: datetime) -> bool:
    """Is one of these (of the account, of the membership) less than a day ago?"""
    return any(at - each < NEW for each in since)


def free_again(done: Iterable[datetime], most: Allowance, at: datetime) -> datetime | None:
    """When one may do it once more; None: now. `done`: when it was done before, at least those of the last day."""
    times = sorted(each for each in done if each <= at)
    waits = []
    for span, number in ((HOUR, most.hour), (DAY, most.day)):
        recent = [each for each in times if each > at - span]
        if len(recent) >= number:
            waits.append(recent[-number] + span)
    return max(waits, default=None)


def hours_and_days(most: Allowance, at: datetime) -> list[tuple[datetime, timedelta, int]]:
    """The hour and the day (of UTC) in which `at` lies: when each began, how long it is, how often one may in it.

    For what is counted as it happens, and not found again in rows.
    """
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return [(day + (at - day) // HOUR * HOUR, HOUR, most.hour), (day, DAY, most.day)]


def has_link(text: str) -> bool:
    """Does a text lead somewhere else, or would it on our pages (`markup.render`)? A handle is no link."""
    return _LINK.search(text) is not None or "<a " in render(text)
