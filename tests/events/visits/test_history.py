"""What was done with visits, in a patient's history."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Visit
from events.visits.decide import visit_attend, visit_cancel, visit_miss, visit_move
from events.visits.history import visits
from events.visits.plan import visit_plan
from home.models import Patient, User
from home.record.history import history
from home.record.sections import Reading
from tests.factories import CareRoleFactory, StaffRoleFactory

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def nurse() -> User:
    return StaffRoleFactory(user__first_name="Sister", user__last_name="Dlamini").user


@pytest.fixture
def patient(nurse: User) -> Patient:
    patient: Patient = CareRoleFactory(patient__clinic=nurse.staff_roles.get().clinic).patient
    return patient


def plan(patient: Patient, nurse: User, day: date, kind: str = "collection") -> Visit:
    return visit_plan(patient_id=patient.pk, kind=kind, day=day, now=MONDAY, by=nurse)


def lines(patient: Patient, user: User, before: datetime, limit: int = 9) -> list[str]:
    reading = Reading(patient=patient, user=user, now=before)
    found = sorted(visits(reading, before, limit), key=lambda line: line.at, reverse=True)
    return [f"{line.who}: {line.words}" for line in found]


def test_planned_moved_came_missed_and_cancelled(patient: Patient, nurse: User) -> None:
    visit = plan(patient, nurse, date(2026, 12, 3))
    moved = visit_move(
        visit_id=visit.pk, day=date(2026, 12, 7), side="clinic", by=nurse, now=MONDAY + 1 * DAY
    )
    visit_miss(visit_id=moved.pk, by=nurse, now=MONDAY + 7 * DAY)
    visit_attend(visit_id=moved.pk, by=nurse, now=MONDAY + 8 * DAY)
    missed = plan(patient, nurse, date(2026, 12, 4), "check_up")
    visit_miss(visit_id=missed.pk, by=None, now=MONDAY + 5 * DAY)
    cancelled = plan(patient, nurse, date(2026, 12, 24), "vaccination")
    visit_cancel(visit_id=cancelled.pk, side="patient", by=None, now=MONDAY + 6 * DAY, reason="No taxi")

    found = lines(patient, nurse, MONDAY + 9 * DAY)

    assert found[:4] == [
        "Sister Dlamini: the patient came: Collect medicine, 7 December 2026",
        ": the patient can’t come: Vaccination, 24 December 2026. Why: No taxi",
        ": the patient did not come: Check-up, 4 December 2026",
        "Sister Dlamini: moved a visit: Collect medicine, 3 December 2026 → 7 December 2026",
    ]
    assert sorted(found[4:]) == [
        "Sister Dlamini: planned a visit: Check-up, 4 December 2026",
        "Sister Dlamini: planned a visit: Collect medicine, 3 December 2026",
        "Sister Dlamini: planned a visit: Vaccination, 24 December 2026",
    ]


def test_only_before_a_moment_for_whoever_may_see_visits_in_two_queries(
    patient: Patient, nurse: User
) -> None:
    for day in range(1, 9):
        plan(patient, nurse, date(2026, 12, day))
    assert nurse.has_perm("events.view_visit")  # read once a request
    with CaptureQueriesContext(connection) as captured:
        assert len(lines(patient, nurse, MONDAY + DAY, limit=3)) == 3
    assert len(captured) == 2
    assert lines(patient, nurse, MONDAY) == []
    assert lines(patient, CareRoleFactory().user, MONDAY + DAY) == []
    every = history(Reading(patient=patient, user=nurse, now=MONDAY + DAY), before=MONDAY + DAY, limit=50)
    assert len([line for line in every if line.words.startswith("planned a visit: ")]) == 8
