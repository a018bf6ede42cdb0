"""Doses over clock changes: wall time is kept, none is dropped, none is doubled."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from medications.rules import doses
from medications.rules.wall_time import is_skipped, zone


def due(rule, day, timezone, until=None):
    found = doses.expand(rule, start=day, end=until or day, timezone=timezone)
    return [(due_at.strftime("%d %H:%M"), str(quantity)) for due_at, quantity in found]


def at(*times, **more):
    return {"kind": "times", "times": list(times), "quantity": "1", **more}


@pytest.mark.parametrize(
    ("timezone", "day", "wall", "utc"),
    [
        ("Europe/London", date(2026, 3, 28), "01:30", "28 01:30"),
        ("Europe/London", date(2026, 3, 29), "00:30", "29 00:30"),
        (
            "Europe/London",
            date(2026, 3, 29),
            "01:30",
            "29 01:30",
        ),  # a gap: shown as 02:30
        ("Europe/London", date(2026, 3, 29), "02:30", "29 01:30"),
        ("Europe/London", date(2026, 3, 29), "08:00", "29 07:00"),
        ("Europe/London", date(2026, 10, 24), "08:00", "24 07:00"),
        (
            "Europe/London",
            date(2026, 10, 25),
            "01:30",
            "25 00:30",
        ),  # twice: the first one
        ("Europe/London", date(2026, 10, 25), "08:00", "25 08:00"),
        (
            "America/New_York",
            date(2026, 3, 8),
            "02:30",
            "08 07:30",
        ),  # a gap: shown as 03:30
        ("America/New_York", date(2026, 3, 8), "08:00", "08 12:00"),
        (
            "America/New_York",
            date(2026, 11, 1),
            "01:30",
            "01 05:30",
        ),  # twice: the first one
        ("America/New_York", date(2026, 11, 1), "08:00", "01 13:00"),
        (
            "Australia/Lord_Howe",
            date(2026, 10, 4),
            "02:15",
            "03 15:45",
        ),  # a gap of half an hour: shown as 02:45
        (
            "Australia/Lord_Howe",
            date(2026, 4, 5),
            "01:45",
            "04 14:45",
        ),  # twice: the first one
        ("Africa/Johannesburg", date(2026, 3, 29), "02:30", "29 00:30"),
    ],
)
def test_a_wall_time_is_one_instant_whatever_the_clock_does(timezone, day, wall, utc):
    assert due(at(wall), day, timezone) == [(utc, "1")]


def test_two_times_that_meet_in_a_gap_are_one_dose_of_both_quantities():
    assert due(at("01:30", "02:30"), date(2026, 3, 29), "Europe/London") == [("29 01:30", "2")]


def test_a_time_moved_past_another_by_a_gap_comes_after_it():
    assert due(at("02:30", "03:00"), date(2026, 3, 8), "America/New_York") == [
        ("08 07:00", "1"),
        ("08 07:30", "1"),
    ]


def test_a_date_that_the_zone_left_out_has_no_doses():
    found = due(at("08:00"), date(2011, 12, 29), "Pacific/Apia", until=date(2011, 12, 31))
    assert found == [("29 18:00", "1"), ("30 18:00", "1")]


def test_an_interval_counts_elapsed_hours_so_its_wall_time_drifts():
    rule = {
        "kind": "interval",
        "hours": 24,
        "first": "2026-03-27T08:00:00+00:00",
        "quantity": "1",
    }
    found = due(rule, date(2026, 3, 27), "Europe/London", until=date(2026, 3, 30))
    assert found == [
        ("27 08:00", "1"),
        ("28 08:00", "1"),
        ("29 08:00", "1"),
        ("30 08:00", "1"),
    ]


@pytest.mark.parametrize(("day", "count"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_an_hourly_interval_has_as_many_doses_as_the_day_has_hours(day, count):
    rule = {
        "kind": "interval",
        "hours": 1,
        "first": datetime(2026, 1, 1, tzinfo=UTC),
        "quantity": "1",
    }
    assert len(due(rule, day, "Europe/London")) == count


def test_due_times_are_aware_and_in_utc():
    [(due_at, quantity)] = doses.expand(
        at("08:00"),
        start=date(2026, 7, 1),
        end=date(2026, 7, 1),
        timezone="Africa/Johannesburg",
    )
    assert (due_at, due_at.utcoffset(), quantity) == (
        datetime(2026, 7, 1, 6, tzinfo=UTC),
        timedelta(0),
        Decimal(1),
    )


@pytest.mark.parametrize(
    ("name", "day", "skipped"),
    [
        ("Pacific/Apia", date(2011, 12, 29), False),
        ("Pacific/Apia", date(2011, 12, 30), True),
        ("Pacific/Apia", date(2011, 12, 31), False),
        ("Pacific/Kwajalein", date(1993, 8, 21), True),
        ("Pacific/Kiritimati", date(2026, 6, 1), False),
        ("Pacific/Auckland", date(2026, 1, 1), False),
        ("Africa/Johannesburg", date(2026, 6, 1), False),
        ("Europe/London", date(2026, 3, 29), False),
    ],
)
def test_a_day_that_a_zone_left_out_to_cross_the_date_line_has_no_doses(name, day, skipped):
    assert is_skipped(day, zone(name)) is skipped
    rule = {"kind": "times", "times": ["08:00"], "quantity": "1"}
    assert bool(doses.expand(rule, start=day, end=day, timezone=name)) is not skipped
