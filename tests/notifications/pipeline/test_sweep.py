"""What the queue forgot is found by the sweep, which wakes a worker for it."""

from typing import Any

import pytest
from django.utils import timezone

from notifications import bus, tasks
from notifications.models import EventRecord, ListenerCall, Notification, PeriodicRun, PeriodicTask
from tests.notifications.factories import DeliveryFactory, NotificationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rain", "pigeons")]


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Each task that a worker was woken for, with its arguments."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(tasks, "wake", lambda task, *args, delay=None: calls.append((task, *args)))
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


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (a_publication, (tasks.fan_out,)),
        (a_scheduled_message, (tasks.send_scheduled,)),
        (a_delivery, (tasks.deliver, "pigeons")),
        (a_call_of_a_listener, (tasks.call_listeners,)),
        (a_run, (tasks.run_periodic,)),
    ],
)
def test_a_worker_is_woken_for_what_nobody_finished_and_for_nothing_else(
    left: Any, expected: tuple[Any, ...], woken: list[tuple[Any, ...]]
) -> None:
    left()
    tasks.sweep_and_wake()
    assert woken == [expected]


def test_where_nothing_waits_nobody_is_woken(woken: list[tuple[Any, ...]]) -> None:
    tasks.sweep_and_wake()
    assert woken == []
