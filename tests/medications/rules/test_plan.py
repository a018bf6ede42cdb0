"""A prescription's plan laid out over days."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from medications.rules.plan import Plan, lay_out, lay_out_around, looks_back, reaches
from medications.rules.replanning import Planned

MONDAY = date(2026, 11, 23)
DAILY = {"kind": "times", "times": ["08:00"], "quantity": "2"}
MONDAYS = {"kind": "times", "times": ["morning"], "quantity": "1", "weekdays": [0]}
EVERY_3 = {"kind": "every_n_days", "n": 3, "times": ["20:00"], "quantity": "1", "start_date": "2026-11-23"}
BROKEN = {"kind": "times", "times": [], "quantity": "1"}
EVERY_6_HOURS = {"kind": "interval", "quantity": "1", "hours": 6, "first": "2026-11-23T06:00:00+02:00"}


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def plan(*rules: Any, **more: Any) -> Plan:
    given = {
        "start_date": MONDAY,
        "end_date": None,
        "timezone": "Africa/Johannesburg",
        "slots": {"morning": "07:00"},
    }
    return Plan(**given | more, rules=dict(enumerate(rules, 1)))


def at(number: int, hour: int) -> datetime:
    """Of Johannesburg."""
    return datetime.combine(day(number), datetime.min.time(), UTC) + timedelta(hours=hour - 2)


def test_a_dose_has_its_place_on_the_wall_and_its_period() -> None:
    [found] = lay_out(plan(MONDAYS), begins=day(0), until={1: day(6)}).planned
    assert found == Planned(
        schedule=1,
        due_at=at(0, 7),
        day=day(0),
        at=datetime(2026, 1, 1, 7).time(),
        quantity=Decimal(1),
        first=day(0),
        last=day(6),
    )


def test_each_schedule_goes_to_its_last_day_and_the_moments_a_day_further() -> None:
    found = lay_out(plan(DAILY, EVERY_3), begins=day(0), until={1: day(1), 2: day(2)})
    assert [(each.schedule, each.day) for each in found.planned] == [(1, day(0)), (1, day(1)), (2, day(0))]
    assert found.moments == [at(0, 8), at(0, 20), at(1, 8), at(2, 8), at(3, 20)]
    assert (found.begins, found.until, found.refused) == (day(0), {1: day(1), 2: day(2)}, {})


@pytest.mark.parametrize(
    ("given", "days"),
    [
        ({}, [0, 1, 2]),
        ({"start_date": day(1)}, [1, 2]),
        ({"end_date": day(1)}, [0, 1]),
        ({"end_date": day(9)}, [0, 1, 2]),
        ({"end_date": day(-1)}, []),
    ],
)
def test_the_plan_begins_and_ends_with_its_prescription(given: dict[str, date], days: list[int]) -> None:
    found = lay_out(plan(DAILY, **given), begins=day(0), until={1: day(2)})
    assert [each.day for each in found.planned] == [day(number) for number in days]


def test_one_that_cannot_be_read_stops_no_other_and_says_why() -> None:
    found = lay_out(plan(BROKEN, DAILY), begins=day(0), until={1: day(1), 2: day(1)})
    assert [each.schedule for each in found.planned] == [2, 2]
    assert found.until == {2: day(1)}
    assert {schedule: error.field for schedule, error in found.refused.items()} == {1: "times"}


@pytest.mark.parametrize(
    ("given", "field"),
    [({"slots": {"morning": "seven"}}, "slots"), ({"timezone": "Mars/Olympus"}, "timezone")],
)
def test_where_the_clock_of_the_patient_cannot_be_read_each_schedule_says_so(given: Any, field: str) -> None:
    found = lay_out(plan(MONDAYS, DAILY, **given), begins=day(0), until={1: day(1), 2: day(1)})
    assert {schedule: error.field for schedule, error in found.refused.items()} == {1: field, 2: field}
    assert (list(found.planned), list(found.moments), found.until) == ([], [], {})


def test_around_a_day_it_begins_a_period_earlier() -> None:
    both = plan(MONDAYS, DAILY, start_date=day(-30))
    found = lay_out_around(both, begins=day(0), until={1: day(0), 2: day(0)})
    assert found.begins == day(0)
    assert min(each.day for each in found.planned) == day(-6)


@pytest.mark.parametrize(
    ("rules", "reach", "back"),
    [
        ([DAILY], {1: 0}, 2),
        ([DAILY, EVERY_3, MONDAYS], {1: 0, 2: 2, 3: 6}, 14),
        ([BROKEN], {}, 2),
        ([], {}, 2),
    ],
)
def test_it_looks_back_two_of_the_longest_periods_and_two_days_for_journeys(
    rules: list[Any], reach: dict[int, int], back: int
) -> None:
    assert reaches(plan(*rules)) == reach
    assert looks_back(plan(*rules)) == back


@pytest.mark.parametrize(
    ("ends", "left"),
    [(None, None), (day(3), day(3)), (day(5), day(5)), (day(6), day(6)), (day(7), None)],
)
def test_plans_that_go_on_are_the_same_between_two_days(ends: date | None, left: date | None) -> None:
    """The day after the last one is laid out too."""
    found = plan(DAILY, start_date=day(-9), end_date=ends).between(day(0), day(5))
    assert found == plan(DAILY, start_date=day(0), end_date=left)
    later = plan(DAILY, start_date=day(2))
    assert later.between(day(0), day(5)) == later


def test_of_elapsed_hours_it_says_how_near_counts_as_the_same() -> None:
    found = lay_out(plan(EVERY_6_HOURS), begins=day(0), until={1: day(0)})
    assert {each.elapsed for each in found.planned} == {timedelta(hours=6)}
    assert not any(each.each_day for each in found.planned)
    cycle = {
        "kind": "cycle",
        "on": 2,
        "off": 2,
        "start_date": "2026-11-23",
        "times": ["08:00"],
        "quantity": "1",
    }
    assert all(each.each_day for each in lay_out(plan(cycle), begins=day(0), until={1: day(3)}).planned)


def test_a_dose_is_planned_on_the_wall_of_its_patient() -> None:
    [found] = lay_out(replace(plan(DAILY), timezone="Asia/Tokyo"), begins=day(0), until={1: day(0)}).planned
    assert (found.day, found.at.hour, found.due_at) == (day(0), 8, at(0, 1))
