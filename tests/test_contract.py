"""The calls that other programs make from Python, as docs/interface.md writes them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from events.models import ClinicEvent
from events.rules.recurrence import expand
from events.services import create_recurring_event
from medications.rules import doses, stock
from medications.services import send_medication_reminder
from notifications import bus, periodic
from notifications.models import EventRecord, Notification
from notifications.pipeline import listeners
from notifications.pipeline.fan_out import fan_out
from notifications.scheduler import NotificationScheduler
from notifications.selectors import inbox as selectors
from notifications.services import NotificationService
from notifications.work import periodic as declarations
from tests.factories import CareRoleFactory, ClinicFactory, UserFactory
from tests.medications.factories import PrescriptionFactory

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
