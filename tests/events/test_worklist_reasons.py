"""Who is called because of a missed visit or club, and who isn't any more."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from events.models import Visit
from events.visit_recipients import missed_still_relevant
from home.models import Patient
from home.worklist.reasons import Finding, worklist_reason
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory, VisitFactory
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


@pytest.fixture
def patient() -> Patient:
    return PatientFactory()


def missed(patient: Patient, days: int, **more: Any) -> Visit:
    return VisitFactory(patient=patient, day=TODAY - timedelta(days=days), **{"state": "missed", **more})


def found(patient: Patient) -> list[Finding]:
    reason = worklist_reason("visit_missed")
    assert reason
    return list(reason.select([patient.clinic_id], NOW))


@pytest.mark.parametrize(
    ("days", "level"), [(0, None), (1, 1), (6, 1), (7, 7), (28, 28), (365, 28), (366, None)]
)
def test_by_one_seven_and_twenty_eight_days(patient: Patient, days: int, level: int | None) -> None:
    missed(patient, days)
    assert [each.facts["level"] for each in found(patient)] == ([level] if level else [])


def test_whoever_may_be_lost_is_called_after_those_who_may_not(patient: Patient) -> None:
    other = PatientFactory(clinic=patient.clinic)
    missed(patient, 28)
    missed(other, 27)
    reason = worklist_reason("visit_missed")
    assert reason
    by_patient = {each.patient_id: each for each in found(patient)}
    first, second = by_patient[other.pk], by_patient[patient.pk]
    assert (first.pressing or reason.pressing) > (second.pressing or reason.pressing)
    assert [reason.is_perhaps_lost(each.facts) for each in (first, second)] == [False, True]


@pytest.mark.parametrize(
    ("kind", "days", "listed"),
    [("collection", 90, False), ("vaccination", 28, False), ("vaccination", 29, True)],
)
def test_a_far_visit_for_something_else_is_no_reason_not_to_call(
    patient: Patient, kind: str, days: int, listed: bool
) -> None:
    visit = missed(patient, 2)
    other = VisitFactory(patient=patient, kind=kind, day=visit.day + timedelta(days=days))
    assert bool(found(patient)) == listed
    assert missed_still_relevant([{"visit_id": visit.pk}]) == [listed]
    Visit.objects.filter(pk=other.pk).update(state="attended")
    assert found(patient) == []


def test_a_later_visit_takes_them_off(patient: Patient) -> None:
    missed(patient, 9)
    VisitFactory(patient=patient, day=TODAY + timedelta(days=3), state="cancelled", decided_side="clinic")
    [one] = found(patient)
    assert (one.patient_id, one.since) == (patient.pk, TODAY - timedelta(days=9))
    VisitFactory(patient=patient, day=TODAY + timedelta(days=2), kind="check_up")
    assert found(patient) == []
    Visit.objects.filter(state="planned").update(state="attended", day=TODAY - timedelta(days=9))
    assert found(patient) == []


def test_once_for_a_patient_since_the_oldest(patient: Patient) -> None:
    for days in (40, 9, 2):
        missed(patient, days)
    [one] = found(patient)
    assert (one.since, one.facts["days"]) == (TODAY - timedelta(days=40), 40)


def test_who_said_that_they_cannot_come_is_called_too(patient: Patient) -> None:
    missed(patient, 2, state="cancelled", decided_side="patient")
    [one] = found(patient)
    reason = worklist_reason("visit_missed")
    assert reason
    assert reason.words(one.facts) == "Couldn’t come, 2 days ago"


def test_who_died_left_or_is_another_clinics_is_not_called(patient: Patient) -> None:
    missed(patient, 2)
    assert found(PatientFactory()) == []
    for changes in ({"deceased_on": TODAY}, {"deceased_on": None, "left_on": TODAY, "left_why": "lost"}):
        Patient.objects.update(**changes)
        assert found(patient) == []


def test_a_missed_club_counts_and_names_it(patient: Patient) -> None:
    event = ClinicEventFactory(clinic=patient.clinic, starts_at=NOW - timedelta(days=8))
    AttendanceFactory(event=event, user=None, patient=patient, state="no_show")
    [one] = found(patient)
    reason = worklist_reason("visit_missed")
    assert reason
    assert (reason.words(one.facts), reason.detail(one.facts)) == (
        "Missed a visit 8 days ago",
        "Club: Outreach day",
    )
    with translation.override("af"):
        assert (reason.words(one.facts), reason.detail(one.facts)) == (
            "Het 8 dae gelede ’n besoek gemis",
            "Klub: Uitreikdag",
        )
    later = ClinicEventFactory(clinic=patient.clinic)
    AttendanceFactory(event=later, user=None, patient=patient)
    assert found(patient) == []


def test_who_was_transferred_since_is_called_by_the_clinic_where_they_are_now(patient: Patient) -> None:
    visit, other = missed(patient, 9), PatientFactory(clinic=patient.clinic)
    event = ClinicEventFactory(clinic=patient.clinic, starts_at=NOW - timedelta(days=8))
    AttendanceFactory(event=event, user=None, patient=other, state="no_show")
    here = PatientFactory()
    missed(here, 2)
    Patient.objects.filter(pk__in=[patient.pk, other.pk]).update(clinic=here.clinic)

    assert visit.clinic_id != here.clinic_id
    assert {each.patient_id: each.facts["days"] for each in found(here)} == {
        patient.pk: 9,
        other.pk: 8,
        here.pk: 2,
    }


def test_three_queries_for_any_number(patient: Patient) -> None:
    for _ in range(5):
        missed(PatientFactory(clinic=patient.clinic), 3)
    with CaptureQueriesContext(connection) as captured:
        assert len(found(patient)) == 5
    assert len(captured) == 3
