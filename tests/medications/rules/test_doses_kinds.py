"""Each kind of rule, on the dates and with the quantities that were prescribed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from medications.rules import doses
from medications.rules.errors import RuleError
from medications.rules.wall_time import zone

ZONE = "Africa/Johannesburg"
MONDAY = date(2026, 6, 1)


def due(rule, start, end, **more):
    found = doses.expand({"quantity": "1", **rule}, start=start, end=end, timezone=ZONE, **more)
    return [((due_at + timedelta(hours=2)).strftime("%m-%d %H:%M"), quantity) for due_at, quantity in found]


def days(rule, start, end):
    return [when[:5] for when, _ in due(rule, start, end)]


def test_slots_have_their_default_times():
    rule = {"kind": "times", "times": ["bedtime", "morning", "evening", "afternoon"]}
    assert [when for when, _ in due(rule, MONDAY, MONDAY)] == [
        "06-01 08:00",
        "06-01 14:00",
        "06-01 20:00",
        "06-01 22:00",
    ]


def test_a_slot_has_the_time_that_is_given_for_it_and_others_keep_theirs():
    rule = {"kind": "times", "times": ["morning", "evening", "08:00"]}
    assert due(rule, MONDAY, MONDAY, slots={"morning": "06:30"}) == [
        ("06-01 06:30", 1),
        ("06-01 08:00", 1),
        ("06-01 20:00", 1),
    ]


def test_times_that_meet_through_a_moved_slot_add_their_quantities():
    rule = {"kind": "times", "times": ["morning", "09:00"], "quantity": "0.5"}
    assert due(rule, MONDAY, MONDAY, slots={"morning": "09:00"}) == [("06-01 09:00", Decimal("1.0"))]


def test_only_chosen_weekdays_have_doses():
    rule = {"kind": "times", "times": ["08:00"], "weekdays": [0, 4]}
    assert days(rule, MONDAY, date(2026, 6, 14)) == ["06-01", "06-05", "06-08", "06-12"]


def test_start_and_end_date_have_doses_and_the_days_beyond_them_none():
    rule = {
        "kind": "times",
        "times": ["08:00"],
        "start_date": "2026-06-03",
        "end_date": "2026-06-05",
    }
    assert days(rule, MONDAY, date(2026, 6, 30)) == ["06-03", "06-04", "06-05"]


def test_every_n_days_counts_from_the_start_date():
    rule = {
        "kind": "every_n_days",
        "n": 3,
        "times": ["08:00"],
        "start_date": "2026-05-31",
    }
    assert days(rule, MONDAY, date(2026, 6, 9)) == ["06-03", "06-06", "06-09"]
    assert days(rule, date(2026, 5, 1), date(2026, 6, 3)) == ["05-31", "06-03"]
    assert days(rule, MONDAY, date(2026, 6, 8)) == ["06-03", "06-06"]
    assert [day.day for day, _ in doses.parse({"quantity": "1", **rule}).days(MONDAY, date(2026, 6, 8))] == [
        3,
        6,
    ]


def test_a_cycle_counts_days_on_and_off_from_the_start_date():
    rule = {
        "kind": "cycle",
        "on": 2,
        "off": 3,
        "times": ["08:00"],
        "start_date": "2026-05-31",
    }
    assert days(rule, MONDAY, date(2026, 6, 11)) == [
        "06-01",
        "06-05",
        "06-06",
        "06-10",
        "06-11",
    ]


def test_a_taper_goes_through_its_steps_and_ends():
    steps = [
        {"quantity": "2", "days": 2},
        {"quantity": "1.5", "days": 1},
        {"quantity": "0.5", "days": 2},
    ]
    rule = {
        "kind": "taper",
        "steps": steps,
        "times": ["08:00"],
        "start_date": "2026-06-01",
    }
    assert due(rule, date(2026, 5, 1), date(2026, 6, 30)) == [
        ("06-01 08:00", Decimal(2)),
        ("06-02 08:00", Decimal(2)),
        ("06-03 08:00", Decimal("1.5")),
        ("06-04 08:00", Decimal("0.5")),
        ("06-05 08:00", Decimal("0.5")),
    ]
    assert due(rule, date(2026, 6, 3), date(2026, 6, 4)) == [
        ("06-03 08:00", Decimal("1.5")),
        ("06-04 08:00", Decimal("0.5")),
    ]


def test_a_taper_needs_no_quantity_beside_its_steps():
    rule = {
        "kind": "taper",
        "steps": [{"quantity": "2", "days": 1}],
        "times": ["08:00"],
        "start_date": "2026-06-01",
    }
    assert len(doses.expand(rule, start=MONDAY, end=MONDAY, timezone=ZONE)) == 1


def test_an_interval_begins_with_its_first_dose_and_keeps_its_step():
    rule = {
        "kind": "interval",
        "hours": 8,
        "first": "2026-06-01T22:00:00+02:00",
        "end_date": "2026-06-03",
    }
    assert [when for when, _ in due(rule, date(2026, 5, 1), date(2026, 6, 30))] == [
        "06-01 22:00",
        "06-02 06:00",
        "06-02 14:00",
        "06-02 22:00",
        "06-03 06:00",
        "06-03 14:00",
        "06-03 22:00",
    ]


def test_a_dose_at_midnight_belongs_to_the_day_that_begins():
    rule = {"kind": "interval", "hours": 24, "first": "2026-06-01T00:00:00+02:00"}
    assert days(rule, MONDAY, date(2026, 6, 2)) == ["06-01", "06-02"]


def test_as_needed_has_no_doses():
    assert (
        due(
            {"kind": "as_needed", "min_hours": 4, "max_per_day": 4},
            MONDAY,
            date(2026, 6, 30),
        )
        == []
    )


def test_a_range_that_ends_before_it_starts_has_no_doses():
    assert due({"kind": "times", "times": ["08:00"]}, MONDAY, date(2026, 5, 31)) == []


def test_a_parsed_rule_expands_like_its_mapping():
    rule = {"kind": "times", "times": ["08:00"], "quantity": "1"}
    window = {"start": MONDAY, "end": date(2026, 6, 9), "timezone": ZONE}
    assert doses.expand(doses.parse(rule), **window) == doses.expand(rule, **window)


@pytest.mark.parametrize("kind", ["every_n_days", "cycle", "taper"])
def test_numbers_of_days_beyond_the_calendar_are_harmless(kind):
    much = 10**30
    keys = {
        "every_n_days": {"n": much},
        "cycle": {"on": much, "off": much},
        "taper": {"steps": [{"quantity": "1", "days": much}]},
    }
    rule = {"kind": kind, "times": ["08:00"], "start_date": "2026-06-01", **keys[kind]}
    assert days(rule, MONDAY, MONDAY) == ["06-01"]


def test_a_rule_that_is_centuries_old_expands_as_quickly_as_a_new_one():
    rule = {"kind": "interval", "hours": 0.5, "first": "0001-01-02T00:00:00Z"}
    assert len(due(rule, MONDAY, MONDAY)) == 48


@pytest.mark.parametrize(
    ("until_next", "valid"),
    [
        (None, timedelta(hours=4)),
        (timedelta(hours=24), timedelta(hours=4)),
        (timedelta(hours=8), timedelta(hours=4)),
        (timedelta(hours=6), timedelta(hours=3)),
        (timedelta(minutes=30), timedelta(minutes=15)),
    ],
)
def test_a_reminder_is_valid_half_way_to_the_next_dose_and_four_hours_at_most(until_next, valid):
    due_at = datetime(2026, 6, 1, 6, tzinfo=UTC)
    assert doses.remind_until(due_at, until_next and due_at + until_next) == due_at + valid


def test_half_way_is_elapsed_time_over_a_clock_change():
    london = zone("Europe/London")
    due_at = datetime(2026, 3, 29, 0, 0, tzinfo=london)
    next_due_at = datetime(2026, 3, 29, 4, 0, tzinfo=london)
    assert doses.remind_until(due_at, next_due_at) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


SIX = datetime(2026, 6, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due_at", "next_due_at", "words"),
    [
        (SIX, SIX, "next_due_at: this must be after due_at."),
        (SIX, datetime(2026, 6, 2, 6), "next_due_at: the date and time must have an offset."),
        (datetime(2026, 6, 1, 6), None, "due_at: the date and time must have an offset."),
    ],
)
def test_a_next_dose_that_is_not_later_or_naive_is_refused(due_at, next_due_at, words):
    with pytest.raises(RuleError) as refused:
        doses.remind_until(due_at, next_due_at)
    assert str(refused.value) == words and words.startswith(f"{refused.value.field}: ")
