from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.limits import (
    ALLOWED,
    DAY,
    HOUR,
    NEWCOMERS,
    Allowance,
    Deed,
    allowance,
    free_again,
    has_link,
    hours_and_days,
    is_new,
)

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
THREE = Allowance(hour=3, day=5)


def ago(*minutes: int) -> list[datetime]:
    return [NOON - timedelta(minutes=each) for each in minutes]


def test_who_has_done_little_may_go_on() -> None:
    assert free_again([], THREE, NOON) is None
    assert free_again(ago(1, 2), THREE, NOON) is None


def test_after_as_many_in_an_hour_one_waits_until_the_first_of_them_is_an_hour_old() -> None:
    assert free_again(ago(5, 50, 20), THREE, NOON) == NOON + timedelta(minutes=10)


def test_what_is_an_hour_old_counts_no_more_for_the_hour() -> None:
    assert free_again(ago(60, 20, 5), THREE, NOON) is None


def test_after_as_many_in_a_day_one_waits_until_the_first_of_them_is_a_day_old() -> None:
    assert free_again(ago(1380, 600, 500, 400, 300), THREE, NOON) == NOON + timedelta(hours=1)


def test_of_two_limits_the_longer_wait_counts() -> None:
    assert free_again(ago(600, 500, 3, 2, 1), THREE, NOON) == NOON + timedelta(hours=14)


@given(
    minutes=st.lists(st.integers(0, 3000), max_size=40),
    hour=st.integers(1, 6),
    more=st.integers(0, 6),
)
def test_when_it_is_free_again_it_is_and_not_before(minutes: list[int], hour: int, more: int) -> None:
    most, done = Allowance(hour, hour + more), ago(*minutes)

    again = free_again(done, most, NOON)

    if again is None:
        assert sum(each > NOON - HOUR for each in done) < most.hour
        assert sum(each > NOON - DAY for each in done) < most.day
    else:
        assert NOON < again <= NOON + DAY
        assert free_again(done, most, again) is None
        assert free_again(done, most, again - timedelta(seconds=1)) is not None


@pytest.mark.parametrize("deed", Deed)
def test_newcomers_may_do_less_and_everybody_something(deed: Deed) -> None:
    assert allowance(deed, new=True) == NEWCOMERS[deed]
    assert 0 < NEWCOMERS[deed].hour < ALLOWED[deed].hour
    assert NEWCOMERS[deed].hour <= NEWCOMERS[deed].day < ALLOWED[deed].day


def test_new_is_whoever_is_new_in_one_way() -> None:
    old, young = NOON - timedelta(days=3), NOON - timedelta(hours=23)

    assert not is_new(NOON, old, old)
    assert is_new(NOON, old, young)
    assert is_new(NOON, young)
    assert not is_new(NOON, NOON - timedelta(hours=24))


@pytest.mark.parametrize(
    "text",
    ["https://evil.example/x", "HTTP://evil.example", "see www.evil.example", "evil.example/offer", "buy at evil.com",
     "[here](https://evil.example)", "ftp://evil.example"],
)  # fmt: skip
def test_a_link_is_seen(text: str) -> None:
    assert has_link(f"She is great, {text} indeed")


@pytest.mark.parametrize(
    "text",
    ["and/or", "@rosa@social.example", "alice.bsky.social", "She said: 1.5/2", "No links here.", "", "\x00://"[:1],
     "Ms. A/B"],
)  # fmt: skip
def test_what_is_no_link_is_none(text: str) -> None:
    assert not has_link(text)


@given(minutes=st.integers(0, 3000), hours=st.integers(-12, 14))
def test_every_moment_lies_in_an_hour_and_a_day_of_utc(minutes: int, hours: int) -> None:
    at = (NOON + timedelta(minutes=minutes)).astimezone(timezone(timedelta(hours=hours)))

    (hour, an_hour, three), (day, a_day, five) = hours_and_days(THREE, at)

    assert (an_hour, three, a_day, five) == (HOUR, 3, DAY, 5)
    assert hour <= at < hour + HOUR
    assert day <= hour
    assert hour + HOUR <= day + DAY
    assert (day.hour, day.minute, hour.minute) == (0, 0, 0)
