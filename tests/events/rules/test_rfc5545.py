"""A series as an RRULE and an RRULE as a series: what the section's examples don't show."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from events.rules.config import parse
from events.rules.errors import ConfigError, NotExpressibleError
from events.rules.recurrence import expand
from events.rules.rfc5545 import from_rrule, to_rrule

JOHANNESBURG = "Africa/Johannesburg"
NEW_YORK = "America/New_York"
MORNING = datetime(2026, 1, 6, 9)  # a Tuesday


def series(timezone=JOHANNESBURG, dtstart="2026-01-06", **config):
    parsed = parse({"start_time": "09:00", "end_time": "11:00"} | config)
    return to_rrule(parsed, dtstart=date.fromisoformat(dtstart), timezone=timezone)


def read(rrule, dtstart=MORNING, dtend=None, timezone=JOHANNESBURG, exdates=()):
    dtend = dtend or dtstart.replace(hour=dtstart.hour + 1)
    return from_rrule(rrule, dtstart=dtstart, dtend=dtend, timezone=timezone, exdates=exdates)


WRITTEN = [
    ({"type": "weekly", "weekdays": [3, 1]}, "2026-01-06", "FREQ=WEEKLY;BYDAY=TU,TH"),
    ({"type": "monthly", "month_day": -1}, "2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    (
        {"type": "monthly", "month_day": 30, "clamp": True},
        "2026-02-28",
        "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1",
    ),
    ({"type": "monthly", "month_day": 20, "clamp": True}, "2026-02-20", "FREQ=MONTHLY;BYMONTHDAY=20"),
    (
        {"type": "monthly", "month_day": 1, "weekday": 5},
        "2026-02-07",
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=1,2,3,4,5,6,7",
    ),
    ({"type": "monthly", "nth": -1, "weekday": 4}, "2026-01-30", "FREQ=MONTHLY;BYDAY=-1FR"),
    ({"type": "quarterly", "nth": 1, "weekday": 0}, "2026-01-05", "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO"),
    (
        {"type": "quarterly", "month_day": 5, "interval": 2, "start_date": "2026-01-01"},
        "2026-07-05",
        "FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=5",
    ),
    ({"type": "yearly", "month": 3, "nth": 2, "weekday": 1}, "2026-03-10", "FREQ=YEARLY;BYMONTH=3;BYDAY=2TU"),
    (
        {"type": "yearly", "month": 1, "month_day": 25, "weekday": 1},
        "2026-01-27",
        "FREQ=YEARLY;BYMONTH=1;BYDAY=TU;BYMONTHDAY=25,26,27,28,29,30,31",
    ),
    (
        {"type": "weekly", "weekday": 1, "start_date": "2026-01-06", "count": 5},
        "2026-01-20",
        "FREQ=WEEKLY;BYDAY=TU;COUNT=3",
    ),
    (
        {"type": "weekly", "weekday": 1, "until": "2026-06-30"},
        "2026-01-06",
        "FREQ=WEEKLY;BYDAY=TU;UNTIL=20260630T070000Z",
    ),
]


@pytest.mark.parametrize(("config", "dtstart", "rrule"), WRITTEN)
def test_a_series_is_written_as_this_rrule(config, dtstart, rrule):
    assert series(**config, dtstart=dtstart) == rrule


def test_the_last_day_is_written_in_utc_as_its_clock_has_it():
    config = {"type": "weekly", "weekday": 1}
    assert series(**config, until="2026-07-07", timezone=NEW_YORK).endswith("UNTIL=20260707T130000Z")
    assert series(**config, until="2026-12-01", timezone=NEW_YORK).endswith("UNTIL=20261201T140000Z")


def test_the_end_of_the_calendar_can_be_written():
    assert "UNTIL=99981231T" in series(type="weekly", weekday=1, until="9999-12-31", timezone=NEW_YORK)


@pytest.mark.parametrize("more", [{"month_day": 23}, {"month_day": 31, "clamp": True}, {"month_day": -1}])
def test_a_weekday_that_may_fall_in_the_next_month_has_no_rrule(more):
    config = parse({"type": "monthly", "weekday": 1, "start_time": "09:00", "end_time": "10:00", **more})
    [(first, _), *_] = expand(config, date(2026, 1, 1), date(2026, 3, 31), JOHANNESBURG)
    with pytest.raises(NotExpressibleError) as refused:
        to_rrule(config, dtstart=first.date(), timezone=JOHANNESBURG)
    assert (refused.value.key, refused.value.code) == ("month_day", "no_rrule")


def test_a_series_that_is_not_active_has_no_rrule():
    with pytest.raises(NotExpressibleError) as refused:
        series(type="weekly", weekday=1, active=False)
    assert refused.value.key == "active"


def test_a_dtstart_that_is_no_occurrence_is_refused():
    with pytest.raises(ConfigError) as refused:
        series(type="weekly", weekday=1, dtstart="2026-01-07")
    assert (refused.value.key, refused.value.code) == ("dtstart", "no_occurrence")


READ = [
    ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", {"type": "weekly", "weekdays": [0, 1, 2, 3, 4]}),
    ("RRULE:freq=weekly;byday=tu", {"type": "weekly", "weekday": 1}),
    ("FREQ=WEEKLY;BYDAY=TU,SU;WKST=SU", {"type": "weekly", "weekdays": [1, 6]}),
    ("FREQ=MONTHLY", {"type": "monthly", "month_day": 6}),
    (
        "FREQ=MONTHLY;INTERVAL=3;BYDAY=TU;BYSETPOS=1",
        {"type": "monthly", "interval": 3, "nth": 1, "weekday": 1},
    ),
    ("FREQ=MONTHLY;BYDAY=+1TU", {"type": "monthly", "nth": 1, "weekday": 1}),
    ("FREQ=YEARLY", {"type": "yearly", "month": 1, "month_day": 6}),
    ("FREQ=YEARLY;BYMONTH=1", {"type": "yearly", "month": 1, "month_day": 6}),
    ("FREQ=YEARLY;BYMONTH=1;BYDAY=1TU", {"type": "yearly", "month": 1, "nth": 1, "weekday": 1}),
    ("FREQ=WEEKLY;COUNT=3", {"type": "weekly", "weekday": 1, "count": 3}),
    ("FREQ=WEEKLY;UNTIL=20260301", {"type": "weekly", "weekday": 1, "until": "2026-03-01"}),
    # Until before that day's start is until the day before; the same instant is inclusive.
    ("FREQ=WEEKLY;UNTIL=20260303T065959Z", {"type": "weekly", "weekday": 1, "until": "2026-03-02"}),
    ("FREQ=WEEKLY;UNTIL=20260303T070000Z", {"type": "weekly", "weekday": 1, "until": "2026-03-03"}),
    ("FREQ=WEEKLY;UNTIL=20260303T090000", {"type": "weekly", "weekday": 1, "until": "2026-03-03"}),
    ("FREQ=WEEKLY;UNTIL=99991231T235959Z", {"type": "weekly", "weekday": 1, "until": "9998-12-30"}),
]


@pytest.mark.parametrize(("rrule", "config"), READ)
def test_an_rrule_is_read_as_this_series(rrule, config):
    times = {"start_time": "09:00", "end_time": "10:00", "start_date": "2026-01-06"}
    assert read(rrule) == parse(times | config)


def test_a_clamped_day_and_29_february_are_read():
    last_of_january = datetime(2026, 1, 31, 9)
    assert read("FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", dtstart=last_of_january).clamp
    leap_day = read("FREQ=YEARLY", dtstart=datetime(2028, 2, 29, 9))
    assert (leap_day.month, leap_day.month_day, leap_day.clamp) == (2, 29, False)


def test_times_are_those_of_the_wall_and_may_run_over_midnight():
    config = read(
        "FREQ=WEEKLY",
        dtstart=datetime(2026, 1, 6, 20, tzinfo=UTC),
        dtend=datetime(2026, 1, 7, 2, tzinfo=ZoneInfo(JOHANNESBURG)),
    )
    assert config == read("FREQ=WEEKLY", dtstart=datetime(2026, 1, 6, 22), dtend=datetime(2026, 1, 7, 2))
    assert (config.start_time.hour, config.end_time.hour) == (22, 2)


def test_exdates_are_skipped_dates_when_they_are_starts():
    exdates = [
        datetime(2026, 1, 13, 9),
        datetime(2026, 1, 20, 7, tzinfo=UTC),
        datetime(2026, 1, 27, 10),  # no start, so it excludes nothing
    ]
    assert read("FREQ=WEEKLY", exdates=exdates).skip_dates == {date(2026, 1, 13), date(2026, 1, 20)}


def test_an_exdate_in_an_hour_that_comes_twice_is_its_first():
    start = datetime(2026, 10, 25, 1, 30)
    config = read(
        "FREQ=WEEKLY", dtstart=start, timezone=NEW_YORK, exdates=[datetime(2026, 11, 1, 5, 30, tzinfo=UTC)]
    )
    assert config.skip_dates == {date(2026, 11, 1)}
    assert not read(
        "FREQ=WEEKLY", dtstart=start, timezone=NEW_YORK, exdates=[datetime(2026, 11, 1, 6, 30, tzinfo=UTC)]
    ).skip_dates


NO_PATTERNS = [
    ("FREQ=WEEKLY;BYDAY=WE", "DTSTART"),  # 6 January is a Tuesday
    ("FREQ=WEEKLY;BYMONTH=1", "BYMONTH"),
    ("FREQ=WEEKLY;BYDAY=TU;BYSETPOS=1", "BYSETPOS"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,MO;WKST=TU", "WKST"),
    ("FREQ=DAILY;INTERVAL=7", "INTERVAL"),
    ("FREQ=MONTHLY;BYMONTHDAY=-2", "BYMONTHDAY"),
    ("FREQ=MONTHLY;BYMONTHDAY=5,6;BYSETPOS=-1", "BYSETPOS"),
    ("FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=1", "BYSETPOS"),
    ("FREQ=MONTHLY;BYDAY=1TU;BYMONTHDAY=1,2,3,4,5,6,7", "BYMONTHDAY"),
    ("FREQ=MONTHLY;BYDAY=TU;BYMONTHDAY=1,2,3,4,5,6", "BYMONTHDAY"),
    ("FREQ=MONTHLY;BYDAY=TU;BYMONTHDAY=25,26,27,28,29,30,31", "BYMONTHDAY"),
    ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=6", "BYDAY"),
    ("FREQ=MONTHLY;BYDAY=1TU;BYSETPOS=1", "BYDAY"),
    ("FREQ=MONTHLY;BYMONTH=1", "BYMONTH"),
    ("FREQ=YEARLY;BYMONTHDAY=6", "BYMONTHDAY"),
    ("FREQ=SECONDLY", "FREQ"),
]
MALFORMED = [
    ("", "RRULE"),
    ("weekly", "WEEKLY"),
    ("INTERVAL=1", "FREQ"),
    ("FREQ=FORTNIGHTLY", "FREQ"),
    ("FREQ=", "FREQ"),
    ("FREQ=WEEKLY;", "RRULE"),
    ("FREQ=WEEKLY;FREQ=WEEKLY", "FREQ"),
    ("FREQ=WEEKLY;X-SPAM=1", "X-SPAM"),
    ("FREQ=WEEKLY;INTERVAL=0", "INTERVAL"),
    ("FREQ=WEEKLY;INTERVAL=1,2", "INTERVAL"),
    ("FREQ=WEEKLY;INTERVAL=two", "INTERVAL"),
    ("FREQ=WEEKLY;INTERVAL=99999", "INTERVAL"),
    ("FREQ=WEEKLY;COUNT=-1", "COUNT"),
    ("FREQ=WEEKLY;BYDAY=1TU", "BYDAY"),
    ("FREQ=WEEKLY;BYDAY=DI", "BYDAY"),
    ("FREQ=WEEKLY;WKST=XX", "WKST"),
    ("FREQ=MONTHLY;WKST=XX", "WKST"),
    ("FREQ=WEEKLY;UNTIL=tomorrow", "UNTIL"),
    ("FREQ=WEEKLY;UNTIL=20260230", "UNTIL"),
    ("FREQ=WEEKLY;UNTIL=2026010", "UNTIL"),
    ("FREQ=WEEKLY;UNTIL=20260101Z", "UNTIL"),
    ("FREQ=MONTHLY;BYDAY=0TU", "BYDAY"),
    ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"),
    ("FREQ=MONTHLY;BYMONTHDAY=a", "BYMONTHDAY"),
    ("FREQ=YEARLY;BYMONTH=13", "BYMONTH"),
    # These are RRULEs, but no series of ours: the key is recurring_config's own.
    ("FREQ=WEEKLY;COUNT=1000", "count"),
    ("FREQ=WEEKLY;COUNT=2;UNTIL=20260301", "count"),
    ("FREQ=WEEKLY;UNTIL=20250301", "until"),
    ("FREQ=WEEKLY;UNTIL=00010101", "until"),
    ("FREQ=MONTHLY;BYMONTHDAY=0", "month_day"),
]


@pytest.mark.parametrize(("rrule", "part"), NO_PATTERNS)
def test_what_no_pattern_says_is_refused_with_its_part(rrule, part):
    with pytest.raises(NotExpressibleError) as refused:
        read(rrule)
    assert refused.value.key == part


@pytest.mark.parametrize(("rrule", "part"), MALFORMED)
def test_text_that_is_no_rrule_is_refused_with_its_part(rrule, part):
    with pytest.raises(ConfigError) as refused:
        read(rrule)
    assert refused.value.key == part
    assert not isinstance(refused.value, NotExpressibleError)


@pytest.mark.parametrize(
    ("dtstart", "dtend", "key"),
    [
        (datetime(2026, 1, 6, 9, 0, 30), datetime(2026, 1, 6, 10), "DTSTART"),
        (datetime(2026, 1, 6, 9), datetime(2026, 1, 6, 10, 0, 30), "DTEND"),
        (datetime(2026, 1, 6, 9), datetime(2026, 1, 6, 9), "DTEND"),
        (datetime(2026, 1, 6, 9), datetime(2026, 1, 7, 9, 1), "DTEND"),
        (datetime(2026, 1, 6, 9), datetime(2026, 1, 5, 10), "DTEND"),
    ],
)
def test_an_event_that_is_no_part_of_a_day_is_refused(dtstart, dtend, key):
    with pytest.raises(NotExpressibleError) as refused:
        read("FREQ=WEEKLY", dtstart=dtstart, dtend=dtend)
    assert refused.value.key == key


def test_an_unknown_zone_is_refused():
    with pytest.raises(ConfigError) as refused:
        read("FREQ=WEEKLY", timezone="Africa/Joburg")
    assert refused.value.key == "timezone"


PART = st.one_of(
    st.sampled_from(
        ["FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY", "FREQ=DAILY", "INTERVAL=2", "WKST=SU", "COUNT=4"]
    ),
    st.builds(
        "{}={}{}".format,
        st.sampled_from(["BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "UNTIL", "WKST", "BYYEARDAY", "FREQ"]),
        st.sampled_from(["", "1", "-1", "20270401T000000Z", "00010101T000000Z", "99991231T000000Z"]),
        st.sampled_from(["", "MO", "TU", "TU,TH", "1", "1,2", ",", "31"]),
    ),
    st.text(max_size=10),
)


@given(parts=st.lists(PART, max_size=5), zone=st.sampled_from([JOHANNESBURG, NEW_YORK]))
def test_any_text_is_read_as_dateutil_reads_it_or_refused(parts, zone):
    text = ";".join(parts)
    try:
        config = read(text, timezone=zone)
    except ConfigError:
        return
    tz = ZoneInfo(zone)
    found = expand(config, date(2026, 1, 1), date(2028, 12, 31), zone)
    elsewhere = rrulestr(text, dtstart=MORNING.replace(tzinfo=tz))
    window = [datetime(year, 1, 1, tzinfo=tz) for year in (2026, 2029)]
    assert [start for start, _ in found] == elsewhere.between(*window)
