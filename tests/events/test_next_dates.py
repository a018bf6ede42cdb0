"""When patients come next, and what earlier dates there are, for whoever asks the record."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Attendance
from home.models import Patient
from home.record.next_visits import dates_before, next_visits
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory, VisitFactory
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


@pytest.fixture
def patient() -> Patient:
    return PatientFactory()


def test_the_earliest_visit_for_supplies_counts(patient: Patient) -> None:
    assert next_visits([patient.pk], TODAY) == {}
    for days, kind in ((9, "collection"), (4, "check_up"), (6, "other")):
        VisitFactory(patient=patient, day=TODAY + timedelta(days=days), kind=kind)
    VisitFactory(patient=patient, day=TODAY + timedelta(days=1), state="cancelled")
    assert next_visits([patient.pk], TODAY)[patient.pk].day == TODAY + timedelta(days=6)


def test_a_club_before_it_counts_too(patient: Patient) -> None:
    VisitFactory(patient=patient, day=TODAY + timedelta(days=6))
    event = ClinicEventFactory(clinic=patient.clinic)
    AttendanceFactory(event=event, user=None, patient=patient)
    found = next_visits([patient.pk], TODAY)[patient.pk]
    assert (found.day, found.words) == (date(2026, 11, 25), "Outreach day")
    Attendance.objects.update(state="waiting")
    assert next_visits([patient.pk], TODAY)[patient.pk].day == TODAY + timedelta(days=6)


def test_two_queries_for_any_number(patient: Patient) -> None:
    patients = [patient.pk, *(PatientFactory().pk for _ in range(5))]
    for each in patients:
        VisitFactory(patient_id=each, patient=Patient.objects.get(pk=each))
    with CaptureQueriesContext(connection) as captured:
        assert len(next_visits(patients, TODAY)) == 6
    assert len(captured) == 2


def test_clubs_with_a_place_then_working_days_the_latest_first(patient: Patient) -> None:
    event = ClinicEventFactory(clinic=patient.clinic, starts_at=NOW + timedelta(days=2))
    ClinicEventFactory(clinic=patient.clinic, starts_at=NOW + timedelta(days=3), capacity=1)
    AttendanceFactory(
        event__clinic=patient.clinic, event__capacity=1, event__starts_at=NOW + timedelta(days=1)
    )
    ClinicEventFactory()
    found = dates_before(patient, TODAY, date(2026, 11, 29))
    assert [(each.words, each.day.day) for each in found] == [
        ("Outreach day", 26),
        ("Outreach day", 25),
        ("collection", 27),
        ("collection", 26),
        ("collection", 25),
    ]
    assert found[1].url == f"/admin/clinic_events/{event.pk}/attendance/?patient={patient.pk}"
    assert found[2].url == f"/admin/visits/new/?patient={patient.pk}&kind=collection&day=2026-11-27"
    assert dates_before(patient, TODAY, TODAY - timedelta(days=1)) == []
