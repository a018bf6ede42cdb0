"""From planning to the reminder to coming, with a clock, in the words that people read."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from events.models import Visit
from events.quick_replies import cannot_come, coming
from events.visits.decide import visit_attend, visit_cancel, visit_miss, visit_move, visit_undo
from events.visits.departures import visits_cancel_all
from events.visits.passing import pass_visits
from events.visits.plan import visit_plan
from home.models import CareRole, Patient, Relation, User
from notifications import registry
from notifications.models import EventRecord, Notification, NotificationPreferences
from notifications.pipeline.fan_out import fan_out
from notifications.quick_replies import Outcome
from tests.factories import CareRoleFactory, UserFactory

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)  # ten in Johannesburg
THURSDAY = date(2026, 12, 3)
Side = Visit.Side


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def role() -> CareRole:
    return CareRoleFactory(patient__clinic__name="Delft Clinic", user__first_name="Pieter")


@pytest.fixture
def patient(role: CareRole) -> Patient:
    return role.patient


@pytest.fixture
def user(role: CareRole) -> User:
    return role.user


def plan(patient: Patient, day: date = THURSDAY, **more: Any) -> Visit:
    return visit_plan(patient_id=patient.pk, kind="collection", day=day, now=timezone.now(), **more)


def run() -> None:
    for _ in range(2):
        pass_visits(now=timezone.now())
    while fan_out(now=timezone.now()).records:
        pass
    assert not EventRecord.objects.filter(state=EventRecord.State.FAILED).exists()


def local(day: int, hour: int) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=UTC) - timedelta(hours=2)


def inbox(user: User) -> list[Notification]:
    return list(Notification.objects.filter(recipient=user).order_by("id"))


def titles(user: User) -> list[str]:
    run()
    return [each.title for each in inbox(user)]


def state(visit: Visit) -> str:
    visit.refresh_from_db()
    return visit.state


def test_planned_on_monday_for_thursday_reminded_on_wednesday_and_came(
    patient: Patient, user: User, clock: Any
) -> None:
    visit = plan(patient)
    for day, hour in ((1, 9), (2, 8)):
        clock.move_to(local(day, hour))
        assert titles(user) == []
    clock.move_to(local(2, 9))
    assert titles(user) == ["Collect medicine: Thursday 3 December"]
    [message] = inbox(user)
    assert message.body.startswith("Collect medicine for you: Thursday 3 December, Delft Clinic.")
    assert message.path == "/visits/"
    assert message.category == "visit"
    clock.move_to(local(3, 11))
    visit_attend(visit_id=visit.pk, by=None, now=timezone.now())
    clock.move_to(local(5, 9))
    assert len(titles(user)) == 1
    assert state(visit) == "attended"


def test_a_week_and_a_day_before_in_afrikaans(patient: Patient, user: User, clock: Any) -> None:
    NotificationPreferences.objects.create(user=user, language="af")
    plan(patient, date(2026, 12, 10), at=datetime(2026, 1, 1, 9, 30).time())
    clock.move_to(local(3, 9))
    assert titles(user) == ["Medisyne afhaal: Donderdag 10 Desember, 09:30"]
    clock.move_to(local(9, 9))
    assert len(titles(user)) == 2


def test_carers_read_whose_visit_it_is(patient: Patient, clock: Any) -> None:
    carer = CareRoleFactory(patient=patient, relation=Relation.CARER).user
    plan(patient)
    clock.move_to(local(2, 9))
    run()
    [message] = inbox(carer)
    assert "for Pieter Botha:" in message.body.replace("\u2068", "").replace("\u2069", "")


def test_who_does_not_come_is_missed_at_the_days_end_and_told_kindly_once(
    patient: Patient, user: User, clock: Any
) -> None:
    visit = plan(patient, date(2026, 12, 1))
    clock.move_to(local(1, 23))
    run()
    assert state(visit) == "planned"
    clock.move_to(local(2, 0))
    assert titles(user) == []
    assert state(visit) == "missed"
    for moment in (local(2, 9), local(3, 9)):
        clock.move_to(moment)
        assert titles(user) == ["We missed you on Tuesday 1 December"]


def test_who_came_after_all_is_not_told(patient: Patient, user: User, clock: Any) -> None:
    visit = plan(patient, date(2026, 11, 30))
    visit_miss(visit_id=visit.pk, by=None, now=timezone.now())
    clock.move_to(local(1, 8))
    visit_attend(visit_id=visit.pk, by=None, now=timezone.now())
    clock.move_to(local(1, 9))
    assert titles(user) == []


def test_missed_taken_back_and_missed_again_is_told(patient: Patient, user: User, clock: Any) -> None:
    visit = plan(patient, date(2026, 11, 30))
    for act in (visit_miss, visit_undo, visit_miss):
        act(visit_id=visit.pk, by=None, now=timezone.now())
    clock.move_to(local(1, 9))
    assert titles(user) == ["We missed you on Monday 30 November"]


@pytest.mark.parametrize(("day", "told"), [(1, 1), (7, 1), (8, 0)])
def test_who_did_not_come_after_all_is_told_while_it_is_news(
    patient: Patient, user: User, clock: Any, day: int, told: int
) -> None:
    visit = plan(patient, date(2026, 11, 30))
    visit_attend(visit_id=visit.pk, by=None, now=timezone.now())
    clock.move_to(local(day, 10))
    assert titles(user) == []
    visit_undo(visit_id=visit.pk, by=None, now=timezone.now())
    assert titles(user) == ["We missed you on Monday 30 November"] * told
    assert EventRecord.objects.filter(event_type="visit.missed").count() == told


def test_who_has_another_visit_is_not_told_of_the_missed_one(
    patient: Patient, user: User, clock: Any
) -> None:
    plan(patient, date(2026, 11, 30))
    plan(patient, date(2026, 12, 21))
    clock.move_to(local(1, 9))
    assert titles(user) == []


def test_a_move_by_the_clinic_is_told_at_once_and_nothing_comes_for_the_old_day(
    patient: Patient, user: User, clock: Any
) -> None:
    old = plan(patient)
    new = visit_move(visit_id=old.pk, day=date(2026, 12, 7), side=Side.CLINIC, by=None, now=timezone.now())
    assert titles(user) == ["Collect medicine: Thursday 3 December is now Monday 7 December"]
    clock.move_to(local(2, 9))
    assert len(titles(user)) == 1
    clock.move_to(local(6, 9))
    assert titles(user)[1:] == ["Collect medicine: Monday 7 December"]
    old.refresh_from_db()
    assert (old.state, old.moved_to) == ("moved", new)


def test_a_move_by_the_patient_is_not_told_to_them(patient: Patient, user: User) -> None:
    old = plan(patient)
    visit_move(visit_id=old.pk, day=date(2026, 12, 7), side=Side.PATIENT, by=user, now=timezone.now())
    assert titles(user) == []


def test_a_cancellation_is_told_with_its_reason_and_so_is_taking_it_back(
    patient: Patient, user: User, clock: Any
) -> None:
    visit = plan(patient)
    visit_cancel(visit_id=visit.pk, side=Side.CLINIC, by=None, reason="The nurse is ill.", now=timezone.now())
    assert titles(user) == ["Collect medicine: Thursday 3 December is cancelled"]
    assert "Reason: The nurse is ill." in inbox(user)[0].body
    clock.shift(timedelta(hours=1))
    visit_undo(visit_id=visit.pk, by=None, now=timezone.now())
    assert titles(user)[1:] == ["Collect medicine: Thursday 3 December goes ahead after all"]
    clock.move_to(local(2, 9))
    assert titles(user)[2:] == ["Collect medicine: Thursday 3 December"]


def test_the_reminder_is_answered_once(patient: Patient, user: User, clock: Any) -> None:
    visit = plan(patient)
    clock.move_to(local(2, 9))
    run()
    [message] = inbox(user)
    now = timezone.now()
    assert [coming(message, user, now) for _ in range(2)] == [Outcome.DONE, Outcome.ALREADY]
    visit.refresh_from_db()
    assert visit.confirmed_at == now
    assert [cannot_come(message, user, now) for _ in range(2)] == [Outcome.DONE, Outcome.ALREADY]
    assert state(visit) == "cancelled"
    assert visit.decided_side == Side.PATIENT
    assert coming(message, user, now) is Outcome.OVER
    assert titles(user) == [message.title]


def test_who_no_longer_cares_for_the_patient_answers_nothing(
    patient: Patient, user: User, clock: Any
) -> None:
    visit = plan(patient)
    clock.move_to(local(2, 9))
    run()
    [message] = inbox(user)
    assert coming(message, UserFactory(), timezone.now()) is Outcome.OVER
    CareRole.objects.all().delete()
    assert cannot_come(message, user, timezone.now()) is Outcome.OVER
    assert state(visit) == "planned"


def test_a_message_that_waits_is_asked_again(patient: Patient, user: User, clock: Any) -> None:
    visit = plan(patient)
    clock.move_to(local(2, 9))
    run()
    [message] = inbox(user)
    relevant = registry.get("visit.reminder").still_relevant
    assert relevant([message.data]) == [True]
    visit_cancel(visit_id=visit.pk, side=Side.PATIENT, by=user, now=timezone.now())
    assert relevant([message.data]) == [False]


def test_whoever_departs_is_not_written_to(patient: Patient, user: User, clock: Any) -> None:
    visit = plan(patient)
    assert visits_cancel_all(patient.pk, timezone.now()) == 1
    assert visits_cancel_all(patient.pk, timezone.now()) == 0
    clock.move_to(local(2, 9))
    assert titles(user) == []
    assert (state(visit), visit.decided_side) == ("cancelled", "")


def test_a_death_that_nobody_carried_out_cancels_too(patient: Patient, user: User, clock: Any) -> None:
    visit = plan(patient)
    Patient.objects.update(deceased_on=date(2026, 12, 1))
    clock.move_to(local(2, 9))
    assert titles(user) == []
    assert state(visit) == "cancelled"
