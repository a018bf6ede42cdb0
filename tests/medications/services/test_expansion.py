"""Doses are rows over a horizon; nothing is doubled, dropped or rewritten."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from home.models import Clinic, Patient
from medications.models import Dose, DoseSchedule
from medications.rules.plan import lay_out
from medications.services import expansion
from medications.services.expansion import expand_doses
from medications.services.replanning import replace_doses
from tests.at_once import at_once
from tests.factories import ClinicFactory, PatientFactory
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseFactory,
    DoseScheduleFactory,
    PrescriptionFactory,
    times,
)

pytestmark = pytest.mark.django_db

COLUMNS = (
    "due_at",
    "local_day",
    "local_time",
    "quantity",
    "state",
    "kind",
    "next_reminder_at",
    "remind_until",
    "missed_at",
)
"""What equal plans have equal."""


def due_times(schedule: DoseSchedule) -> list[str]:
    return [
        f"{due_at:%m-%d %H:%M}"
        for due_at in schedule.doses.order_by("due_at").values_list("due_at", flat=True)
    ]


def test_it_makes_the_doses_of_the_days_ahead_and_none_of_the_past() -> None:
    schedule = DoseScheduleFactory(rule=times("08:00", "20:00", quantity="0.5"))
    assert expand_doses(now=NOW, days=1) == 3
    assert due_times(schedule) == ["11-24 18:00", "11-25 06:00", "11-25 18:00"]
    dose = schedule.doses.order_by("due_at")[0]
    assert str(dose.quantity) == "0.500"
    assert dose.next_reminder_at == dose.due_at
    assert dose.missed_at == dose.due_at + timedelta(hours=2)
    assert dose.patient_id == schedule.prescription.patient_id


def test_it_changes_nothing_when_it_runs_again() -> None:
    schedule = DoseScheduleFactory()
    expand_doses(now=NOW)
    before = list(Dose.objects.values_list("id", "due_at"))
    assert expand_doses(now=NOW) == 0
    DoseSchedule.objects.update(expanded_until=None)
    expand_doses(now=NOW)
    assert sorted(Dose.objects.values_list("id", "due_at")) == sorted(before)
    assert len(before) == 14
    schedule.refresh_from_db()
    assert schedule.expanded_until == TODAY + timedelta(days=14)


def test_the_next_night_adds_one_day() -> None:
    schedule = DoseScheduleFactory()
    expand_doses(now=NOW, days=2)
    assert expand_doses(now=NOW + timedelta(days=1), days=2) == 1
    assert due_times(schedule) == ["11-25 06:00", "11-26 06:00", "11-27 06:00"]


def test_nights_missed_are_made_up_for_without_a_gap() -> None:
    schedule = DoseScheduleFactory()
    expand_doses(now=NOW, days=1)
    expand_doses(now=NOW + timedelta(days=3), days=1)
    assert due_times(schedule) == ["11-25 06:00", "11-26 06:00", "11-27 06:00", "11-28 06:00"]


def test_the_patients_times_of_day_win_over_the_clinics() -> None:
    clinic = ClinicFactory(slot_times={"morning": "07:00", "evening": "19:00"})
    patient = PatientFactory(clinic=clinic, slot_times={"morning": "06:30"})
    schedule = DoseScheduleFactory(prescription__patient=patient, rule=times("morning", "evening", "bedtime"))
    expand_doses(now=NOW - timedelta(hours=4), days=0)
    assert due_times(schedule) == ["11-24 04:30", "11-24 17:00", "11-24 20:00"]


def test_a_dose_keeps_its_local_time_over_a_clock_change() -> None:
    patient = PatientFactory(timezone="Europe/London")
    schedule = DoseScheduleFactory(prescription__patient=patient)
    expand_doses(now=datetime(2026, 10, 23, 12, tzinfo=UTC), days=3)
    # Summer time ends on 25 October 2026.
    assert due_times(schedule) == []  # the prescription begins on 1 November
    schedule.prescription.start_date = date(2026, 10, 1)
    schedule.prescription.save()
    replace_doses(prescriptions=[schedule.prescription_id], now=datetime(2026, 10, 23, 12, tzinfo=UTC))
    assert due_times(schedule)[:3] == ["10-24 07:00", "10-25 08:00", "10-26 08:00"]


def test_no_dose_falls_outside_the_prescriptions_dates() -> None:
    prescription = PrescriptionFactory(
        start_date=TODAY + timedelta(days=1), end_date=TODAY + timedelta(days=2)
    )
    schedule = DoseScheduleFactory(prescription=prescription)
    expand_doses(now=NOW)
    assert due_times(schedule) == ["11-25 06:00", "11-26 06:00"]
    assert expand_doses(now=NOW + timedelta(days=5)) == 0


def test_the_ended_and_the_deceased_get_none() -> None:
    DoseScheduleFactory(prescription__ended_at=NOW)
    DoseScheduleFactory(prescription__patient__deceased_on=TODAY)
    assert expand_doses(now=NOW) == 0


def test_reminders_that_are_off_are_not_waiting() -> None:
    DoseScheduleFactory(prescription__reminders_enabled=False)
    expand_doses(now=NOW)
    assert not Dose.objects.filter(next_reminder_at__isnull=False).exists()


def test_a_reminder_is_good_until_half_way_to_the_prescriptions_next_dose() -> None:
    prescription = PrescriptionFactory()
    DoseScheduleFactory(prescription=prescription, rule=times("09:00", "21:00"))
    second = DoseScheduleFactory(prescription=prescription, rule=times("11:00", end_date=f"{TODAY}"))
    expand_doses(now=NOW, days=0)
    until = {
        f"{due_at:%H:%M}": f"{until:%H:%M}"
        for due_at, until in Dose.objects.values_list("due_at", "remind_until")
    }
    # 09:00 is half way to the temporary 11:00; the last of the horizon is 4 h before the next day's.
    assert until == {"07:00": "08:00", "09:00": "13:00", "19:00": "23:00"}
    assert second.doses.count() == 1


def test_the_last_dose_of_the_horizon_knows_the_next_day() -> None:
    schedule = DoseScheduleFactory(rule=times("01:00", "23:00"))
    expand_doses(now=NOW, days=0)
    dose = schedule.doses.get()
    assert dose.remind_until == dose.due_at + timedelta(hours=1)


def test_one_bad_rule_delays_no_other(caplog: pytest.LogCaptureFixture) -> None:
    bad = DoseScheduleFactory(rule={"kind": "hourly"})
    good = DoseScheduleFactory()
    expand_doses(now=NOW)
    assert (bad.doses.count(), good.doses.count()) == (0, 14)
    assert f"schedule {bad.id} can't be expanded" in caplog.text


def test_the_number_of_queries_does_not_grow_with_the_schedules() -> None:
    def count(schedules: int) -> int:
        for _ in range(schedules):
            DoseScheduleFactory(rule=times("20:00"))
        with CaptureQueriesContext(connection) as captured:
            assert expand_doses(now=NOW, days=0) == schedules
        return len(captured)

    assert count(2) == count(40)


def test_equal_plans_are_laid_out_once_whenever_they_began(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out = Mock(side_effect=lay_out)
    monkeypatch.setattr(expansion, "lay_out", laid_out)
    schedules = [
        DoseScheduleFactory(prescription__start_date=TODAY - timedelta(days=back)) for back in range(5)
    ]
    own = DoseScheduleFactory(prescription__patient__slot_times={"morning": "05:00"})
    expand_doses(now=NOW)
    assert laid_out.call_count == 2
    doses = [schedule.doses.order_by("due_at").values(*COLUMNS) for schedule in (*schedules, own)]
    assert all(list(each) == list(doses[0]) for each in doses)
    assert len(doses[0]) == 14
    assert {dose.patient_id for dose in schedules[3].doses.all()} == {schedules[3].prescription.patient_id}
    assert {dose.prescription_id for dose in schedules[3].doses.all()} == {schedules[3].prescription_id}


@pytest.mark.parametrize(
    "other",
    [
        {"rule": times("09:00")},
        {"rule": times("08:00", quantity="2")},
        {"prescription__start_date": TODAY + timedelta(days=3)},
        {"prescription__end_date": TODAY + timedelta(days=3)},
        {"prescription__reminders_enabled": False},
        {"prescription__patient__timezone": "Europe/London"},
        {"prescription__patient__clinic__slot_times": {"morning": "07:00"}},
        {"expanded_until": TODAY + timedelta(days=2)},
    ],
)
def test_what_differs_in_anything_has_doses_of_its_own(other: dict[str, Any]) -> None:
    """As many as it would have alone, beside one that it might be taken for."""
    rule = times("morning")
    alone = DoseScheduleFactory(**{"rule": rule, **other})
    expand_doses(now=NOW)
    DoseScheduleFactory(rule=rule)
    beside = DoseScheduleFactory(**{"rule": rule, **other})
    expand_doses(now=NOW)
    assert list(beside.doses.order_by("due_at").values(*COLUMNS)) == list(
        alone.doses.order_by("due_at").values(*COLUMNS)
    )


def test_a_run_reads_only_who_is_behind_at_their_own_place() -> None:
    near = DoseScheduleFactory()
    far = DoseScheduleFactory(prescription__patient__timezone="Pacific/Auckland")
    expand_doses(now=NOW)
    # In Auckland it is Wednesday by then, in Johannesburg still Tuesday.
    with CaptureQueriesContext(connection) as captured:
        assert expand_doses(now=NOW + timedelta(hours=12)) == 1
    assert len([query for query in captured if f"({far.prescription_id})" in query["sql"]]) >= 1
    near.refresh_from_db()
    far.refresh_from_db()
    assert (near.expanded_until, far.expanded_until) == (
        TODAY + timedelta(days=14),
        TODAY + timedelta(days=15),
    )
    with CaptureQueriesContext(connection) as captured:
        assert expand_doses(now=NOW + timedelta(hours=12)) == 0
    assert len(captured) == 1


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_beside_a_changed_plan_make_each_dose_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expansion, "CHUNK", 5)
    schedules = [DoseScheduleFactory() for _ in range(20)]
    changed = schedules[7]
    DoseSchedule.objects.filter(pk=changed.pk).update(rule=times("10:00"))
    made = at_once(
        lambda: expand_doses(now=NOW, days=3),
        lambda: expand_doses(now=NOW, days=3),
        lambda: replace_doses(prescriptions=[changed.prescription_id], now=NOW),
    )
    assert made[0] + made[1] >= 19 * 3
    assert all(len(due_times(each)) == 3 for each in schedules if each != changed)
    assert set(due_times(changed)[:3]) <= {"11-24 08:00", "11-25 08:00", "11-26 08:00", "11-27 08:00"}
    assert Dose.objects.count() == len(set(Dose.objects.values_list("schedule_id", "due_at")))


class TestReplace:
    def test_what_was_answered_or_missed_stays_and_what_is_open_moves(self) -> None:
        schedule = DoseScheduleFactory()
        past = DoseFactory(schedule=schedule, due_at=NOW - timedelta(days=1), state=Dose.State.MISSED)
        now_due = DoseFactory(schedule=schedule)
        ahead = DoseFactory(schedule=schedule, due_at=NOW + timedelta(days=1), state=Dose.State.TAKEN)
        DoseFactory(schedule=schedule, due_at=NOW + timedelta(days=2))
        schedule.rule = times("10:00")
        schedule.save()
        replace_doses(prescriptions=[schedule.prescription_id], now=NOW)
        kept = Dose.objects.filter(id__in=[past.id, now_due.id, ahead.id])
        assert kept.count() == 3
        # A dose that was taken ahead counts as that day's.
        assert due_times(schedule)[:4] == ["11-23 06:00", "11-24 08:00", "11-25 06:00", "11-26 08:00"]

    def test_the_same_rule_gives_the_same_doses(self) -> None:
        schedule = DoseScheduleFactory(rule=times("08:00", "20:00"))
        expand_doses(now=NOW)
        before = due_times(schedule)
        replace_doses(prescriptions=[schedule.prescription_id], now=NOW)
        assert due_times(schedule) == before


class TestClock:
    @time_machine.travel(NOW, tick=False)
    def test_doses_ahead_move_with_the_clinics_times_of_day(self, django_capture_on_commit_callbacks) -> None:
        schedule = DoseScheduleFactory(rule=times("evening"))
        expand_doses(now=NOW, days=1)
        taken = schedule.doses.order_by("due_at")[0]
        Dose.objects.filter(id=taken.id).update(state=Dose.State.TAKEN)
        clinic = Clinic.objects.get()
        clinic.slot_times = {"evening": "18:00"}
        with django_capture_on_commit_callbacks(execute=True):
            clinic.save()
        assert due_times(schedule)[:3] == ["11-24 18:00", "11-25 16:00", "11-26 16:00"]

    @time_machine.travel(NOW, tick=False)
    def test_doses_ahead_move_with_the_patients_zone(self, django_capture_on_commit_callbacks) -> None:
        schedule = DoseScheduleFactory()
        expand_doses(now=NOW)
        patient = schedule.prescription.patient
        patient.timezone = "Europe/London"
        with django_capture_on_commit_callbacks(execute=True):
            patient.save()
        assert due_times(schedule)[:2] == ["11-24 08:00", "11-25 08:00"]
        assert len(due_times(schedule)) == 15


class TestAnyNights(TestCase):
    @settings(max_examples=15, deadline=None)
    @given(nights=st.lists(st.integers(0, 20), min_size=1, max_size=5))
    def test_any_nights_give_what_one_run_gives(self, nights: list[int]) -> None:
        rule = {
            "kind": "every_n_days",
            "n": 3,
            "times": ["08:00", "21:30"],
            "quantity": "1",
            "start_date": "2026-11-02",
        }
        piecewise, at_once = DoseScheduleFactory(rule=rule), DoseScheduleFactory(rule=rule)
        for night in sorted({0, *nights}):
            expand_doses(now=NOW + timedelta(days=night), days=2, prescriptions=[piecewise.prescription_id])
        expand_doses(now=NOW, days=max(nights) + 2, prescriptions=[at_once.prescription_id])
        columns = ("due_at", "remind_until", "quantity")
        assert list(piecewise.doses.order_by("due_at").values_list(*columns)) == list(
            at_once.doses.order_by("due_at").values_list(*columns)
        )


class TestPoison:
    """What one row holds past the forms must not keep anybody else from being reminded."""

    @pytest.mark.parametrize("stored", ["Mars/Olympus", "localtime", "Factory", "../etc/passwd"])
    def test_an_unknown_zone_is_the_clinics(self, stored: str) -> None:
        bad, good = DoseScheduleFactory(), DoseScheduleFactory()
        Patient.objects.filter(prescriptions__schedules=bad).update(timezone=stored)
        expand_doses(now=NOW, days=1)
        assert due_times(bad) == due_times(good) == ["11-25 06:00"]

    def test_a_patient_who_cannot_be_expanded_is_logged_and_left_out(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        bad, good = DoseScheduleFactory(), DoseScheduleFactory()
        Patient.objects.filter(prescriptions__schedules=bad).update(slot_times=["morning"])
        expand_doses(now=NOW, days=1)
        assert (due_times(bad), due_times(good)) == ([], ["11-25 06:00"])
        assert f"prescription {bad.prescription_id} can't be expanded" in caplog.text
        assert bad.prescription.patient.last_name not in caplog.messages[0]
        bad.refresh_from_db()
        assert bad.expanded_until is None

    def test_more_than_a_column_holds_is_logged_and_left_out(self, caplog: pytest.LogCaptureFixture) -> None:
        """Two times that a moved slot puts at one moment, and their quantities add up."""
        bad, good = (
            DoseScheduleFactory(rule=times("08:00", "morning", quantity="999999")),
            DoseScheduleFactory(),
        )
        expand_doses(now=NOW, days=1)
        assert (due_times(bad), due_times(good)) == ([], ["11-25 06:00"])
        assert f"prescription {bad.prescription_id} can't be expanded" in caplog.text
