"""Waking workers; and with TASKS=inline, doing what they would do."""

from typing import Any

import pytest
from django.db import transaction
from huey.contrib.djhuey import HUEY

from notifications import bus
from notifications.models import EventRecord, ListenerCall, Notification
from notifications.pipeline import listeners
from notifications.services import NotificationService
from notifications.work import turns, wakeups
from notifications.work.wakeups import wake
from tests.factories import UserFactory
from tests.faults.stack import wait_until


def test_what_a_task_wakes_runs_after_it_and_not_inside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    did: list[str] = []

    def first() -> None:
        did.append("it begins")
        wake("second", 1)
        wake("second", 2)
        did.append("it ends")

    monkeypatch.setattr(
        wakeups, "_tasks", {"first": first, "second": lambda number: did.append(f"second {number}")}
    )
    wake("first")
    assert did == ["it begins", "it ends", "second 1", "second 2"]


class Queue:
    """A task whose queue can't be reached for some calls."""

    def __init__(self, away: int) -> None:
        self.away = away
        self.heard: list[tuple[Any, ...]] = []

    def __call__(self, *args: Any, delay: float | None = None) -> None:
        self.away -= 1
        if self.away >= 0:
            raise ConnectionError("no queue")
        self.heard.append(args if delay is None else (*args, delay))

    def schedule(self, args: tuple[Any, ...], delay: float) -> None:
        self(*args, delay=delay)


def test_a_queue_that_is_away_is_told_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeups, "AGAIN_EVERY", 0.01)
    queue = Queue(away=7)
    monkeypatch.setattr(wakeups, "_tasks", {"deliver": queue})
    for _ in range(2):
        wake("deliver", "email")
    wake("deliver", "sms", delay=5.0)
    assert queue.heard == []
    wait_until(lambda: len(queue.heard) == 2)
    assert sorted(queue.heard) == [("email",), ("sms", 5.0)]
    wake("deliver", "push")
    assert queue.heard[2:] == [("push",)]


def test_what_a_queue_did_not_hear_later_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeups, "AGAIN_EVERY", 0.01)
    queue = Queue(away=1)
    monkeypatch.setattr(wakeups, "_tasks", {"deliver": queue})
    for number in range(1, 4):
        queue.away = 1
        wake("deliver", f"{number}")
        wait_until(lambda: len(queue.heard) == number)  # noqa: B023 - called at once
    assert queue.heard == [("1",), ("2",), ("3",)]


def test_it_is_told_of_lists_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeups, "AGAIN_EVERY", 0.01)
    queue = Queue(away=3)
    monkeypatch.setattr(wakeups, "_tasks", {"refresh": queue})
    for _ in range(2):
        wake("refresh", [1, 2])
    wait_until(lambda: queue.heard)
    assert queue.heard == [([1, 2],)]


def test_one_that_fails_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(wakeups._unheard, "add", lambda _call: None)
    did: list[str] = []

    def first() -> None:
        wake("second")
        raise RuntimeError("no connection")

    monkeypatch.setattr(wakeups, "_tasks", {"first": first, "second": lambda: did.append("second")})
    wake("first")
    wake("second")
    assert did == ["second", "second"]
    assert "The queue can't be reached" in caplog.text


# With TASKS=inline ----------------------------------------------------------------------------------------


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HUEY, "immediate_use_memory", False)
    monkeypatch.setattr(HUEY, "immediate", True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("rain", "inline")
def test_a_publication_is_sent_by_whoever_makes_it_once_it_is_committed(pigeons: Any) -> None:
    people = UserFactory.create_batch(3)
    with transaction.atomic():
        bus.publish("weather.rain", {"user_ids": [person.pk for person in people]})
        assert not Notification.objects.exists()
    assert Notification.objects.count() == len(pigeons.sent) == 3
    with transaction.atomic():
        bus.publish("weather.rain", {"user_ids": [people[0].pk]})
        transaction.set_rollback(True)
    assert Notification.objects.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("rain", "inline")
def test_it_takes_as_many_turns_as_there_is_work(pigeons: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURN", -1.0)
    monkeypatch.setattr("notifications.pipeline.fan_out.RECORDS", 1)
    people = UserFactory.create_batch(2)
    with transaction.atomic():
        for person in people * 4:
            bus.publish("weather.rain", {"user_ids": [person.pk]})
    assert not EventRecord.objects.filter(finished_at__isnull=True).exists()
    assert Notification.objects.count() == len(pigeons.sent) == 8


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("rain", "inline")
def test_a_listener_that_publishes_is_followed_too(pigeons: Any) -> None:
    somebody = UserFactory()

    def answer(record: EventRecord) -> None:
        if record.dedupe_key == "first":
            bus.publish("weather.rain", {"user_ids": [somebody.pk]}, dedupe_key="second")

    bus.subscribe("weather.rain")(answer)
    try:
        bus.publish("weather.rain", {"user_ids": [somebody.pk]}, dedupe_key="first")
    finally:
        listeners.remove("weather.rain", answer)
    assert len(pigeons.sent) == 2
    assert not ListenerCall.objects.filter(finished_at__isnull=True).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("inline")
def test_words_of_a_program_leave_at_once_too(pigeons: Any) -> None:
    NotificationService.send(users=[UserFactory()], title="Closed", message="All day.", channels=["pigeons"])
    assert [message.body for message in pigeons.sent] == ["You have a message from your clinic"]
