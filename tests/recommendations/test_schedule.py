from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recommendations.schedule import (
    Slot,
    Week,
    Window,
    following,
    instant,
    next_gathering,
    parse_week,
    special_name,
    window_at,
    window_for,
)

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
HOUR = timedelta(hours=1)

# Half-hour changes (Lord Howe), odd offsets (Chatham), the date line (Kiritimati, Apia), changes given up
# (Sao Paulo), changes at midnight (Cairo, Havana, Beirut) and in Ramadan (Casablanca), and the usual two.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "America/Havana",
    "Asia/Beirut",
    "Africa/Casablanca",
]

slots = st.builds(Slot, st.integers(0, 6), st.times().map(lambda each: each.replace(second=0, microsecond=0)))


@st.composite
def plans(draw: st.DrawFn) -> Week:
    plan = Week(draw(slots), draw(slots), draw(slots), draw(st.sampled_from(ZONES)))
    try:
        plan.check()
    except ValueError:
        assume(False)
    return plan


instants = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        ("Europe/Berlin", "2026-03-29", "01:59", "2026-03-29 00:59"),
        ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29 01:30"),  # the gap: 03:30 on the clock
        ("Europe/Berlin", "2026-03-29", "03:00", "2026-03-29 01:00"),
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25 00:30"),  # twice: the first
        ("America/New_York", "2026-03-08", "02:15", "2026-03-08 07:15"),
        ("America/New_York", "2026-11-01", "01:15", "2026-11-01 05:15"),
        (
            "Australia/Lord_Howe",
            "2026-10-04",
            "02:10",
            "2026-10-03 15:40",
        ),  # half an hour: 02:40 on the clock
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04 14:45"),
        ("Pacific/Chatham", "2026-09-27", "02:50", "2026-09-26 14:05"),
        (
            "Africa/Cairo",
            "2026-04-24",
            "00:00",
            "2026-04-23 22:00",
        ),  # midnight is in the gap: 01:00 on the clock
        ("America/Havana", "2026-03-08", "00:00", "2026-03-08 05:00"),
        ("Asia/Beirut", "2026-03-29", "00:30", "2026-03-28 22:30"),
        ("Pacific/Apia", "2026-11-20", "09:00", "2026-11-19 20:00"),
        ("Pacific/Kiritimati", "2026-11-20", "09:00", "2026-11-19 19:00"),
        ("America/Sao_Paulo", "2026-11-20", "09:00", "2026-11-20 12:00"),
    ],
)
def test_a_time_in_a_gap_moves_forward_and_one_that_comes_twice_is_the_first(
    zone: str, day: str, at: str, expected: str
) -> None:
    assert instant(date.fromisoformat(day), time.fromisoformat(at), zone) == utc(expected)


def test_a_time_marked_as_the_second_of_two_is_still_the_first() -> None:
    assert instant(date(2026, 10, 25), time(2, 30, fold=1), "Europe/Berlin") == utc("2026-10-25 00:30")


def test_an_ordinary_week_runs_from_saturday_to_thursday_and_is_published_on_friday() -> None:
    window = window_for(Week(time_zone="Europe/Berlin"), 2026, 47)

    assert window == Window("2026-W47", utc("2026-11-13 23:00"), utc("2026-11-19 17:00"), utc("2026-11-20 08:00"))


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_of_fridays_keeps_the_wall_clock(zone: str) -> None:
    plan = Week(time_zone=zone)

    windows = [window_for(plan, 2026, week) for week in range(1, 54)]

    for week, window in enumerate(windows, start=1):
        opens, closes, publishes = (
            each.astimezone(ZoneInfo(zone)) for each in (window.opens_at, window.closes_at, window.publishes_at)
        )
        assert (closes.weekday(), closes.time()) == (THURSDAY, time(18))
        assert (publishes.weekday(), publishes.time()) == (FRIDAY, time(9))
        assert opens.weekday() == SATURDAY
        assert opens.time() in (time(0), time(1)), "01:00 where midnight falls into a gap"
        assert publishes.isocalendar()[:2] == (2026, week)
        assert window.week == f"2026-W{week:02}"
    changes = {later.publishes_at - earlier.publishes_at for earlier, later in pairwise(windows)} - {timedelta(weeks=1)}
    changing = {instant(date(2026, month, 15), time(9), zone).time() for month in (1, 7)}
    assert bool(changes) == (len(changing) > 1 or zone == "Africa/Casablanca")


def test_in_cairo_the_board_opens_at_one_where_midnight_falls_into_the_gap() -> None:
    window = window_for(Week(opens=Slot(FRIDAY, time(0)), time_zone="Africa/Cairo"), 2026, 18)

    assert window.opens_at.astimezone(ZoneInfo("Africa/Cairo")) == datetime(
        2026, 4, 24, 1, tzinfo=ZoneInfo("Africa/Cairo")
    )


@pytest.mark.parametrize(
    ("day", "week"),
    [
        ("2026-12-31", "2027-W01"),  # after Thursday's closing: the next one is published on 8 January
        ("2026-12-30", "2026-W53"),  # published on Friday, 1 January 2027
        ("2027-01-01", "2027-W01"),
        ("2020-12-30", "2020-W53"),
        ("2024-12-29", "2025-W01"),
        ("2021-01-02", "2021-W01"),
    ],
)
def test_weeks_are_named_after_the_iso_week_of_publication_at_the_turn_of_the_year(day: str, week: str) -> None:
    assert window_at(Week(), utc(f"{day} 20:00")).week == week


def test_week_53_is_followed_by_week_1() -> None:
    last = window_for(Week(), 2026, 53)

    assert following(Week(), last) == window_for(Week(), 2027, 1)


def test_a_year_without_week_53_has_none() -> None:
    with pytest.raises(ValueError, match="53"):
        window_for(Week(), 2025, 53)


@given(plan=plans(), at=instants)
def test_the_windows_of_consecutive_weeks_follow_one_another_without_overlap(plan: Week, at: datetime) -> None:
    window = window_at(plan, at)

    for _ in range(60):
        after = following(plan, window)
        assert window.opens_at < window.closes_at <= window.publishes_at
        assert window.closes_at <= after.opens_at
        assert window.closes_at < after.closes_at
        assert window.publishes_at < after.publishes_at
        assert timedelta(days=6, hours=20) < after.closes_at - window.closes_at < timedelta(days=7, hours=4)
        window = after


@given(plan=plans(), at=instants)
def test_the_window_at_an_instant_is_the_open_one_or_the_next_to_open(plan: Week, at: datetime) -> None:
    window = window_at(plan, at)
    year, week, _ = parse_week(window.week)
    year_before, week_before, _ = (date.fromisocalendar(year, week, 1) - timedelta(days=7)).isocalendar()

    assert window == window_for(plan, year, week)
    assert window_for(plan, year_before, week_before).closes_at <= at < window.closes_at


@given(plan=plans(), at=instants)
def test_a_published_edition_bears_the_week_of_its_local_date(plan: Week, at: datetime) -> None:
    window = window_at(plan, at)

    year, week, weekday = window.publishes_at.astimezone(ZoneInfo(plan.time_zone)).isocalendar()

    # A publication moved by a gap of the last hour of a day may come to stand on the next.
    assert (window.week, weekday - 1) == (f"{year}-W{week:02}", plan.publishes.weekday) or (
        plan.publishes.time >= time(22, 30)
    )


def test_between_closing_and_opening_the_next_window_is_meant() -> None:
    plan = Week(time_zone="Europe/Berlin")

    assert window_at(plan, utc("2026-11-19 16:59")).week == "2026-W47"
    assert window_at(plan, utc("2026-11-19 17:00")).week == "2026-W48"
    assert window_at(plan, utc("2026-11-20 12:00")).week == "2026-W48"


def test_a_week_may_open_the_moment_the_last_one_closes() -> None:
    plan = Week(opens=Slot(THURSDAY, time(18)))
    plan.check()

    window = window_for(plan, 2026, 47)

    assert window.opens_at == window_for(plan, 2026, 46).closes_at


def test_a_gap_between_closing_and_publication_turns_neither_around() -> None:
    plan = Week(
        opens=Slot(SUNDAY, time(3)),
        closes=Slot(SUNDAY, time(2, 30)),
        publishes=Slot(SUNDAY, time(3)),
        time_zone="Europe/Berlin",
    )
    plan.check()

    window = window_for(plan, 2026, 13)
    after = following(plan, window)

    assert window.closes_at == window.publishes_at == after.opens_at == utc("2026-03-29 01:30")


def test_publication_may_coincide_with_closing() -> None:
    plan = Week(closes=Slot(FRIDAY, time(9)))
    plan.check()

    window = window_for(plan, 2026, 47)

    assert window.closes_at == window.publishes_at


@given(old=plans(), new=plans(), at=instants)
def test_a_change_of_plan_never_leaves_two_windows_open(old: Week, new: Week, at: datetime) -> None:
    window = window_at(old, at)

    after = following(new, window)

    assert window.closes_at <= after.opens_at < after.closes_at <= after.publishes_at
    assert parse_week(after.week)[:2] > parse_week(window.week)[:2]


def test_a_new_plan_that_would_close_at_once_begins_a_week_later() -> None:
    window = window_for(Week(closes=Slot(FRIDAY, time(9))), 2026, 47)
    early = Week(opens=Slot(MONDAY, time(0)), closes=Slot(FRIDAY, time(12)), publishes=Slot(MONDAY, time(9)))
    early.check()

    after = following(early, window)

    assert after == window_for(early, 2026, 49)


def test_a_special_edition_is_followed_by_the_next_week() -> None:
    special = Window("2026-W47-2", utc("2026-11-16 08:00"), utc("2026-11-17 08:00"), utc("2026-11-17 09:00"))

    assert following(Week(), special).week == "2026-W48"


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (Week(opens=Slot(7, time(0))), "weekday"),
        (Week(closes=Slot(-1, time(0))), "weekday"),
        (Week(publishes=Slot(FRIDAY, time(9, tzinfo=UTC))), "time of day"),
        (Week(time_zone="Middle/Earth"), "time zone"),
        (Week(time_zone=""), "time zone"),
        (Week(time_zone="localtime"), "time zone"),
        (Week(time_zone="../../etc/passwd"), "time zone"),
        (Week(time_zone="\ud800\x00"), "time zone"),
        (Week(opens=Slot(THURSDAY, time(12, 1))), "less than six hours"),
        (Week(closes=Slot(FRIDAY, time(9, 1))), "more than three days"),
        (Week(closes=Slot(MONDAY, time(18))), "more than three days"),
    ],
)
def test_a_week_that_cannot_be_kept_is_refused_in_words(plan: Week, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan.check()


def test_the_usual_week_and_a_short_one_are_fine() -> None:
    Week().check()
    Week(opens=Slot(THURSDAY, time(12))).check()
    Week(closes=Slot(TUESDAY, time(9))).check()


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("2026-W47", (2026, 47, None)),
        ("2026-W53", (2026, 53, None)),
        ("2026-W47-2", (2026, 47, 2)),
        ("2026-W01-10", (2026, 1, 10)),
    ],
)
def test_a_week_is_read(text: str, parsed: tuple[int, int, int | None]) -> None:
    assert parse_week(text) == parsed


@pytest.mark.parametrize(
    "text",
    ["", "2026-W00", "2025-W53", "2026-W54", "2026-w47", "2026-W7", "2026-W47-1", "2026-W47-02", "2026-W47-",
     "0000-W01", "9999-W52", "2026-W47\n", " 2026-W47", "２０２６-W47", "2026-W47-1000", "\ud800"],
)  # fmt: skip
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="week"):
        parse_week(text)


@given(text=st.text())
def test_any_text_is_a_week_or_a_value_error(text: str) -> None:
    try:
        year, week, special = parse_week(text)
    except ValueError:
        return
    assert text == (f"{year}-W{week:02}" if special is None else special_name(f"{year}-W{week:02}", special))


def test_a_special_edition_is_counted_from_two() -> None:
    assert special_name("2026-W47", 2) == "2026-W47-2"
    for week, number in (("2026-W47", 1), ("2026-W47", 0), ("2026-W47", -2), ("2025-W53", 2)):
        with pytest.raises(ValueError, match="week"):
            special_name(week, number)


def test_the_next_gathering_is_the_one_that_begins_now_or_later() -> None:
    berlin = (WEDNESDAY, time(20), "Europe/Berlin")

    assert next_gathering(*berlin, utc("2026-11-18 18:59")) == utc("2026-11-18 19:00")
    assert next_gathering(*berlin, utc("2026-11-18 19:00")) == utc("2026-11-18 19:00")
    assert next_gathering(*berlin, utc("2026-11-18 19:01")) == utc("2026-11-25 19:00")


def test_a_gathering_in_a_gap_is_not_missed_within_the_hour_it_moved() -> None:
    late = (SUNDAY, time(2, 30), "Europe/Berlin")

    assert next_gathering(*late, utc("2026-03-29 01:15")) == utc("2026-03-29 01:30")


@given(
    weekday=st.integers(0, 6),
    clock=st.times(),
    zone=st.sampled_from(ZONES),
    at=instants,
    later=st.timedeltas(timedelta(0), timedelta(days=30)),
)
def test_gatherings_come_every_week_and_never_turn_back(
    weekday: int, clock: time, zone: str, at: datetime, later: timedelta
) -> None:
    begins = next_gathering(weekday, clock, zone, at)

    assert at <= begins < at + timedelta(days=7, hours=2)
    assert begins <= next_gathering(weekday, clock, zone, at + later)


@given(zone=st.sampled_from(ZONES), day=st.dates(date(2015, 1, 1), date(2035, 1, 1)), at=st.times())
def test_the_same_time_a_day_later_is_later_and_shows_on_the_clock_unless_it_does_not_exist(
    zone: str, day: date, at: time
) -> None:
    first, second = (instant(each, at, zone) for each in (day, day + timedelta(days=1)))
    shown = first.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)

    assert timedelta(hours=22) <= second - first <= timedelta(hours=26)
    assert timedelta(0) <= shown - datetime.combine(day, at.replace(fold=0)) <= HOUR
