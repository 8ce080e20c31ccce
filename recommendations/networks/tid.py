"""Record keys on Bluesky: timestamps that sort as text (https://atproto.com/specs/tid).

It does not know records, posts or accounts; that two deliveries to one account never take the same key is for
the caller to see to, with `offset_us`.
"""

import re
from datetime import UTC, datetime, timedelta

_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_TID = re.compile(r"[2-7a-j][2-7a-z]{12}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def tid(moment: datetime, *, clock: int, offset_us: int = 0) -> str:
    """The key of an instant: 13 characters, a zero bit, 53 bits of microseconds, 10 bits of clock id.

    Part n of a thread takes clock id n, so the keys of one thread sort in its order. Raises ValueError for a
    moment without a zone, one the 53 bits do not hold (before 1970, after 2255), or a clock outside 0 to
    1023.
    """
    if moment.tzinfo is None:
        raise ValueError("A key is made of an instant: the moment needs a time zone.")
    microseconds = (moment - _EPOCH) // timedelta(microseconds=1) + offset_us
    if not 0 <= microseconds < 2**53 or not 0 <= clock < 2**10:
        raise ValueError(f"No key can be made of {moment.isoformat()}, {offset_us} µs and clock {clock}.")
    number = microseconds << 10 | clock
    return "".join(_DIGITS[number >> shift & 31] for shift in range(60, -1, -5))


def is_tid(text: str) -> bool:
    """Is this, exactly as it stands, a syntactically valid TID?"""
    return _TID.fullmatch(text) is not None


def moment_of(text: str) -> datetime | None:
    """The instant a TID was made of; None for whatever is none."""
    if not is_tid(text):
        return None
    number = 0
    for digit in text:
        number = number << 5 | _DIGITS.index(digit)
    return _EPOCH + timedelta(microseconds=number >> 10)
