from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.networks.tid import is_tid, moment_of, tid

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "atproto"
SLOT = datetime(2026, 11, 6, 15, 0, tzinfo=UTC)


def vectors(name: str) -> list[str]:
    lines = (VECTORS / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("# ")]  # "#extra" is a case


@pytest.mark.parametrize(
    ("clock", "key"),
    [(0, "3mznnivvj2222"), (1, "3mznnivvj2223"), (31, "3mznnivvj222z"), (1023, "3mznnivvj22zz")],
)
def test_the_key_of_a_slot_is_known(clock: int, key: str) -> None:
    assert tid(SLOT, clock=clock) == key


def test_a_key_tells_its_instant() -> None:
    assert moment_of(tid(SLOT, clock=31)) == SLOT
    assert moment_of("zzzzzzzzzzzzz") is None
    assert moment_of("j" + 12 * "z") is not None


def test_the_same_instant_has_the_same_key_in_every_time_zone() -> None:
    in_tokyo = SLOT.astimezone(timezone(timedelta(hours=9)))

    assert tid(in_tokyo, clock=3) == tid(SLOT, clock=3)


def test_an_offset_is_so_many_microseconds_later() -> None:
    later = SLOT + timedelta(microseconds=7)

    assert tid(SLOT, clock=0, offset_us=7) == tid(later, clock=0)


@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2255, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 1022),
)
def test_every_key_is_valid_and_the_parts_of_a_thread_sort_in_their_order(moment: datetime, part: int) -> None:
    first, second = tid(moment, clock=part), tid(moment, clock=part + 1)
    next_thread = tid(moment, clock=0, offset_us=1)

    assert is_tid(first)
    assert first < second < next_thread


@pytest.mark.parametrize("clock", [-1, 1024])
def test_a_clock_id_of_more_than_ten_bits_is_refused(clock: int) -> None:
    with pytest.raises(ValueError, match="clock"):
        tid(SLOT, clock=clock)


@pytest.mark.parametrize(
    "moment", [datetime(1969, 12, 31, tzinfo=UTC), datetime(2256, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
def test_a_moment_that_53_bits_cannot_hold_is_refused(moment: datetime) -> None:
    with pytest.raises(ValueError, match="No key"):
        tid(moment, clock=0)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        tid(datetime(2026, 11, 6, 15), clock=0)  # noqa: DTZ001


@pytest.mark.parametrize("text", vectors("tid_syntax_valid"))
def test_the_standards_valid_keys_are_valid(text: str) -> None:
    assert is_tid(text)


@pytest.mark.parametrize("text", vectors("tid_syntax_invalid"))
def test_the_standards_invalid_keys_are_invalid(text: str) -> None:
    assert not is_tid(text)


@pytest.mark.parametrize("text", vectors("recordkey_syntax_valid") + vectors("recordkey_syntax_invalid"))
def test_a_record_key_of_another_kind_is_no_tid(text: str) -> None:
    assert not is_tid(text)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("tid_syntax_valid", 4),
        ("tid_syntax_invalid", 9),
        ("recordkey_syntax_valid", 16),
        ("recordkey_syntax_invalid", 11),
    ],
)
def test_no_vector_was_lost(name: str, count: int) -> None:
    assert len(vectors(name)) == count
