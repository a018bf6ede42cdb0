"""What is past its time goes in small steps that hold up nobody, turn by turn."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import privacy
from notifications.models import (
    Delivery,
    EventRecord,
    ListenerCall,
    Notification,
    PeriodicRun,
    PeriodicTask,
    QuickReply,
    Suppression,
)
from notifications.pipeline import retention
from notifications.privacy import Retention
from notifications.work import periodic
from tests.factories import UserFactory
from tests.notifications.factories import DeliveryFactory, NotificationFactory

NOW = timezone.now()


def kind(name: str) -> Retention:
    return next(each for each in privacy.retentions() if each.name == name)


def old(number: int, **fields: Any) -> list[Notification]:
    """Past their time, each a minute after the one before; the last a minute ago."""
    reader = UserFactory()
    return [
        NotificationFactory(recipient=reader, delete_at=NOW - timedelta(minutes=minutes), **fields)
        for minutes in range(number, 0, -1)
    ]


@pytest.fixture
def in_steps_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MOST", 2)
    monkeypatch.setattr(retention, "LEAST", 2)


@pytest.mark.django_db
def test_the_oldest_go_first_step_by_step_and_what_has_time_left_stays(in_steps_of_two: None) -> None:
    messages = old(5)
    later = NotificationFactory(delete_at=NOW + timedelta(seconds=1))
    steps = retention.steps_of(kind("notifications"), NOW)
    assert next(steps) == 2
    assert list(Notification.objects.order_by("delete_at")) == [*messages[2:], later]
    assert list(steps) == [2, 1]
    assert Notification.objects.get() == later


@pytest.mark.django_db
def test_many_of_the_same_moment_all_go(in_steps_of_two: None) -> None:
    reader = UserFactory()
    for _ in range(5):
        NotificationFactory(recipient=reader, delete_at=NOW)
    assert list(retention.steps_of(kind("notifications"), NOW)) == [2, 2, 1]


@pytest.mark.django_db
def test_what_hangs_on_a_message_goes_with_it() -> None:
    message = old(1)[0]
    DeliveryFactory(notification=message)
    QuickReply.objects.create(notification=message, reply="taken", at=NOW)
    stays = DeliveryFactory()
    retention.clean_up(now=NOW)
    assert Delivery.objects.get() == stays
    assert not QuickReply.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", [each.name for each in privacy.retentions() if each.parts])
def test_all_that_hangs_on_rows_is_named_where_nothing_else_is_looked_for(name: str) -> None:
    """And nothing hangs on that in turn, so that no row is left that names one that is gone."""
    model = kind(name).rows(NOW).model
    parts = kind(name).parts
    assert parts is not None
    assert {rows.model for rows in parts([1])} == set(hanging_on(model))
    assert not [each for rows in parts([1]) for each in hanging_on(rows.model)]


def hanging_on(model: type[models.Model]) -> Iterator[type[Any]]:
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ForeignObjectRel) and relation.on_delete is not models.DO_NOTHING:
            yield relation.related_model


@pytest.mark.django_db
def test_a_publication_goes_with_its_calls_and_nobody_looks_through_the_messages() -> None:
    record = EventRecord.objects.create(
        event_type="x", payload={}, created_at=NOW, due_at=NOW, finished_at=NOW, delete_at=NOW
    )
    ListenerCall.objects.create(event_record=record, listener="x", due_at=NOW)
    message = NotificationFactory(event_record=record)
    with CaptureQueriesContext(connection) as queries:
        assert list(retention.steps_of(kind("publications"), NOW)) == [1]
    assert not [each for each in queries if Notification._meta.db_table in each["sql"]]
    assert not ListenerCall.objects.exists()
    assert Notification.objects.filter(pk=message.pk, event_record_id=record.pk).exists()


@pytest.mark.django_db
def test_an_address_stays_suppressed_as_long_as_somebody_has_it() -> None:
    person = UserFactory()
    for address in (person.email, "gone@example.org"):
        Suppression.objects.create(channel="email", address=address, reason="bounced", since=NOW)
    retention.clean_up(now=NOW)
    assert [each.address for each in Suppression.objects.all()] == [person.email]


@pytest.mark.django_db
def test_each_step_asks_for_one_range_in_the_order_of_an_index(in_steps_of_two: None) -> None:
    """Without an order PostgreSQL reads the table from its beginning, over all that is gone, for each step."""
    old(5)
    with CaptureQueriesContext(connection) as queries:
        list(retention.steps_of(kind("notifications"), NOW))
    reads = [each["sql"] for each in queries if each["sql"].startswith("SELECT")]
    assert len(reads) == 4
    assert all("ORDER BY" in each and "LIMIT 2" in each for each in reads)
    assert [">=" in each for each in reads] == [False, True, True, True]


@pytest.mark.django_db
@pytest.mark.parametrize("each", privacy.retentions(), ids=lambda each: each.name)
def test_the_rows_of_every_kind_can_be_locked_in_their_order(each: Retention) -> None:
    assert list(retention.steps_of(each, NOW - timedelta(days=10_000))) == []


def test_a_step_is_smaller_after_a_long_one_and_larger_after_a_short_one() -> None:
    sizes = [1000]
    for took in (0.2, 0.15, 0.07, 0.01, 0.01, 0.01):
        sizes.append(retention._next_size(sizes[-1], took))
    assert sizes == [1000, 500, 250, 250, 500, 1000, 1000]
    assert retention._next_size(retention.LEAST, 9.0) == retention.LEAST


@pytest.mark.django_db
def test_it_rests_as_long_as_it_worked(monkeypatch: pytest.MonkeyPatch) -> None:
    rests = []
    seconds = iter((0.0, 0.3, 1.0, 1.1, 2.0))
    monkeypatch.setattr(retention.time, "monotonic", lambda: next(seconds))
    monkeypatch.setattr(retention.time, "sleep", rests.append)
    monkeypatch.setattr(retention, "MOST", 1)
    old(2)
    assert list(retention.steps_of(kind("notifications"), NOW)) == [1, 1]
    assert rests == pytest.approx([0.3, 0.1])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no locks of single rows")
@pytest.mark.django_db(transaction=True)
def test_what_somebody_has_locked_is_passed_over() -> None:
    messages = old(3)
    locked, done = threading.Event(), threading.Event()

    def read_it() -> None:
        with transaction.atomic():
            Notification.objects.filter(pk=messages[1].pk).update(read_at=NOW)
            locked.set()
            done.wait(10)
        connection.close()

    reader = threading.Thread(target=read_it)
    reader.start()
    locked.wait(10)
    try:
        assert list(retention.steps_of(kind("notifications"), NOW)) == [2]
        assert Notification.objects.get() == messages[1]
    finally:
        done.set()
        reader.join()
    assert list(retention.steps_of(kind("notifications"), NOW)) == [1]


@pytest.fixture
def run_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], PeriodicRun]:
    """A run of that task, which is due; a turn of it has one step."""
    monkeypatch.setattr(retention, "TURN", 0)

    def make(name: str) -> PeriodicRun:
        periodic.make_rows(now=NOW)
        run: PeriodicRun = PeriodicTask.objects.get(name=name).runs.create(slot=NOW, due_at=NOW)
        return run

    return make


@pytest.mark.django_db
def test_a_run_goes_on_turn_by_turn_and_staff_see_how_far(
    run_of: Callable[[str], PeriodicRun], in_steps_of_two: None
) -> None:
    old(5)
    run = run_of("Old notifications")
    seen = []
    for turn in range(4):
        assert periodic.run_next(now=NOW + timedelta(minutes=turn))
        run.refresh_from_db()
        seen.append((run.result, run.state, run.attempts, run.lease_owner))
    assert seen == [
        ("2 notifications", "pending", 0, ""),
        ("4 notifications", "pending", 0, ""),
        ("5 notifications", "pending", 0, ""),
        ("5 notifications", "done", 1, ""),
    ]
    assert not Notification.objects.exists()


@pytest.mark.django_db
def test_between_two_turns_its_worker_does_what_else_there_is(
    run_of: Callable[[str], PeriodicRun], in_steps_of_two: None
) -> None:
    old(5)
    run_of("Old notifications")
    assert periodic.run_next(now=NOW)
    assert not periodic.run_next(now=NOW)
    assert periodic.run_next(now=NOW + periodic.BETWEEN_TURNS + timedelta(seconds=1))


@pytest.mark.django_db
def test_a_kind_that_fails_stops_no_other_and_is_said_in_the_end(
    run_of: Callable[[str], PeriodicRun],
    in_steps_of_two: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(until: Any) -> Any:
        raise ValueError("no such table")

    monkeypatch.setattr(privacy, "_retentions", {"broken": Retention("broken", fail), **privacy._retentions})
    old(3)
    run = run_of("Old notifications")
    for turn in range(3):
        assert periodic.run_next(now=NOW + timedelta(minutes=turn))
        run.refresh_from_db()
        assert (run.failures, "broken" in caplog.text) == ((0, False), (0, False), (1, True))[turn]
    assert not Notification.objects.exists()
    assert run.error == "ValueError: no such table"
