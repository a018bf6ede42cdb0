"""Every kind of schedule in words."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from medications.presentation.schedule_words import how_and_when
from tests.medications.factories import (
    TODAY,
    DoseScheduleFactory,
    MedicineFactory,
    PrescriptionFactory,
    times,
)

DAILY = {"times": ["08:00"], "quantity": "1"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (times("08:00"), "1 tablet at 08:00"),
        (times("20:00", "morning", quantity="0.5"), "0.5 tablet at 08:00 and 20:00"),
        (times("08:00", "14:00", "bedtime"), "1 tablet at 08:00, 14:00 and 22:00"),
        (times("08:00", weekdays=[4, 0, 2]), "1 tablet at 08:00, on Monday, Wednesday and Friday"),
        ({"kind": "every_n_days", "n": 1, "start_date": "2026-11-01", **DAILY}, "1 tablet at 08:00"),
        (
            {"kind": "every_n_days", "n": 2, "start_date": "2026-11-01", **DAILY},
            "1 tablet at 08:00, every second day",
        ),
        (
            {"kind": "every_n_days", "n": 3, "start_date": "2026-11-01", **DAILY},
            "1 tablet at 08:00, every 3 days",
        ),
        (
            {"kind": "cycle", "on": 21, "off": 1, "start_date": "2026-11-01", **DAILY},
            "1 tablet at 08:00, for 21 days, then 1 day without",
        ),
        (
            {
                "kind": "taper",
                "steps": [{"quantity": "2", "days": 5}, {"quantity": "0.5", "days": 1}],
                "times": ["08:00"],
                "start_date": "2026-11-01",
            },
            "at 08:00: 2 tablets for 5 days, then 0.5 tablet for 1 day",
        ),
        (
            {"kind": "interval", "hours": 8, "first": "2026-11-01T06:00:00+02:00", "quantity": "1"},
            "1 tablet every 8 hours",
        ),
        (
            {"kind": "interval", "hours": 0.5, "first": "2026-11-01T06:00:00+02:00", "quantity": "1"},
            "1 tablet every 30 minutes",
        ),
        (
            {"kind": "as_needed", "min_hours": 1.5, "max_per_day": 3, "quantity": "2"},
            "2 tablets when needed, at least 1.5 hours apart, at most 3 a day",
        ),
        (times("08:00", start_date="2026-12-01"), "1 tablet at 08:00, from 1 December"),
        (
            times("08:00", start_date="2026-12-01", end_date="2027-01-05"),
            "1 tablet at 08:00, from 1 December until 5 January 2027",
        ),
        ({"kind": "nonsense"}, "as your clinic told you"),
    ],
)
def test_a_rule_is_said_as_people_say_it(rule: dict[str, Any], words: str) -> None:
    prescription = PrescriptionFactory(instructions_en="", instructions_af="")
    DoseScheduleFactory(prescription=prescription, rule=rule)
    with translation.override("en"):
        assert how_and_when(prescription, today=TODAY) == [words]


@pytest.mark.django_db
def test_two_schedules_are_two_lines_and_the_last_has_the_instructions() -> None:
    prescription = PrescriptionFactory(end_date=date(2026, 12, 31), medicine=MedicineFactory(form="puff"))
    DoseScheduleFactory(prescription=prescription, rule=times("08:00", quantity="2"))
    DoseScheduleFactory(prescription=prescription, rule=times("20:00", end_date="2026-11-30"))
    with translation.override("en"):
        assert how_and_when(prescription, today=TODAY) == [
            "2 puffs at 08:00, until 31 December",
            "1 puff at 20:00, until 30 November, with food",
        ]
