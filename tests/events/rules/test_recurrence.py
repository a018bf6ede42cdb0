"""The occurrences of a series: tables of days, and of clock changes."""

from datetime import UTC, date, datetime

import pytest

from events.rules.recurrence import expand

TIMES = {"start_time": "09:00", "end_time": "11:00"}
JOHANNESBURG = "Africa/Johannesburg"


def dates(start="2026-01-01", end="2026-12-31", **config):
    """The local start dates of a series, as text, each as month-day when all are of the window's year."""
    found = [
        moment.date().isoformat()
        for moment, _ in expand(
            TIMES | config,
            start=date.fromisoformat(start),
            end=date.fromisoformat(end),
            timezone=JOHANNESBURG,
        )
    ]
    return [day[5:] for day in found] if start[:4] == end[:4] else found


def walls(start, end, timezone, **config):
    """Start and end of each occurrence, as text with the offset."""
    found = expand(
        {"type": "weekly", "weekdays": list(range(7)), **config},
        start=date.fromisoformat(start),
        end=date.fromisoformat(end),
        timezone=timezone,
    )
    return [tuple(moment.isoformat(" ", "minutes") for moment in occurrence) for occurrence in found]


def test_a_compact_weekly_series_runs_over_midnight():
    config = {"type": "weekly", "weekday": 4, "start_time": "22:00", "end_time": "02:00", "active": True}
    assert walls("2026-01-01", "2026-01-09", JOHANNESBURG, **config, weekdays=None) == [
        ("2026-01-02 22:00+02:00", "2026-01-03 02:00+02:00"),
        ("2026-01-09 22:00+02:00", "2026-01-10 02:00+02:00"),
    ]


def test_a_compact_monthly_series_is_the_first_such_weekday_on_or_after_the_day():
    # January's first Saturday is the 3rd; August begins on one.
    assert dates(type="monthly", month_day=1, weekday=5, active=True, end="2026-08-31") == [
        *("01-03", "02-07", "03-07", "04-04", "05-02", "06-06", "07-04", "08-01"),
    ]


def test_an_occurrence_is_aware_in_the_zone_that_was_asked_for():
    [(start, end)] = expand(
        {"type": "weekly", "weekday": 0, **TIMES}, date(2026, 1, 5), date(2026, 1, 5), JOHANNESBURG
    )
    assert (str(start.tzinfo), str(end.tzinfo)) == (JOHANNESBURG, JOHANNESBURG)
    assert start.astimezone(UTC) == datetime(2026, 1, 5, 7, tzinfo=UTC)


def test_an_end_at_the_start_time_is_a_day_later():
    assert walls("2026-01-01", "2026-01-01", JOHANNESBURG, start_time="07:00", end_time="07:00") == [
        ("2026-01-01 07:00+02:00", "2026-01-02 07:00+02:00")
    ]


DAYS = [
    # what it is, config, window, dates
    (
        "a weekday",
        {"type": "weekly", "weekday": 0},
        ("2026-01-05", "2026-01-19"),
        ["01-05", "01-12", "01-19"],
    ),
    (
        "weekdays in any order",
        {"type": "weekly", "weekdays": [6, 0, 2]},
        ("2026-01-01", "2026-01-07"),
        ["01-04", "01-05", "01-07"],
    ),
    (
        "every second week, with weeks from Monday",
        {"type": "weekly", "weekdays": [1, 6], "interval": 2, "start_date": "1997-08-05"},
        ("1997-08-01", "1997-09-07"),
        ["08-05", "08-10", "08-19", "08-24", "09-02", "09-07"],
    ),
    (
        "every second week whose first day is before the start date",
        {"type": "weekly", "weekdays": [0, 4], "interval": 2, "start_date": "2026-01-07"},
        ("2026-01-01", "2026-01-31"),
        ["01-09", "01-19", "01-23"],
    ),
    (
        "every second week, years later",
        {"type": "weekly", "weekday": 1, "interval": 2, "start_date": "2015-12-29"},
        ("2026-01-05", "2026-01-31"),
        ["01-13", "01-27"],  # 524 and 526 weeks later
    ),
    (
        "every third week, years later",
        {"type": "weekly", "weekday": 1, "interval": 3, "start_date": "2015-12-29"},
        ("2026-01-05", "2026-02-28"),
        ["01-20", "02-10"],  # 525 and 528 weeks later
    ),
    (
        "day 31 skips the short months",
        {"type": "monthly", "month_day": 31},
        ("2026-01-01", "2026-12-31"),
        ["01-31", "03-31", "05-31", "07-31", "08-31", "10-31", "12-31"],
    ),
    (
        "day 31 clamped is the last day",
        {"type": "monthly", "month_day": 31, "clamp": True},
        ("2026-01-01", "2026-06-30"),
        ["01-31", "02-28", "03-31", "04-30", "05-31", "06-30"],
    ),
    (
        "day 30 clamped only in February",
        {"type": "monthly", "month_day": 30, "clamp": True},
        ("2028-01-01", "2028-03-31"),
        ["01-30", "02-29", "03-30"],
    ),
    (
        "the last day",
        {"type": "monthly", "month_day": -1},
        ("2028-01-01", "2028-04-30"),
        ["01-31", "02-29", "03-31", "04-30"],
    ),
    (
        "the fifth Friday, where there is one",
        {"type": "monthly", "nth": 5, "weekday": 4},
        ("2026-01-01", "2026-12-31"),
        ["01-30", "05-29", "07-31", "10-30"],
    ),
    (
        "the last Friday, fourth or fifth",
        {"type": "monthly", "nth": -1, "weekday": 4},
        ("2026-01-01", "2026-05-31"),
        ["01-30", "02-27", "03-27", "04-24", "05-29"],
    ),
    (
        "the last Saturday of a February that ends on one",
        {"type": "monthly", "nth": -1, "weekday": 5},
        ("2026-02-01", "2026-02-28"),
        ["02-28"],
    ),
    (
        "the second Tuesday",
        {"type": "monthly", "nth": 2, "weekday": 1},
        ("2026-01-01", "2026-04-30"),
        ["01-13", "02-10", "03-10", "04-14"],
    ),
    (
        "every second month from that of the start date",
        {"type": "monthly", "month_day": 10, "interval": 2, "start_date": "2025-11-20"},
        ("2026-01-01", "2026-06-30"),
        ["01-10", "03-10", "05-10"],
    ),
    (
        "every eighteenth month",
        {"type": "monthly", "month_day": 10, "interval": 18, "start_date": "1997-09-10"},
        ("1999-01-01", "1999-12-31"),
        ["03-10"],
    ),
    (
        "a weekday on or after a late day, in the next month if need be",
        {"type": "monthly", "month_day": 28, "weekday": 2},
        ("2026-01-01", "2026-04-30"),
        ["01-28", "03-04", "04-01", "04-29"],
    ),
    (
        "the same in a window that begins in that next month",
        {"type": "monthly", "month_day": 28, "weekday": 2},
        ("2026-03-01", "2026-03-31"),
        ["03-04"],
    ),
    (
        "a weekday on or after a day that a month lacks",
        {"type": "monthly", "month_day": 31, "weekday": 0},
        ("2026-02-01", "2026-05-31"),
        ["02-02", "04-06"],
    ),
    (
        "a weekday on or after a clamped day",
        {"type": "monthly", "month_day": 31, "weekday": 0, "clamp": True},
        ("2026-02-01", "2026-05-31"),
        ["02-02", "03-02", "04-06", "05-04"],
    ),
    (
        "a weekday on or after the last day",
        {"type": "monthly", "month_day": -1, "weekday": 0},
        ("2026-02-01", "2026-05-31"),
        ["02-02", "03-02", "04-06", "05-04"],
    ),
    (
        "a quarter without a start date is of the calendar year",
        {"type": "quarterly", "month_day": 15},
        ("2026-01-01", "2026-12-31"),
        ["01-15", "04-15", "07-15", "10-15"],
    ),
    (
        "a quarter from the month of the start date",
        {"type": "quarterly", "nth": 1, "weekday": 3, "start_date": "2025-11-20"},
        ("2026-01-01", "2026-12-31"),
        ["02-05", "05-07", "08-06", "11-05"],
    ),
    (
        "a quarter's day 31",
        {"type": "quarterly", "month_day": 31, "start_date": "2026-01-31"},
        ("2026-01-01", "2026-12-31"),
        ["01-31", "07-31", "10-31"],
    ),
    (
        "every second quarter",
        {"type": "quarterly", "month_day": 1, "interval": 2, "start_date": "2025-04-01"},
        ("2026-01-01", "2026-12-31"),
        ["04-01", "10-01"],
    ),
    (
        "a day of the year",
        {"type": "yearly", "month": 3, "month_day": 24},
        ("2026-01-01", "2027-12-31"),
        ["2026-03-24", "2027-03-24"],
    ),
    (
        "29 February",
        {"type": "yearly", "month": 2, "month_day": 29},
        ("2023-01-01", "2033-12-31"),
        ["2024-02-29", "2028-02-29", "2032-02-29"],
    ),
    (
        "29 February in a century that has none",
        {"type": "yearly", "month": 2, "month_day": 29},
        ("2096-01-01", "2104-12-31"),
        ["2096-02-29", "2104-02-29"],
    ),
    (
        "29 February clamped",
        {"type": "yearly", "month": 2, "month_day": 29, "clamp": True},
        ("2026-01-01", "2028-12-31"),
        ["2026-02-28", "2027-02-28", "2028-02-29"],
    ),
    (
        "the last Sunday of October",
        {"type": "yearly", "month": 10, "nth": -1, "weekday": 6},
        ("2026-01-01", "2027-12-31"),
        ["2026-10-25", "2027-10-31"],
    ),
    (
        "every second year, from one whose month was over",
        {"type": "yearly", "month": 3, "month_day": 1, "interval": 2, "start_date": "2025-06-01"},
        ("2025-01-01", "2030-12-31"),
        ["2027-03-01", "2029-03-01"],
    ),
    (
        "a weekday on or after the year's last day, in the next year",
        {"type": "yearly", "month": 12, "month_day": 31, "weekday": 0},
        ("2026-01-01", "2026-12-31"),
        ["01-05"],
    ),
]


@pytest.mark.parametrize(
    ("config", "window", "expected"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS]
)
def test_it_recurs_on_these_days(config, window, expected):
    assert dates(*window, **config) == expected


def test_it_begins_on_the_start_date_and_ends_on_the_last_day():
    config = {"type": "weekly", "weekday": 4, "start_date": "2026-01-09", "until": "2026-01-23"}
    assert dates(**config) == ["01-09", "01-16", "01-23"]
    assert dates(**config | {"start_date": "2026-01-10", "until": "2026-01-22"}) == ["01-16"]


def test_a_late_event_of_the_last_day_still_takes_place():
    config = {
        "type": "weekly",
        "weekday": 4,
        "until": "2026-01-23",
        "start_time": "23:30",
        "end_time": "00:30",
    }
    assert dates(**config, start="2026-01-20") == ["01-23"]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("more", [{}, {"start_date": "0001-01-01", "until": "9999-12-31"}])
def test_the_ends_of_the_calendar_have_dates_and_nothing_beyond(zone, more):
    config = {
        "type": "weekly",
        "weekdays": list(range(7)),
        "start_time": "22:00",
        "end_time": "02:00",
        **more,
    }
    first = expand(config, date.min, date(2, 1, 2), zone)
    last = expand(config, date(9998, 12, 30), date.max, zone)
    assert [start.date() for start, _ in first] == [date(2, 1, 1), date(2, 1, 2)]
    assert [start.date() for start, _ in last] == [date(9998, 12, 30), date(9998, 12, 31)]


def test_a_yearly_month_may_be_shorter_than_the_start_dates_own():
    config = {"type": "yearly", "month": 2, "month_day": 10, "start_date": "2026-01-31"}
    assert dates(**config, end="2027-12-31") == ["2026-02-10", "2027-02-10"]


def test_a_count_begins_with_the_first_occurrence_wherever_the_window_is():
    config = {"type": "monthly", "month_day": 31, "start_date": "2026-02-01", "count": 3}
    assert dates(**config) == ["03-31", "05-31", "07-31"]
    assert dates(**config, start="2026-05-01") == ["05-31", "07-31"]
    assert dates(**config, start="2026-08-01") == []


def test_skipped_dates_count():
    config = {"type": "weekly", "weekday": 4, "start_date": "2026-04-01", "count": 3}
    assert dates(**config) == ["04-03", "04-10", "04-17"]
    assert dates(**config, skip_dates=["2026-04-10"]) == ["04-03", "04-17"]
    assert dates(**config, skip_public_holidays=True) == ["04-10", "04-17"]  # 3 April is Good Friday


def test_a_series_that_is_not_active_has_no_occurrence():
    assert dates(type="weekly", weekday=1, active=False) == []


def test_a_window_that_ends_before_it_begins_has_no_occurrence():
    assert dates(type="weekly", weekday=1, start="2026-02-01", end="2026-01-01") == []


def test_skipped_dates_are_local_dates_of_the_start():
    config = {
        "type": "weekly",
        "weekday": 4,
        "start_time": "22:00",
        "end_time": "02:00",
        "start": "2026-01-01",
    }
    assert dates(**config, end="2026-01-16", skip_dates=["2026-01-02", "2026-01-10"]) == ["01-09", "01-16"]


@pytest.mark.parametrize(
    ("holiday", "weekday"),
    [
        ("2026-01-01", 3),
        ("2026-04-03", 4),  # Good Friday
        ("2026-04-06", 0),  # Family Day
        ("2026-08-10", 0),  # observed: Women's Day is on a Sunday
        ("2026-12-16", 2),
        ("2024-05-29", 2),  # declared: general elections
    ],
)
def test_public_holidays_of_south_africa_are_skipped_when_asked(holiday, weekday):
    config = {"type": "weekly", "weekday": weekday, "start": holiday, "end": holiday}
    assert dates(**config) == [holiday[5:]]
    assert dates(**config, skip_public_holidays=True) == []


CLOCKS = [
    (
        "clocks forward: a start in the gap moves by it",
        ("America/New_York", "2026-03-08", "02:30", "04:00"),
        ("2026-03-08 03:30-04:00", "2026-03-08 04:00-04:00"),
    ),
    (
        "clocks forward: an end in the gap moves by it",
        ("America/New_York", "2026-03-08", "01:30", "02:30"),
        ("2026-03-08 01:30-05:00", "2026-03-08 03:30-04:00"),
    ),
    (
        "clocks forward: an event within the gap keeps its length",
        ("America/New_York", "2026-03-08", "02:30", "02:50"),
        ("2026-03-08 03:30-04:00", "2026-03-08 03:50-04:00"),
    ),
    (
        "clocks forward: an event that would end before it starts keeps its length",
        ("America/New_York", "2026-03-08", "02:30", "03:15"),
        ("2026-03-08 03:30-04:00", "2026-03-08 04:15-04:00"),
    ),
    (
        "clocks forward: an event of which nothing would be left keeps its length",
        ("America/New_York", "2026-03-08", "02:30", "03:30"),
        ("2026-03-08 03:30-04:00", "2026-03-08 04:30-04:00"),
    ),
    (
        "clocks back: a start that comes twice is its first",
        ("America/New_York", "2026-11-01", "01:30", "03:00"),
        ("2026-11-01 01:30-04:00", "2026-11-01 03:00-05:00"),
    ),
    (
        "clocks back: an end that comes twice is its first",
        ("Europe/London", "2026-10-25", "00:30", "01:30"),
        ("2026-10-25 00:30+01:00", "2026-10-25 01:30+01:00"),
    ),
    (
        "clocks back overnight: it ends when the wall says so",
        ("Europe/London", "2026-10-24", "22:00", "02:00"),
        ("2026-10-24 22:00+01:00", "2026-10-25 02:00+00:00"),
    ),
    (
        "half an hour forward",
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "03:00"),
        ("2026-10-04 02:45+11:00", "2026-10-04 03:00+11:00"),
    ),
    (
        "a gap that ends at midnight moves the start to the next day",
        ("America/Nuuk", "2026-03-28", "23:30", "23:45"),
        ("2026-03-29 00:30-01:00", "2026-03-29 00:45-01:00"),
    ),
]


@pytest.mark.parametrize(("where", "expected"), [row[1:] for row in CLOCKS], ids=[row[0] for row in CLOCKS])
def test_a_clock_change_is_read_as_the_wall_is(where, expected):
    timezone, day, start_time, end_time = where
    assert walls(day, day, timezone, start_time=start_time, end_time=end_time) == [expected]


def test_the_wall_time_stays_over_a_change_of_clocks():
    assert walls("2026-10-24", "2026-10-26", "Europe/London", **TIMES) == [
        ("2026-10-24 09:00+01:00", "2026-10-24 11:00+01:00"),
        ("2026-10-25 09:00+00:00", "2026-10-25 11:00+00:00"),
        ("2026-10-26 09:00+00:00", "2026-10-26 11:00+00:00"),
    ]


def test_a_date_that_the_zone_left_out_has_no_occurrence():
    found = walls("2011-12-29", "2011-12-31", "Pacific/Apia", **TIMES)
    assert [start[:10] for start, _ in found] == ["2011-12-29", "2011-12-31"]
