"""At the moment of sending, every type is asked again: what held when it was written and doesn't now isn't sent.

Walks the registry, so that a new type fails here until somebody says when its messages stop holding.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from events.models import Attendance
from events.rules.visit_times import Step
from events.services.attendance import attendance_mark, event_join, event_leave
from events.services.event import event_cancel
from events.services.notices import send_event_notices
from events.visits.decide import visit_attend, visit_cancel, visit_undo
from events.visits.publications import publish_missed, publish_reminders
from home.budgets import warn_managers
from home.conversations.acts import conversation_answer, conversation_close, conversation_read
from home.models import CareRole, Conversation, Patient, Relation, User
from home.scope import about_patient
from medications.models import Prescription, WeeklyCheck
from medications.recipients import weekly_checks
from medications.services.answers import dose_take
from medications.services.expansion import expand_doses
from medications.services.overdue_vaccinations import ask_about_overdue_vaccinations
from medications.services.prescriptions import prescription_announce
from medications.services.reminders import send_dose_reminders
from medications.services.stock import stock_receive
from medications.services.stock_warnings import send_expiry_warnings, send_low_stock_warnings
from medications.services.weekly_checks import check_answer
from notifications import bus, registry
from notifications.models import ChannelChoice, Delivery, EventRecord, Notification, Spending
from notifications.pipeline.deliver import deliver
from notifications.pipeline.fan_out import fan_out
from notifications.services import NotificationService
from notifications.types import Category
from tests.events.changes import event_move
from tests.events.factories import AttendanceFactory, ClinicEventFactory, VisitFactory
from tests.factories import CareRoleFactory, ClinicFactory, StaffRoleFactory, UserFactory
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseFactory,
    DoseScheduleFactory,
    PrescriptionFactory,
    StockBatchFactory,
    VaccinationRecordFactory,
)

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
Story = Callable[[User], Iterator[None]]
"""Makes one message of its type for this person; going on makes it stale."""


@pytest.fixture(autouse=True)
def clock(settings: Any) -> Iterator[Any]:
    settings.NOTIFICATION_CHANNELS = ["notifications.channels.email.channel.EmailChannel"]
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def patient_of(user: User) -> Patient:
    return CareRole.objects.get(user=user).patient


def dose_due(user: User) -> Iterator[None]:
    dose = DoseFactory(
        schedule=DoseScheduleFactory(prescription=PrescriptionFactory(patient=patient_of(user)))
    )
    send_dose_reminders(now=NOW)
    yield
    dose_take(dose_id=dose.id, user=user, now=NOW)


def dose_missed(user: User) -> Iterator[None]:
    dose = DoseFactory(
        schedule=DoseScheduleFactory(prescription=PrescriptionFactory(patient=patient_of(user)))
    )
    send_dose_reminders(now=NOW + 2 * HOUR)
    yield
    dose_take(dose_id=dose.id, user=user, now=NOW + 2 * HOUR)


def weekly_check(user: User) -> Iterator[None]:
    patient = patient_of(user)
    week = TODAY - TODAY.weekday() * DAY
    WeeklyCheck.objects.create(patient=patient, week=week, asked_at=NOW)
    bus.publish("medication.weekly_check", {"patient_id": patient.pk, "week": week.isoformat()}, now=NOW)
    # It is asked by SMS alone, and here all goes by e-mail.
    with patch.object(weekly_checks, "asked_by_sms", lambda user_ids, now: set(user_ids)):
        yield
    check_answer(patient_id=patient.pk, week=week, answer="well", user=user, now=NOW)


def prescribed(user: User) -> Iterator[None]:
    prescription = PrescriptionFactory(patient=patient_of(user))
    prescription_announce(prescription_id=prescription.id, now=NOW)
    yield
    Prescription.objects.update(ended_at=NOW)


def low_stock(user: User) -> Iterator[None]:
    schedule = DoseScheduleFactory(prescription__patient=patient_of(user))
    batch = StockBatchFactory(prescription=schedule.prescription, quantity=Decimal(4))
    expand_doses(now=NOW)
    send_low_stock_warnings(now=NOW)
    yield
    stock_receive(
        medicine=batch.medicine,
        prescription=batch.prescription,
        quantity=Decimal(280),
        expiry_date=TODAY + 300 * DAY,
        now=NOW,
    )


def expiring(user: User) -> Iterator[None]:
    prescription = DoseScheduleFactory(prescription__patient=patient_of(user)).prescription
    batch = StockBatchFactory(prescription=prescription, expiry_date=TODAY + 3 * DAY)
    expand_doses(now=NOW)
    send_expiry_warnings(now=NOW)
    yield
    batch.quantity = Decimal(0)
    batch.save()


def vaccination_due(user: User) -> Iterator[None]:
    record = VaccinationRecordFactory(patient=patient_of(user), next_due_date=TODAY + 3 * DAY)
    yield
    record.date_given = TODAY
    record.save()


def vaccination_overdue(user: User) -> Iterator[None]:
    record = VaccinationRecordFactory(patient=patient_of(user), next_due_date=TODAY - 7 * DAY)
    ask_about_overdue_vaccinations(now=NOW)
    yield
    record.date_given = TODAY
    record.save()


def joined(user: User) -> Iterator[None]:
    event = ClinicEventFactory(starts_at=NOW + 2 * DAY)
    event_join(event_id=event.id, user=user, now=NOW)
    yield
    event_leave(event_id=event.id, user=user, now=NOW)


def place_free(user: User) -> Iterator[None]:
    event = ClinicEventFactory(starts_at=NOW + 2 * DAY, capacity=1)
    other = AttendanceFactory(event=event).user
    event_join(event_id=event.id, user=user, now=NOW)
    event_leave(event_id=event.id, user=other, now=NOW)
    yield
    event_leave(event_id=event.id, user=user, now=NOW)


def reminder(user: User) -> Iterator[None]:
    event = ClinicEventFactory(starts_at=NOW + DAY, next_notice_at=NOW)
    AttendanceFactory(event=event, user=user)
    send_event_notices(now=NOW)
    yield
    event_leave(event_id=event.id, user=user, now=NOW)


def starting(user: User) -> Iterator[None]:
    event = ClinicEventFactory(starts_at=NOW + HOUR, next_notice_at=NOW)
    AttendanceFactory(event=event, user=user)
    send_event_notices(now=NOW)
    yield
    event_cancel(event_id=event.id, now=NOW)


def moved(user: User) -> Iterator[None]:
    event = ClinicEventFactory(starts_at=NOW + 2 * DAY)
    AttendanceFactory(event=event, user=user)
    event_move(event_id=event.id, starts_at=NOW + 3 * DAY, ends_at=NOW + 4 * DAY, now=NOW)
    yield
    event_move(event_id=event.id, starts_at=NOW + 5 * DAY, ends_at=NOW + 6 * DAY, now=NOW)


def cancelled(user: User) -> Iterator[None]:
    event = ClinicEventFactory(starts_at=NOW + 2 * DAY)
    AttendanceFactory(event=event, user=user)
    event_cancel(event_id=event.id, now=NOW)
    yield
    Attendance.objects.filter(user=user).update(state=Attendance.State.LEFT)


def ended(user: User) -> Iterator[None]:
    event = ClinicEventFactory(starts_at=NOW - 3 * HOUR, next_notice_at=NOW)
    attendance = AttendanceFactory(event=event, user=user)
    send_event_notices(now=NOW)
    yield
    attendance_mark(attendance_id=attendance.pk, state="no_show", now=NOW)


def visit_reminder(user: User) -> Iterator[None]:
    visit = VisitFactory(patient=patient_of(user), day=TODAY + DAY, next_step_at=NOW)
    publish_reminders([(visit, Step.DAY)], now=NOW)
    yield
    visit_cancel(visit_id=visit.pk, side="patient", by=user, now=NOW)


def visit_missed(user: User) -> Iterator[None]:
    visit = VisitFactory(patient=patient_of(user), day=TODAY - DAY, state="missed")
    publish_missed([visit], now=NOW)
    yield
    visit_attend(visit_id=visit.pk, by=None, now=NOW)


def visit_moved(user: User) -> Iterator[None]:
    visit = VisitFactory(patient=patient_of(user), day=TODAY + 3 * DAY)
    visit_cancel(visit_id=visit.pk, side="clinic", by=None, now=NOW)
    yield
    visit_undo(visit_id=visit.pk, by=None, now=NOW)


def announcement(user: User) -> Iterator[None]:
    """News is news: it stops holding only for who isn't there any more."""
    NotificationService.send_system_notification(title="Closed", content="On Friday.")
    yield
    User.objects.filter(pk=user.pk).update(is_active=False)


def conversation_of(user: User, **fields: Any) -> Conversation:
    """By e-mail, as all of these messages go."""
    patient = patient_of(user)
    return Conversation.objects.create(
        clinic=patient.clinic,
        patient=patient,
        user=user,
        channel="email",
        opened_at=NOW,
        last_at=NOW,
        **fields,
    )


def died(user: User) -> None:
    Patient.objects.filter(pk=patient_of(user).pk).update(deceased_on=TODAY)


def answered(user: User) -> Iterator[None]:
    conversation_answer(conversation=conversation_of(user), text="Come on Friday.", by=user, seen=0, now=NOW)
    yield
    died(user)


def read(user: User) -> Iterator[None]:
    conversation_read(conversation=conversation_of(user), now=NOW)
    yield
    died(user)


def wrote_of_danger(user: User) -> Iterator[None]:
    """Whoever works at the clinic is told, until somebody has dealt with it."""
    StaffRoleFactory(clinic=patient_of(user).clinic, user=user)
    row = conversation_of(user, is_urgent=True)
    bus.publish("conversation.urgent", {"conversation_id": row.pk})
    yield
    conversation_close(conversation=row, seen=0, now=NOW)


def budget(user: User) -> Iterator[None]:
    """The same for managers."""
    clinic = ClinicFactory(message_budget=Decimal(100))
    StaffRoleFactory(clinic=clinic, user=user, role="manager")
    Spending.objects.create(
        scope_id=clinic.pk, month=TODAY.replace(day=1), category="system", channel="sms", cost=Decimal(80)
    )
    warn_managers(now=NOW)
    yield
    User.objects.filter(pk=user.pk).update(is_active=False)


def month(user: User) -> Iterator[None]:
    """And of the report of a month."""
    StaffRoleFactory(clinic=(clinic := ClinicFactory()), user=user, role="manager")
    bus.publish("clinic.month", {"clinic_id": clinic.pk, "month": "2026-10-01"})
    yield
    User.objects.filter(pk=user.pk).update(is_active=False)


STORIES: dict[str, Story] = {
    "clinic.budget": budget,
    "clinic.month": month,
    "medication.dose_due": dose_due,
    "medication.dose_missed": dose_missed,
    "medication.weekly_check": weekly_check,
    "medication.prescribed": prescribed,
    "medication.low_stock": low_stock,
    "medication.expiring": expiring,
    "vaccination.due": vaccination_due,
    "vaccination.overdue": vaccination_overdue,
    "event.joined": joined,
    "event.place_free": place_free,
    "event.reminder": reminder,
    "event.starting": starting,
    "event.moved": moved,
    "event.cancelled": cancelled,
    "event.ended": ended,
    "visit.reminder": visit_reminder,
    "visit.missed": visit_missed,
    "visit.moved": visit_moved,
    "conversation.reply": answered,
    "conversation.read": read,
    "conversation.urgent": wrote_of_danger,
    "system.announcement": announcement,
}


OF_NO_PATIENT = ("event.", "system.", "conversation.urgent")


@pytest.fixture
def pieter() -> User:
    """A patient's carer, who wants everything by e-mail."""
    relation = {"relation": Relation.SELF, "alert_missed": True}
    user = CareRoleFactory(user=UserFactory(email="pieter@example.org"), **relation).user
    ChannelChoice.objects.bulk_create(
        ChannelChoice(user=user, category=category.value, channel="email", on=True) for category in Category
    )
    return user


def waiting(name: str, user: User) -> Delivery:
    """The delivery of the message of this type; whatever else was said on the way is put away."""
    unfinished = EventRecord.objects.filter(finished_at=None).order_by("due_at")
    while record := unfinished.first():
        fan_out(now=max(record.due_at, timezone.now()))
    Delivery.objects.exclude(notification__event_type=name, notification__recipient=user).delete()
    return Delivery.objects.get(channel="email")


def test_every_type_is_walked() -> None:
    assert set(STORIES) == {each.name for each in registry.event_types()}


@pytest.mark.parametrize("name", STORIES)
def test_what_still_holds_is_sent(name: str, pieter: User) -> None:
    next(story := STORIES[name](pieter))
    row = waiting(name, pieter)
    deliver("email", now=max(row.due_at, timezone.now()))
    row.refresh_from_db()
    assert row.state == Delivery.State.SENT, row.error
    assert len(mail.outbox) == 1
    story.close()


@pytest.mark.parametrize("name", STORIES)
def test_every_type_says_whose_its_messages_are(name: str, pieter: User) -> None:
    """Of a patient, or of a clinic; what is announced to all clinics is of none."""
    next(story := STORIES[name](pieter))
    about = waiting(name, pieter).notification.about
    if name.startswith(("medication.", "vaccination.", "visit.", "conversation.re")):
        assert about == about_patient(patient_of(pieter))
    else:
        assert (about.scope_id is None) == name.startswith("system.")
        assert about.subject_id is None
    story.close()


@pytest.mark.parametrize("name", STORIES)
def test_what_holds_no_longer_is_not_sent(name: str, pieter: User) -> None:
    next(story := STORIES[name](pieter))
    row = waiting(name, pieter)
    next(story, None)
    deliver("email", now=max(row.due_at, timezone.now()))
    row.refresh_from_db()
    assert (row.state, mail.outbox) == (Delivery.State.CANCELLED, [])
    assert row.reason


@pytest.mark.parametrize("name", STORIES)
def test_what_is_past_its_time_is_not_sent_and_put_down_as_expired(name: str, pieter: User) -> None:
    next(story := STORIES[name](pieter))
    row = waiting(name, pieter)
    Notification.objects.filter(pk=row.notification_id).update(valid_until=timezone.now())
    deliver("email", now=max(row.due_at, timezone.now()))
    row.refresh_from_db()
    assert (row.state, mail.outbox) == (Delivery.State.EXPIRED, [])
    story.close()


@pytest.mark.parametrize(
    "name",
    [
        each
        for each in STORIES
        if not each.startswith(("event.", "system.", "clinic.", "conversation.urgent"))
    ],
)
def test_nobody_hears_of_the_treatment_of_somebody_who_has_died(name: str, pieter: User) -> None:
    next(story := STORIES[name](pieter))
    row = waiting(name, pieter)
    Patient.objects.update(deceased_on=TODAY)
    deliver("email", now=max(row.due_at, timezone.now()))
    row.refresh_from_db()
    assert (row.state, mail.outbox) == (Delivery.State.CANCELLED, [])
    story.close()
