"""The RRULE that the recurrence is compared with is the right one: what the RFC's examples don't show."""

from datetime import date

import pytest

from events.rules.config import parse
from events.rules.recurrence import expand
from tests.events.rules.rrule import NoRRuleError, to_rrule

JOHANNESBURG = "Africa/Johannesburg"
NEW_YORK = "America/New_York"


def series(timezone=JOHANNESBURG, dtstart="2026-01-06", **config):
    parsed = parse({"start_time": "09:00", "end_time": "11:00"} | config)
    return to_rrule(parsed, dtstart=date.fromisoformat(dtstart), timezone=timezone)


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
    with pytest.raises(NoRRuleError):
        to_rrule(config, dtstart=first.date(), timezone=JOHANNESBURG)
