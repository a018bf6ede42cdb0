"""The calls that other programs make from Python, as docs/interface.md writes them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from events.models import ClinicEvent
from events.rules.recurrence import expand
from events.services import create_recurring_event
from home.models import Consent, Relation
from medications import tasks
from medications.rules import doses, stock
from medications.services import send_medication_reminder
from notifications import bus, periodic
from notifications.api.serializers.preferences import PreferencesSerializer
from notifications.models import (
    EventRecord,
    Notification,
    NotificationDraft,
    NotificationPreferences,
    PeriodicTask,
    ProviderOptOut,
    UserNotificationPreferences,
)
from notifications.periodic_tasks import create_all_periodic_tasks, disable_task, enable_task, list_all_tasks
from notifications.pipeline import listeners
from notifications.pipeline.fan_out import fan_out
from notifications.pipeline.forgetting import forget_announcements
from notifications.scheduler import NotificationScheduler
from notifications.selectors import inbox as selectors
from notifications.selectors.people import people
from notifications.services import NotificationService
from notifications.types import Priority, QuietHours
from notifications.work import periodic as declarations
from tests.factories import CareRoleFactory, ClinicFactory, UserFactory
from tests.medications.factories import NOW, DoseFactory, PrescriptionFactory

pytestmark = pytest.mark.django_db


@time_machine.travel(datetime(2026, 11, 22, 8, 0, tzinfo=UTC), tick=False)
def test_the_scheduler() -> None:
    first, second = UserFactory(), UserFactory()
    s = NotificationScheduler()
    ids = s.schedule_notification(
        recipients=[first.pk, second.pk],
        title="...",
        message="...",
        scheduled_at="2026-12-28T10:00:00Z",
        notif_type="system",
        priority="high",
        related_object_type="meeting",
        related_object_id=123,
        data={"k": "v"},
    )
    assert len(ids) == 2
    with pytest.raises(ValueError, match="title"):
        s.schedule_notification(
            recipients=[first.pk], title="", message="...", scheduled_at="2026-12-28T10:00:00Z"
        )

    assert s.cancel_scheduled(notification_id=ids[1]) is True
    assert s.cancel_scheduled(notification_id=ids[1]) is False
    assert list(s.get_pending_notifications()) == []
    status = s.get_schedule_status(notification_id=ids[0])
    assert status == {
        "id": ids[0],
        "title": "...",
        "scheduled_at": datetime(2026, 12, 28, 10, 0, tzinfo=UTC),
        "scheduled_status": "pending",
        "is_sent": False,
        "sent_at": None,
        "created_at": datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
    }
    assert s.send_scheduled_notification(notification_id=ids[0]) is True
    assert s.send_scheduled_notification(notification_id=ids[0]) is False
    assert s.retry_failed_notification(notification_id=ids[0], retry_delay_minutes=10) is False
    message = Notification.objects.get(id=ids[0])
    assert (message.related_object_type, message.related_object_id, message.data) == (
        "meeting",
        123,
        {"k": "v"},
    )


def test_the_service() -> None:
    user = CareRoleFactory().user
    ids = NotificationService.send(
        users=[user],
        title="...",
        message="...",
        notif_type="medication",
        priority="high",
        channels=["email", "in_app"],
        require_acknowledgment=True,
    )
    assert [message.id for message in NotificationService.get_unread_notifications(user)] == ids
    assert NotificationService.mark_notification_as_read(notification_id=ids[0], user=user) is True
    assert NotificationService.mark_notification_as_read(notification_id=ids[0], user=UserFactory()) is False
    assert list(NotificationService.get_unread_notifications(user)) == []

    NotificationService.send_system_notification(
        title="...",
        content="...",
        priority="normal",
        target_user_types=["patients", "carers", "staff", "managers"],
    )
    fan_out(now=timezone.now())
    assert selectors.inbox(user.pk, category="system").count() == 1


def test_what_is_said_of_a_notification() -> None:
    [id_] = NotificationService.send(
        users=[UserFactory()], title="Closed", message="All day.", notif_type="visit", priority="medium"
    )
    n = Notification.objects.get(id=id_)
    assert (n.title, n.message, n.type, n.is_sent, n.is_read) == ("Closed", "All day.", "visit", True, False)
    assert n.priority == Priority.NORMAL
    NotificationService.mark_notification_as_read(notification_id=id_, user=n.recipient)
    n.refresh_from_db()
    assert n.is_read


def test_medium_is_normal_for_the_scheduler_too() -> None:
    at = timezone.now() + timedelta(days=1)
    [id_] = NotificationScheduler().schedule_notification(
        recipients=[UserFactory().pk], title="...", message="...", scheduled_at=at, priority="medium"
    )
    n = Notification.objects.get(id=id_)
    assert (n.priority, n.is_sent) == (Priority.NORMAL, False)


def draft(**changes: Any) -> NotificationDraft:
    return NotificationService.create_notification(
        **{
            "title": "Bring your card",
            "content": "On Monday.",
            "notification_type": "medication",
            "priority": "high",
            "target_users": [],
            "require_acknowledgment": True,
            **changes,
        }
    )


def test_a_draft_tells_nobody_until_it_is_sent_and_each_person_once() -> None:
    user, other = UserFactory(), UserFactory()
    n = draft(target_users=[user])
    assert not Notification.objects.exists()
    assert (n.title, n.message, n.type, n.is_sent) == ("Bring your card", "On Monday.", "medication", False)
    assert list(n.target_users) == [user]

    # As it is found by another process, days later.
    n = NotificationDraft.objects.get(pk=n.pk)
    id_ = NotificationService.send_notification_to_user(
        user=user, notification=n, channels=["email", "in_app"]
    )
    message = Notification.objects.get()
    assert (message.pk, message.recipient_id, message.require_acknowledgment) == (id_, user.pk, True)
    assert (message.title, message.body, message.type) == ("Bring your card", "On Monday.", "medication")
    assert (message.priority, message.event_record_id) == (Priority.HIGH, n.pk)
    assert [each["reason"] for each in message.routing if each["channel"] == "sms"] == ["not_requested"]
    assert n.is_sent

    [also] = NotificationService.send_notification_to_users([user, other], n)
    assert Notification.objects.get(pk=also).recipient == other
    assert NotificationService.send_notification_to_user(other, n) is None
    assert NotificationDraft.objects.get().recipients == Notification.objects.count() == 2


def test_a_draft_that_reached_nobody_was_not_sent() -> None:
    n = draft()
    NotificationService.send_notification_to_user(UserFactory(phone=None), n, channels=["sms"])
    assert Notification.objects.get().scheduled_status == "failed"
    assert not n.is_sent
    gone = UserFactory(is_active=False)
    assert NotificationService.send_notification_to_user(gone, n) is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"content": ""}, "content"),
        ({"notification_type": "no such type !"}, "no such type !"),
        ({"priority": "soon"}, "soon"),
    ],
)
def test_a_malformed_draft_is_refused_by_name(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        draft(**changes)
    assert not NotificationDraft.objects.exists()
    with pytest.raises(ValueError, match="pigeon"):
        NotificationService.send_notification_to_users([UserFactory()], draft(), ["pigeon"])
    assert not Notification.objects.exists()


def test_a_draft_that_mentions_somebody_is_wiped_when_they_are_erased() -> None:
    n = draft(content="Gogo Dlamini brings the cake.")
    other = draft()
    for step in forget_announcements(["gogo dlamini"], timezone.now()):
        step.carry_out()
    n.refresh_from_db()
    assert (n.title, n.message) == ("–", "")
    other.refresh_from_db()
    assert other.message == "On Monday."


def test_preferences_by_the_names_that_rest_has() -> None:
    user = UserFactory()
    defaults = {
        "email_notifications_enabled": True,
        "push_notifications_enabled": True,
        "quiet_hours_enabled": True,
        "quiet_hours_start": "22:00",
        "quiet_hours_end": "08:00",
    }
    preferences, created = UserNotificationPreferences.objects.get_or_create(user=user, defaults=defaults)
    assert created
    assert preferences.quiet_hours_start == time(22)
    assert people([user.pk])[user.pk].wishes.quiet_hours == QuietHours(time(22), time(8))
    again, created = UserNotificationPreferences.objects.get_or_create(user=user, defaults=defaults)
    assert (again.pk, created) == (preferences.pk, False)

    again.sms_notifications_enabled = False
    again.email_time_preference = "morning"
    again.message_detail = "detailed"
    again.quiet_hours_enabled = False
    again.save()
    wishes = people([user.pk])[user.pk].wishes
    assert ("sms" in wishes.muted, "email" in wishes.muted) == (True, False)
    assert (wishes.email_time, wishes.detail, wishes.quiet_hours) == ("morning", "detailed", None)
    found = UserNotificationPreferences.objects.get(user=user)
    assert (found.sms_notifications_enabled, found.email_time_preference) == (False, "morning")
    assert UserNotificationPreferences.objects.count() == NotificationPreferences.objects.count() == 1


def test_they_have_every_name_that_rest_has() -> None:
    assert set(PreferencesSerializer().fields) - {"choices"} <= set(dir(UserNotificationPreferences()))


def test_a_wrong_preference_is_named_as_it_was_given_and_changes_nothing() -> None:
    user = UserFactory()
    wrong = {"email_time_preference": "noon", "quiet_hours_start": "25:00"}
    with pytest.raises(ValidationError) as caught:
        UserNotificationPreferences.objects.get_or_create(user=user, defaults=wrong)
    assert set(caught.value.message_dict) == set(wrong)
    assert not NotificationPreferences.objects.exists()
    UserNotificationPreferences.objects.create(user=user)
    with pytest.raises(IntegrityError), transaction.atomic():
        UserNotificationPreferences.objects.create(user=user)


def test_only_what_a_program_says_of_a_channel_is_taken_for_the_persons_word() -> None:
    """A patient, who is asked before anything is sent to them outside the inbox."""
    user = CareRoleFactory(relation=Relation.SELF).user
    Consent.objects.filter(user=user).delete()
    preferences = UserNotificationPreferences.objects.create(user=user, quiet_hours_enabled=True)
    assert not Consent.objects.filter(user=user).exists()
    preferences.email_notifications_enabled = True
    preferences.save()
    assert [consent.purpose for consent in Consent.objects.filter(user=user)] == ["email"]
    ProviderOptOut.objects.create(user=user, channel="sms", provider="twilio", since=timezone.now())
    preferences.quiet_hours_enabled = False
    preferences.save()
    assert ProviderOptOut.objects.exists()
    assert not NotificationPreferences.objects.get(user=user).quiet_hours_enabled


def test_tasks_by_hand() -> None:
    with time_machine.travel(NOW, tick=False):
        dose = DoseFactory()
        assert tasks.send_medication_reminder.call_local(schedule_id=dose.schedule_id) == 1
        assert tasks.send_medication_reminder.call_local(schedule_id=dose.schedule_id) == 0
        assert tasks.check_low_stock_alerts.call_local() == 0
    assert EventRecord.objects.get(event_type="medication.dose_due").payload == {"dose_ids": [dose.pk]}


def test_a_reminder_in_words() -> None:
    user = UserFactory()
    send_medication_reminder(
        user=user, medication_name="Aspirin", dosage="100mg", instructions="Take with food"
    )
    message = selectors.inbox(user.pk).get()
    assert all(word in message.body for word in ("Aspirin", "100mg", "Take with food"))


def test_the_bus() -> None:
    heard = []

    @bus.subscribe("medication.prescribed")
    def audit(record: EventRecord) -> None:
        heard.append(record)

    try:
        prescription = PrescriptionFactory()
        record = bus.publish("medication.prescribed", {"prescription_id": prescription.pk}, dedupe_key="a1")
        again = bus.publish("medication.prescribed", {"prescription_id": prescription.pk}, dedupe_key="a1")
        assert again == record
        while listeners.call_next(now=timezone.now()):
            pass
        assert record in heard
    finally:
        listeners.remove("medication.prescribed", audit)


@pytest.mark.parametrize(
    ("name", "payload", "named"),
    [
        ("medication.unheard_of", {}, "medication.unheard_of"),
        ("medication.prescribed", {}, "prescription_id"),
        ("medication.prescribed", {"prescription_id": 1, "extra": 2}, "extra"),
    ],
)
def test_a_wrong_publication_is_refused_by_name(name: str, payload: dict[str, int], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        bus.publish(name, payload)


def test_the_rules() -> None:
    rule = {"kind": "times", "times": ["08:00", "evening"], "quantity": "0.5", "start_date": "2026-03-28"}
    expanded = doses.expand(rule, start=date(2026, 3, 28), end=date(2026, 3, 29), timezone="Europe/London")
    assert expanded == [
        (datetime(2026, 3, 28, 8, 0, tzinfo=UTC), Decimal("0.5")),
        (datetime(2026, 3, 28, 20, 0, tzinfo=UTC), Decimal("0.5")),
        (datetime(2026, 3, 29, 7, 0, tzinfo=UTC), Decimal("0.5")),
        (datetime(2026, 3, 29, 19, 0, tzinfo=UTC), Decimal("0.5")),
    ]
    due_at = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
    daily = [(due_at + timedelta(days=day), Decimal("1")) for day in range(40)]
    assert stock.run_out(batches=[(Decimal("28"), date(2027, 3, 31))], doses=daily) == due_at + timedelta(
        days=28
    )
    assert stock.run_out(batches=[(Decimal("40"), date(2027, 3, 31))], doses=daily) is None


def test_a_recurring_event() -> None:
    clinic = ClinicFactory()
    config = {"type": "weekly", "weekday": 4, "start_time": "22:00", "end_time": "02:00", "active": True}
    series = create_recurring_event(title="Night walk", clinic=clinic, recurring_config=config)
    ahead = ClinicEvent.objects.filter(series=series)
    assert ahead.count() in (4, 5)

    expanded = expand(config, start=date(2026, 1, 1), end=date(2026, 1, 9), timezone="Africa/Johannesburg")
    assert expanded == [
        (datetime(2026, 1, 2, 20, tzinfo=UTC), datetime(2026, 1, 3, 0, tzinfo=UTC)),
        (datetime(2026, 1, 9, 20, tzinfo=UTC), datetime(2026, 1, 10, 0, tzinfo=UTC)),
    ]
    with pytest.raises(ValueError, match="weekdy"):
        create_recurring_event(title="Walk", clinic=clinic, recurring_config={**config, "weekdy": 4})


def test_a_periodic_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declarations, "_declared", {})

    @periodic.periodic_task("Low stock check", cron="0 */6 * * *")
    def check_low_stock_alerts(slot: datetime) -> str:
        return "none low"

    assert [(task.name, task.cron) for task in declarations.declared()] == [
        ("Low stock check", "0 */6 * * *")
    ]


def test_all_periodic_tasks() -> None:
    assert create_all_periodic_tasks() == len(declarations.declared())
    assert create_all_periodic_tasks() == 0
    now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        PeriodicTask.objects.get(name="Low stock").runs.create(slot=now, due_at=now)
        assert disable_task("Expiring batches") is True
        assert disable_task("Expiring batches") is False
        listed = {task["name"]: task for task in list_all_tasks()}
        assert set(listed) == {task.name for task in declarations.declared()}
        assert listed["Low stock"] == {
            "name": "Low stock",
            "enabled": True,
            "cron": "0 */6 * * *",
            "last_run": now,
            "next_run": datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
        }
        off = listed["Expiring batches"]
        assert (off["enabled"], off["last_run"], off["next_run"]) == (False, None, None)
    with time_machine.travel(now + timedelta(days=3), tick=False):
        assert enable_task("Expiring batches") is True
        # What was missed while it was off isn't made up for.
        assert PeriodicTask.objects.get(name="Expiring batches").last_slot == timezone.now()
    for name in ("Low stocks", "Sweep"):
        with pytest.raises(ValueError, match=name):
            disable_task(name)
    assert PeriodicTask.objects.get(name="Sweep").enabled


def test_listing_the_periodic_tasks_takes_the_same_queries_however_often_they_ran(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    create_all_periodic_tasks()
    with CaptureQueriesContext(connection) as before:
        list_all_tasks()
    for task in PeriodicTask.objects.all():
        for day in range(3):
            at = datetime(2026, 11, 20 + day, tzinfo=UTC)
            task.runs.create(slot=at, due_at=at)
    with django_assert_num_queries(len(before)):
        list_all_tasks()
