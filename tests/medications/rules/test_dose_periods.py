"""For which other days a dose may count, by the kind of its rule."""

from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from medications.rules import dose_kinds, doses
from medications.rules.dose_rule import LONGEST_PERIOD

MONDAY = date(2026, 11, 23)
WEDNESDAY = date(2026, 11, 25)
STARTS = {"start_date": "2026-11-23"}


def days(number: int) -> timedelta:
    return timedelta(days=number)


TIMES = {"kind": "times", "times": ["08:00"], "quantity": "1"}
EVERY = {"kind": "every_n_days", "times": ["08:00"], "quantity": "1", **STARTS}
CYCLE = {"kind": "cycle", "times": ["08:00"], "quantity": "1", **STARTS}
INTERVAL = {"kind": "interval", "quantity": "1", "first": "2026-11-23T06:00:00+02:00"}
TAPER = {"kind": "taper", "times": ["08:00"], "steps": [{"quantity": "2", "days": 3}], **STARTS}
AS_NEEDED = {"kind": "as_needed", "quantity": "1", "min_hours": 6, "max_per_day": 3}


@pytest.mark.parametrize(
    ("rule", "before", "after", "reach"),
    [
        (TIMES, 0, 0, 0),
        (TIMES | {"weekdays": [0, 1, 2, 3, 4, 5, 6]}, 0, 0, 0),
        (TIMES | {"weekdays": [2]}, 2, 4, 6),
        (TIMES | {"weekdays": [0, 1, 2, 3, 4, 5]}, 2, 4, 6),
        (EVERY | {"n": 1}, 0, 0, 0),
        (EVERY | {"n": 3}, 2, 2, 2),
        (EVERY | {"n": 999}, LONGEST_PERIOD, LONGEST_PERIOD, LONGEST_PERIOD),
        (CYCLE | {"on": 21, "off": 7}, 7, 7, 7),
        (CYCLE | {"on": 1, "off": 999}, LONGEST_PERIOD, LONGEST_PERIOD, LONGEST_PERIOD),
        (INTERVAL | {"hours": 24}, 1, 1, 1),
        (INTERVAL | {"hours": 25}, 2, 2, 2),
        (INTERVAL | {"hours": 8}, 1, 1, 1),
        (TAPER, 0, 0, 0),
        (AS_NEEDED, 0, 0, 0),
    ],
)
def test_the_period_of_a_wednesday(rule: dict[str, Any], before: int, after: int, reach: int) -> None:
    found = doses.parse(rule)
    assert found.period(WEDNESDAY) == (WEDNESDAY - days(before), WEDNESDAY + days(after))
    assert found.reach == reach


@pytest.mark.parametrize("day", [MONDAY, MONDAY + days(6)])
def test_the_week_of_chosen_weekdays_is_from_monday_to_sunday(day: date) -> None:
    assert doses.parse(TIMES | {"weekdays": [0]}).period(day) == (MONDAY, MONDAY + days(6))


@pytest.mark.parametrize(
    ("rule", "elapsed", "each_day"),
    [
        (TIMES, None, False),
        (EVERY | {"n": 3}, None, False),
        (CYCLE | {"on": 21, "off": 7}, None, True),
        (INTERVAL | {"hours": 8}, timedelta(hours=8), False),
        (TAPER, None, False),
    ],
)
def test_what_counts_elapsed_time_and_what_each_day(
    rule: dict[str, Any], elapsed: Any, each_day: bool
) -> None:
    found = doses.parse(rule)
    assert (found.elapsed, found.each_day) == (elapsed, each_day)


def test_two_rules_of_one_kind_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Module(NamedTuple):
        name: str

    def twice(path: Any) -> list[Module]:
        return [Module("times"), Module("times")]

    monkeypatch.setattr(dose_kinds, "iter_modules", twice)
    with pytest.raises(ImportError, match="two dose rules are of the kind times"):
        dose_kinds._find()


def test_the_kinds_are_the_modules_of_their_folder() -> None:
    assert dose_kinds._find() == dose_kinds.KINDS
    assert sorted(dose_kinds.KINDS) == ["as_needed", "cycle", "every_n_days", "interval", "taper", "times"]


def test_what_is_taken_as_needed_has_its_days_too() -> None:
    found = doses.parse(AS_NEEDED | {"start_date": "2026-11-23", "end_date": "2026-12-01"})
    assert (found.start_date, found.end_date) == (MONDAY, date(2026, 12, 1))
