"""The visits and places of a patient who changes: what follows is said first, and done by the same code."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from events.models import Attendance
from home.models import Patient, Transfer
from home.record.departures import Departure, departure_carry_out, departure_plan
from home.record.transfers import transfer_accept, transfer_ask
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory, VisitFactory
from tests.factories import CareRoleFactory, ClinicFactory, UserFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
CANCELLED = "2 planned visits are cancelled."
GIVEN_UP = "The place at 1 event is given up. Whoever waits for it gets it."


def plan(patient: Patient, what: Departure) -> list[str]:
    on = None if what == Departure.BACK else TODAY
    return departure_plan(patient_id=patient.pk, what=what, on=on, now=NOW)


def say(patient: Patient, what: Departure) -> list[str]:
    on = None if what == Departure.BACK else TODAY
    return departure_carry_out(patient_id=patient.pk, what=what, on=on, by=None, now=NOW)


def expected(patient: Patient | None = None) -> list[Any]:
    """Two visits of a patient, their place at an event, and somebody who waits for that place."""
    first = VisitFactory(**({"patient": patient} if patient else {}))
    second = VisitFactory(patient=first.patient, day=first.day + timedelta(days=28))
    event = ClinicEventFactory(clinic=first.clinic, capacity=1)
    place = AttendanceFactory(event=event, user=None, patient=first.patient)
    return [first, second, place, AttendanceFactory(event=event, state="waiting")]


def states(rows: list[Any]) -> list[str]:
    for row in rows:
        row.refresh_from_db()
    return [row.state for row in rows]


@pytest.mark.parametrize("what", [Departure.DIED, Departure.MOVED])
def test_who_died_or_moved_is_expected_no_more_and_whoever_waits_gets_the_place(what: Departure) -> None:
    rows = expected()
    came = VisitFactory(patient=rows[0].patient, day=TODAY - timedelta(days=5), state="attended")

    shown = plan(rows[0].patient, what)
    assert states(rows) == ["planned", "planned", "joined", "waiting"]
    assert shown[-2:] == [CANCELLED, GIVEN_UP]

    assert say(rows[0].patient, what) == shown
    assert states([*rows, came]) == ["cancelled", "cancelled", "left", "joined", "attended"]
    assert (rows[0].decided_side, rows[0].next_step_at) == ("", None)


def test_who_is_lost_keeps_the_place_at_a_club_where_they_may_turn_up() -> None:
    rows = expected()
    shown = plan(rows[0].patient, Departure.LOST)
    assert CANCELLED in shown
    assert say(rows[0].patient, Departure.LOST) == shown
    assert states(rows) == ["cancelled", "cancelled", "joined", "waiting"]


def test_who_is_back_gets_a_new_visit_and_not_the_old_one() -> None:
    rows = expected()
    say(rows[0].patient, Departure.DIED)
    assert plan(rows[0].patient, Departure.BACK)[-1] == (
        "Visits that were cancelled stay so. Plan the next one."
    )
    say(rows[0].patient, Departure.BACK)
    assert states(rows)[:3] == ["cancelled", "cancelled", "left"]


def test_nothing_is_said_of_what_is_not_there() -> None:
    patient = CareRoleFactory().patient
    assert not any("visit" in words or "event" in words for words in plan(patient, Departure.DIED))


def test_what_is_planned_goes_to_the_clinic_that_takes_the_patient_over() -> None:
    rows = expected()
    missed = VisitFactory(patient=rows[0].patient, day=TODAY - timedelta(days=5), state="missed")
    here, there = rows[0].clinic, ClinicFactory()
    transfer = transfer_ask(
        patient_id=missed.patient_id, to_clinic=there, asked_by=UserFactory(), reason="", now=timezone.now()
    )
    assert transfer_accept(transfer_id=transfer.pk, by=UserFactory(), folder_number="", now=timezone.now())
    assert Transfer.objects.get().state == "accepted"
    assert states(rows) == ["planned", "planned", "joined", "waiting"]
    missed.refresh_from_db()
    assert [each.clinic for each in (*rows[:2], missed)] == [there, there, here]
    assert Attendance.objects.filter(event__clinic=here).count() == 2
