"""Whom a clinic calls because of doses, stock or vaccinations."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from home.models import Patient
from home.record import next_visits
from home.record.next_visits import Calendar, NextVisit
from home.worklist.reasons import Finding, worklist_reason
from medications.models import Dose, DoseSchedule, Prescription, StockBatch
from medications.selectors import supply
from medications.services.expansion import expand_doses
from medications.services.stock import stock_receive, stock_take
from tests.factories import PatientFactory
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseFactory,
    DoseScheduleFactory,
    VaccinationRecordFactory,
    VaccineFactory,
    times,
)

pytestmark = pytest.mark.django_db


def found(name: str, *clinics: int) -> dict[int, Finding]:
    reason = worklist_reason(name)
    assert reason is not None
    chosen = clinics or tuple(Patient.objects.values_list("clinic_id", flat=True))
    return {each.patient_id: each for each in reason.select(chosen, NOW)}


def words(finding: Finding, name: str) -> tuple[str, str]:
    reason = worklist_reason(name)
    assert reason is not None
    return reason.words(finding.facts), reason.detail(finding.facts)


@pytest.fixture
def schedule() -> DoseSchedule:
    schedule: DoseSchedule = DoseScheduleFactory(rule=times("20:00"))
    return schedule


def missed(schedule: DoseSchedule, *days_ago: int, state: str = "missed") -> None:
    for days in days_ago:
        DoseFactory(schedule=schedule, due_at=NOW - timedelta(days=days, hours=3), state=state)


class TestMissed:
    @pytest.mark.parametrize("days", [(1, 3, 5), (1, 2), (0, 1), (0, 3, 6), (2, 4, 6)])
    def test_three_of_seven_days_or_two_in_a_row_until_yesterday_are_enough(
        self, schedule: DoseSchedule, days: tuple[int, ...]
    ) -> None:
        missed(schedule, *days)
        [finding] = found("doses_missed").values()
        assert finding.since == TODAY - timedelta(days=max(days))
        assert words(finding, "doses_missed") == (f"Missed {len(days)} of 7 days", "")

    @pytest.mark.parametrize("days", [(1,), (0,), (2, 3), (0, 2), (1, 7), (1, 8, 9), (7, 8, 9)])
    def test_fewer_are_not(self, schedule: DoseSchedule, days: tuple[int, ...]) -> None:
        missed(schedule, *days)
        assert found("doses_missed") == {}

    def test_doses_that_nobody_answered_count(self, schedule: DoseSchedule) -> None:
        missed(schedule, 0, 1, state="unanswered")
        assert list(found("doses_missed")) == [schedule.prescription.patient_id]

    def test_what_is_unanswered_is_not_yet_missed_until_its_window_ends(self, schedule: DoseSchedule) -> None:
        missed(schedule, 1)
        due_at = NOW - timedelta(hours=1, minutes=59)
        dose = DoseFactory(schedule=schedule, due_at=due_at, state="unanswered")
        assert found("doses_missed") == {}
        Dose.objects.filter(pk=dose.pk).update(missed_at=NOW)
        assert len(found("doses_missed")) == 1

    @pytest.mark.parametrize("state", ["taken", "skipped", "scheduled", "withdrawn"])
    def test_others_do_not(self, schedule: DoseSchedule, state: str) -> None:
        missed(schedule, 0, 1, 2, 3, state=state)
        assert found("doses_missed") == {}

    def test_the_days_are_those_of_the_patients_wall(self, schedule: DoseSchedule) -> None:
        Patient.objects.update(timezone="Pacific/Auckland")
        schedule.prescription.patient.refresh_from_db()
        late = NOW - timedelta(hours=20)  # a day further there
        for hours in (0, 24):
            DoseFactory(schedule=schedule, due_at=late - timedelta(hours=hours), state="missed")
        assert len(found("doses_missed")) == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"deceased_on": TODAY},
            {"left_on": TODAY, "left_why": "moved"},
            {"erased_at": NOW},
        ],
    )
    def test_who_is_not_treated_any_more_is_not_called(
        self, schedule: DoseSchedule, change: Mapping[str, Any]
    ) -> None:
        missed(schedule, 0, 1)
        Patient.objects.update(**change)
        assert found("doses_missed") == {}

    @pytest.mark.parametrize(
        "change",
        [{"ended_at": NOW}, {"end_date": TODAY - timedelta(days=2), "start_date": TODAY - timedelta(days=9)}],
    )
    def test_what_has_ended_does_not_count(self, schedule: DoseSchedule, change: Mapping[str, Any]) -> None:
        missed(schedule, 0, 1, 2)
        Prescription.objects.update(**change)
        assert found("doses_missed") == {}

    def test_other_clinics_are_left_out(self, schedule: DoseSchedule) -> None:
        missed(schedule, 0, 1)
        assert found("doses_missed", schedule.prescription.patient.clinic_id + 1) == {}

    def test_an_unknown_zone_takes_nobody_else_along(self, schedule: DoseSchedule) -> None:
        other = DoseScheduleFactory()
        missed(schedule, 0, 1)
        missed(other, 0, 1)
        Patient.objects.filter(pk=other.prescription.patient_id).update(timezone="Mars/Base")
        assert len(found("doses_missed")) == 2

    def test_it_takes_two_queries(self, django_assert_num_queries: Any) -> None:
        for _number in range(3):
            missed(DoseScheduleFactory(), 0, 1)
        with django_assert_num_queries(3):  # and one for the clinics
            assert len(found("doses_missed")) == 3


class TestRanOut:
    def takes(self, tablets: int | None, **more: Any) -> Patient:
        schedule = DoseScheduleFactory(rule=times("20:00"), **more)
        expand_doses(now=NOW, prescriptions=[schedule.prescription_id])
        patient: Patient = schedule.prescription.patient
        if tablets is not None:
            stock_receive(
                medicine=schedule.prescription.medicine,
                prescription=schedule.prescription,
                quantity=Decimal(tablets + 5),
                expiry_date=TODAY + timedelta(days=300),
                now=NOW - timedelta(days=30),
            )
            stock_take(
                prescription_id=schedule.prescription_id,
                quantity=Decimal(5),
                day=TODAY - timedelta(days=5),
                user=None,
                now=NOW - timedelta(days=5),
            )
        return patient

    def visits(self, monkeypatch: pytest.MonkeyPatch, patient: Patient, days: int) -> None:
        visit = {patient.pk: NextVisit(TODAY + timedelta(days=days), "collection")}
        monkeypatch.setattr(next_visits, "_calendar", Calendar(lambda ids, today: visit, lambda *asked: []))

    def test_who_ran_out_without_a_visit_is_called(self) -> None:
        patient = self.takes(0)
        [finding] = found("ran_out").values()
        assert (finding.patient_id, finding.since) == (patient.pk, TODAY - timedelta(days=5))
        assert words(finding, "ran_out") == ("Ran out Thu 19 Nov", "no visit is planned")

    def test_who_runs_out_within_the_clinics_days_is_called(self) -> None:
        self.takes(2)
        [finding] = found("ran_out").values()
        # The day on which it was found first stays.
        assert finding.since is None
        assert words(finding, "ran_out")[0] == "Runs out Thu 26 Nov"

    def test_what_expired_ended_on_its_last_day(self) -> None:
        patient = self.takes(20)
        StockBatch.objects.update(expiry_date=TODAY - timedelta(days=3))

        [finding] = found("ran_out").values()

        assert (finding.patient_id, finding.since) == (patient.pk, TODAY - timedelta(days=3))

    def test_a_visit_that_is_too_late_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.visits(monkeypatch, self.takes(2), 9)
        [finding] = found("ran_out").values()
        assert words(finding, "ran_out")[1] == "next visit Thu 3 Dec: 7 days too late"
        with translation.override("af"):
            assert "dae te laat" in words(finding, "ran_out")[1]

    @pytest.mark.parametrize(("tablets", "days"), [(2, 2), (2, 0), (0, 0)])
    def test_who_comes_in_time_is_not_called(
        self, monkeypatch: pytest.MonkeyPatch, tablets: int, days: int
    ) -> None:
        self.visits(monkeypatch, self.takes(tablets), days)
        assert found("ran_out") == {}

    def test_who_has_enough_or_never_had_any_is_not_called(self) -> None:
        self.takes(20)
        self.takes(None)
        assert found("ran_out") == {}

    def test_what_is_taken_as_needed_does_not_run_out(self) -> None:
        patient = self.takes(0)
        DoseSchedule.objects.update(
            rule={"kind": "as_needed", "quantity": "1", "min_hours": 4, "max_per_day": 4}
        )
        Dose.objects.all().delete()
        assert patient.pk not in found("ran_out")

    def test_of_several_medicines_the_first_counts(self) -> None:
        patient = self.takes(3)
        self.takes(1, prescription__patient=patient)
        [finding] = found("ran_out").values()
        assert finding.facts["day"] == "2026-11-25"

    def test_who_is_not_treated_any_more_is_not_called(self) -> None:
        self.takes(0)
        Patient.objects.update(left_on=TODAY, left_why="lost")
        assert found("ran_out") == {}

    def test_one_that_cannot_be_worked_out_takes_nobody_else_along(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken, well = self.takes(0), self.takes(0)
        real = supply._supply

        def fails(prescription: Prescription, *more: Any) -> Any:
            if prescription.patient_id == broken.pk:
                raise ValueError("poisoned")
            return real(prescription, *more)

        monkeypatch.setattr(supply, "_supply", fails)
        assert list(found("ran_out")) == [well.pk]

    def test_it_takes_as_many_queries_for_many(self) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as made:
                found("ran_out")
            return len(made)

        self.takes(0)
        first = queries()
        for _number in range(3):
            self.takes(0)
        assert queries() == first


class TestVaccination:
    def overdue(self, patient: Patient, days: int, **more: Any) -> None:
        VaccinationRecordFactory(patient=patient, next_due_date=TODAY - timedelta(days=days), **more)

    def test_the_one_that_waited_longest_is_said(self) -> None:
        patient = PatientFactory()
        self.overdue(patient, 40, dose_number=2)
        self.overdue(patient, 30, vaccine=VaccineFactory(name_en="Polio", name_af="Polio"))
        [finding] = found("vaccination_overdue").values()
        assert finding.since == TODAY - timedelta(days=40)
        said = words(finding, "vaccination_overdue")
        assert said == ("Vaccination overdue 40 days", "Measles and rubella, dose 2, and 1 more")
        with translation.override("af"):
            assert words(finding, "vaccination_overdue")[1].startswith("Masels en rubella")

    def test_who_moved_or_died_is_not_called(self) -> None:
        self.overdue(PatientFactory(left_on=TODAY, left_why="moved"), 40)
        self.overdue(PatientFactory(deceased_on=TODAY), 40)
        self.overdue(PatientFactory(erased_at=NOW), 40)
        assert found("vaccination_overdue") == {}

    def test_it_takes_as_many_queries_for_many(self, django_assert_num_queries: Any) -> None:
        for _number in range(3):
            self.overdue(PatientFactory(), 40)
        with django_assert_num_queries(5):  # one of them for the clinics
            assert len(found("vaccination_overdue")) == 3
