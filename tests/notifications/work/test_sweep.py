"""What the queue forgot is found by the sweep, which wakes a worker for it."""

from typing import Any

import pytest
from django.utils import timezone

from notifications import bus
from notifications.models import (
    EventRecord,
    InboundMessage,
    ListenerCall,
    Notification,
    PeriodicRun,
    PeriodicTask,
)
from notifications.work import sweep as sweeping
from notifications.work.sweep import sweep
from notifications.work.wakeups import Wakeup
from tests.notifications.factories import DeliveryFactory, NotificationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rain", "pigeons")]


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What a worker was woken for, with its arguments."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(sweeping, "wake", lambda name, *args: calls.append((name, *args)))
    return calls


def a_publication() -> None:
    bus.publish("weather.rain", {"user_ids": []})


def a_scheduled_message() -> None:
    NotificationFactory(scheduled_status=Notification.Status.PENDING, sent_at=None)


def a_delivery() -> None:
    DeliveryFactory()


def a_call_of_a_listener() -> None:
    a_publication()
    record = EventRecord.objects.get()
    EventRecord.objects.update(state=EventRecord.State.PROCESSED, finished_at=timezone.now())
    ListenerCall.objects.create(event_record=record, listener="umbrella", due_at=timezone.now())


def a_run() -> None:
    task = PeriodicTask.objects.create(name="Rain", cron="0 3 * * *", last_slot=timezone.now())
    PeriodicRun.objects.create(task=task, slot=timezone.now(), due_at=timezone.now())


def an_sms() -> None:
    now = timezone.now()
    InboundMessage.objects.create(
        provider="twilio", provider_id="SM1", text="STOP", received_at=now, due_at=now
    )


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (a_publication, (Wakeup.FAN_OUT,)),
        (a_scheduled_message, (Wakeup.SEND_SCHEDULED,)),
        (a_delivery, (Wakeup.DELIVER, "pigeons")),
        (a_call_of_a_listener, (Wakeup.CALL_LISTENERS,)),
        (a_run, (Wakeup.RUN_PERIODIC,)),
        (an_sms, (Wakeup.ANSWER_SMS,)),
    ],
)
def test_a_worker_is_woken_for_what_nobody_finished_and_for_nothing_else(
    left: Any, expected: tuple[Any, ...], woken: list[tuple[Any, ...]]
) -> None:
    left()
    sweep(now=timezone.now())
    assert woken == [expected]


def test_where_nothing_waits_nobody_is_woken(woken: list[tuple[Any, ...]]) -> None:
    sweep(now=timezone.now())
    assert woken == []
