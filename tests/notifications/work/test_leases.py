"""Work is taken by one worker at a time, and a dead one's is taken again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg.errors
import pytest
from django.db import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.models import (
    Delivery,
    EventRecord,
    ListenerCall,
    PeriodicRun,
    PeriodicTask,
    Work,
)
from notifications.rules.retries import RetryPolicy
from notifications.types import Lane, Priority, Reason
from notifications.work.leases import claim, count_due
from notifications.work.quarantine import give_up_poison
from tests.notifications.factories import DeliveryFactory, NotificationFactory

pytestmark = pytest.mark.django_db


def test_a_row_that_is_held_is_not_taken_again() -> None:
    row = DeliveryFactory()
    now = timezone.now()
    first = claim(Delivery, now=now, limit=10)
    assert first.ids == (row.pk,)
    assert not claim(Delivery, now=now, limit=10)


def test_the_most_urgent_and_then_the_oldest_is_taken_first() -> None:
    now = timezone.now()
    late = DeliveryFactory(lane=1, due_at=now - timedelta(minutes=1))
    early = DeliveryFactory(lane=1, due_at=now - timedelta(minutes=2))
    urgent = DeliveryFactory(lane=3, due_at=now)
    taken = [claim(Delivery, now=now, limit=1).ids[0] for _ in range(3)]
    assert taken == [urgent.pk, early.pk, late.pk]


def test_a_batch_takes_from_every_class_until_it_is_full() -> None:
    now = timezone.now()
    rows = {
        (priority, minutes): DeliveryFactory(lane=priority, due_at=now - timedelta(minutes=minutes)).pk
        for minutes in (1, 2)
        for priority in Priority
    }
    first, second = (set(claim(Delivery, now=now, limit=5).ids) for _ in range(2))
    assert first == {rows[3, 2], rows[3, 1], rows[2, 2], rows[2, 1], rows[1, 2]}
    assert second == {rows[1, 1], rows[0, 2], rows[0, 1]}


def test_a_priority_that_nobody_would_look_for_is_refused() -> None:
    for priority in Priority:
        DeliveryFactory(lane=priority)
    assert len(claim(Delivery, now=timezone.now(), limit=10).ids) == len(Priority)
    with pytest.raises(IntegrityError), transaction.atomic():
        DeliveryFactory(notification=NotificationFactory(), lane=Lane.HELD + 1)


def test_what_is_due_is_counted_no_further_than_asked() -> None:
    now = timezone.now()
    for priority in (0, 0, 3, 3):
        DeliveryFactory(lane=priority, due_at=now)
    DeliveryFactory(due_at=now + timedelta(seconds=1))
    DeliveryFactory(channel="email")
    assert [count_due(Delivery, now=now, at_most=most, channel="pigeons") for most in (1, 3, 9)] == [1, 3, 4]
    claim(Delivery, now=now, limit=3, channel="pigeons")
    assert count_due(Delivery, now=now, at_most=9, channel="pigeons") == 1


def test_what_is_not_due_or_is_finished_is_left() -> None:
    now = timezone.now()
    DeliveryFactory(due_at=now + timedelta(seconds=1))
    DeliveryFactory(finished_at=now)
    assert not claim(Delivery, now=now, limit=10)


def test_a_dead_workers_row_is_taken_when_its_lease_is_over() -> None:
    row = DeliveryFactory()
    now = timezone.now()
    claim(Delivery, now=now, limit=10)
    assert not claim(Delivery, now=now + timedelta(seconds=59), limit=10)
    assert claim(Delivery, now=now + timedelta(seconds=61), limit=10).ids == (row.pk,)
    row.refresh_from_db()
    assert (row.attempts, row.crashes) == (2, 1)


def test_whoever_outlived_their_lease_can_no_longer_finish() -> None:
    row = DeliveryFactory()
    now = timezone.now()
    slow = claim(Delivery, now=now, limit=10)
    quick = claim(Delivery, now=now + timedelta(seconds=61), limit=10)
    assert slow.finish(state=Delivery.State.FAILED) == 0
    assert slow.postpone([row.pk], due_at=now) == 0
    assert not slow.renew([row.pk])
    assert quick.finish(state=Delivery.State.SENT) == 1
    row.refresh_from_db()
    assert row.state == Delivery.State.SENT


def test_rows_whose_worker_died_are_taken_one_by_one() -> None:
    rows = DeliveryFactory.create_batch(3)
    now = timezone.now()
    assert len(claim(Delivery, now=now, limit=10).ids) == 3
    later = now + timedelta(seconds=61)
    for row in rows:
        alone = claim(Delivery, now=later, limit=10)
        assert alone.ids == (row.pk,)
        assert not claim(Delivery, now=later, limit=10), "one suspect at a time in one process"
        alone.finish()
    assert not claim(Delivery, now=later, limit=10)


def test_new_rows_do_not_wait_for_a_suspect() -> None:
    old = DeliveryFactory()
    now = timezone.now()
    claim(Delivery, now=now, limit=10)
    other = DeliveryFactory()
    later = now + timedelta(seconds=61)
    assert claim(Delivery, now=later, limit=10).ids == (old.pk,)
    new = DeliveryFactory(due_at=now)
    assert set(claim(Delivery, now=later, limit=10).ids) == {other.pk, new.pk}


def test_new_rows_do_not_wait_behind_as_many_suspects_as_a_batch_holds() -> None:
    old = DeliveryFactory.create_batch(3)
    now = timezone.now()
    claim(Delivery, now=now, limit=10)
    new = DeliveryFactory.create_batch(3, due_at=now)
    later = now + timedelta(seconds=61)
    assert claim(Delivery, now=later, limit=2).ids[0] in {row.pk for row in old}
    taken = claim(Delivery, now=later, limit=2).ids
    assert len(taken) == 2
    assert set(taken) < {row.pk for row in new}


def test_a_suspect_whose_worker_forgot_it_keeps_none_away_for_longer_than_its_lease() -> None:
    DeliveryFactory.create_batch(2)
    now = timezone.now()
    claim(Delivery, now=now, limit=10)
    claim(Delivery, now=now + timedelta(seconds=61), limit=10)
    assert not claim(Delivery, now=now + timedelta(seconds=62), limit=10)
    assert claim(Delivery, now=now + timedelta(seconds=122), limit=10)


def test_what_a_dead_worker_held_does_not_wait_behind_new_rows() -> None:
    now = timezone.now()
    orphan = DeliveryFactory(lane=2, due_at=now - timedelta(minutes=2))
    claim(Delivery, now=now - timedelta(minutes=1, seconds=30), limit=10)
    urgent = DeliveryFactory(lane=3)
    bulk = DeliveryFactory.create_batch(2, lane=0)
    taken = [claim(Delivery, now=now, limit=10).ids for _ in range(3)]
    assert taken == [(urgent.pk, *(row.pk for row in bulk)), (orphan.pk,), ()]


def test_a_row_that_killed_its_worker_three_times_is_given_up() -> None:
    row = DeliveryFactory()
    now = timezone.now()
    for _ in range(3):
        assert claim(Delivery, now=now, limit=10).ids == (row.pk,)
        assert give_up_poison(Delivery, now=now) == 0
        now += timedelta(seconds=61)
    assert not claim(Delivery, now=now, limit=10)
    assert give_up_poison(Delivery, now=now) == 1
    row.refresh_from_db()
    assert (row.state, row.reason, row.crashes) == (Delivery.State.FAILED, Reason.CRASHED, 3)
    assert row.finished_at == now


def test_one_that_was_alone_at_a_crash_waits_for_the_others_of_its_lane() -> None:
    now = timezone.now()
    row = DeliveryFactory(due_at=now - timedelta(minutes=9))
    for _ in range(2):
        assert claim(Delivery, now=now, limit=10).ids == (row.pk,)
        now += timedelta(seconds=61)
    suspect = DeliveryFactory(due_at=now, lease_until=now - timedelta(seconds=1), lease_owner="gone")
    new, bulk = DeliveryFactory(due_at=now), DeliveryFactory(due_at=now, lane=0)
    taken = claim(Delivery, now=now, limit=10)
    assert taken.ids == (suspect.pk,)
    taken.finish()
    assert claim(Delivery, now=now, limit=10).ids == (new.pk, bulk.pk)
    assert claim(Delivery, now=now, limit=10).ids == (row.pk,)


def test_an_orderly_failure_counts_as_none_of_the_three() -> None:
    row = DeliveryFactory()
    now = timezone.now()
    for failures in range(1, 6):
        taken = claim(Delivery, now=now, limit=10)
        assert taken.postpone(taken.ids, due_at=now, state=Delivery.State.RETRY) == 1
        row.refresh_from_db()
        assert (row.failures, row.crashes) == (failures, 0)


def test_releasing_leaves_no_trace() -> None:
    row = DeliveryFactory()
    taken = claim(Delivery, now=timezone.now(), limit=10)
    assert taken.release(taken.ids, state=Delivery.State.PENDING) == 1
    row.refresh_from_db()
    assert (row.attempts, row.lease_owner, row.lease_until) == (0, "", None)


def _look_for_due(model: type[Work], now: datetime) -> None:
    filters = {"channel": "pigeons"} if model is Delivery else {}
    claim(model, now=now, limit=10, **filters)
    count_due(model, now=now, at_most=10, **filters)


def _plans(look: Callable[[], object]) -> list[str]:
    """How the database finds the rows of each statement that looks for unfinished ones."""
    with CaptureQueriesContext(connection) as asked:
        look()
    searches = [each["sql"] for each in asked if "finished_at" in each["sql"].partition("WHERE")[2]]
    explain = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    plans = []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # which is cheaper while a table is empty
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        for sql in searches:
            cursor.execute(explain + sql)
            plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    return plans


@pytest.mark.parametrize(
    ("model", "index", "ranges"),
    [
        (Delivery, "delivery_unfinished", ("channel", "lane", "due_at")),
        (EventRecord, "event_record_unfinished", ("priority", "due_at")),
        (ListenerCall, "listener_call_unfinished", ("due_at",)),
        (PeriodicRun, "periodic_run_unfinished", ()),
    ],
)
def test_what_is_due_is_a_range_of_an_index_and_in_order(
    model: type[Work], index: str, ranges: tuple[str, ...]
) -> None:
    plans = _plans(lambda: _look_for_due(model, timezone.now()))
    assert len(plans) == 2 * len(model.LANES)
    for plan in plans:
        assert index in plan
        assert "sort" not in plan.lower() and "temp b-tree" not in plan.lower()
        # PostgreSQL: “Index Cond: ((channel = …) AND …)”; SQLite: “USING INDEX … (channel=? AND …)”.
        searched = plan.partition("Index Cond" if connection.vendor == "postgresql" else index)[2].partition(
            "\n"
        )[0]
        assert all(column in searched for column in ranges), plan


@pytest.mark.parametrize("model", [Delivery, EventRecord, ListenerCall, PeriodicRun])
def test_poison_has_an_index_of_its_own(model: type[Work]) -> None:
    _fill(model)
    (plan,) = _plans(lambda: give_up_poison(model, now=timezone.now()))
    assert "_poison" in plan


def _fill(model: type[Work]) -> None:
    """Rows that wait and hurt nobody: while a table is empty, one index is as good as another."""
    now = timezone.now()
    record = EventRecord(event_type="weather.rain", payload={}, due_at=now, created_at=now, delete_at=now)
    record.save()
    task = PeriodicTask.objects.create(name="Look out", cron="* * * * *", timezone="UTC", last_slot=now)
    message = NotificationFactory()
    row: dict[type[Work], Callable[[int], Work]] = {
        Delivery: lambda n: Delivery(notification=message, channel=f"pigeon {n}", due_at=now),
        EventRecord: lambda n: EventRecord(
            event_type="weather.rain", payload={}, due_at=now, created_at=now, delete_at=now
        ),
        ListenerCall: lambda n: ListenerCall(event_record=record, listener=f"{n}", due_at=now),
        PeriodicRun: lambda n: PeriodicRun(task=task, slot=now + timedelta(minutes=n), due_at=now),
    }
    model._default_manager.bulk_create([row[model](n) for n in range(1_000)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_a_claim_changes_nothing_that_an_index_knows() -> None:
    row = DeliveryFactory()
    before = Delivery.objects.values().get(pk=row.pk)
    claim(Delivery, now=timezone.now(), limit=1)
    after = Delivery.objects.values().get(pk=row.pk)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"attempts", "lease_owner", "lease_until", "state"}
    indexes = " ".join(
        str(index.create_sql(Delivery, connection.schema_editor())) for index in Delivery._meta.indexes
    )
    assert not any(f'"{name}"' in indexes for name in changed)


def full_disk() -> OperationalError:
    error = OperationalError('could not extend file "base/16384/16402": No space left on device')
    error.__cause__ = psycopg.errors.DiskFull(str(error))
    return error


@pytest.mark.parametrize(
    "error", [full_disk(), OperationalError("database or disk is full")], ids=["PostgreSQL", "SQLite"]
)
def test_no_row_is_to_blame_for_a_full_disk_however_long_it_is_full(error: OperationalError) -> None:
    row = DeliveryFactory()
    now = timezone.now()
    for _ in range(20):
        taken = claim(Delivery, now=now, limit=1)
        again = taken.fail(error, RetryPolicy((timedelta(seconds=1),), jitter=0), failures=0)
        assert again is not None and now < again <= now + timedelta(minutes=1)
        now = again
    row.refresh_from_db()
    assert (row.failures, row.finished_at, row.state) == (0, None, Delivery.State.RETRY)
    assert "full" in row.error or "No space" in row.error


def test_what_was_cut_off_is_tried_again_and_given_up_in_the_end() -> None:
    """A row whose statement takes too long each time must not be tried for ever."""
    error = OperationalError("canceling statement due to statement timeout")
    error.__cause__ = psycopg.errors.QueryCanceled(str(error))
    row = DeliveryFactory()
    policy = RetryPolicy((timedelta(seconds=1),), jitter=0)
    again = claim(Delivery, now=timezone.now(), limit=1).fail(error, policy, failures=0)
    assert again is not None
    assert claim(Delivery, now=again, limit=1).fail(error, policy, failures=1) is None
    row.refresh_from_db()
    assert (row.failures, row.state) == (2, Delivery.State.FAILED)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lost", [OperationalError, InterfaceError])
def test_whoever_outlives_its_connection_gives_back_what_it_holds_and_nothing_of_it_has_crashed(
    lost: type[Exception],
) -> None:
    rows = [DeliveryFactory() for _ in range(3)]
    for _ in range(5):
        taken = claim(Delivery, now=timezone.now(), limit=10)
        assert set(taken.ids) == {row.pk for row in rows}
        with pytest.raises(lost), taken.outlived():
            raise lost("the connection is lost")
    last = claim(Delivery, now=timezone.now(), limit=10)
    last.finish(last.ids[:1], state="sent")
    with pytest.raises(lost), last.outlived():
        raise lost("the connection is lost")
    assert list(Delivery.objects.order_by("crashes").values_list("crashes", flat=True)) == [0, 0, 0]
    assert Delivery.objects.filter(finished_at=None, lease_until=None, state="retry").count() == 2
    assert Delivery.objects.filter(state="sent").count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_taken_by_a_commit_whose_answer_never_came_is_given_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    DeliveryFactory()
    backend = type(connections["default"])
    commit = backend.commit

    def swallow_the_answer(there: Any) -> None:
        commit(there)
        raise OperationalError("the connection is lost")

    with monkeypatch.context() as patch:
        patch.setattr(backend, "commit", swallow_the_answer)
        with pytest.raises(OperationalError):
            claim(Delivery, now=timezone.now(), limit=10)
    assert len(claim(Delivery, now=timezone.now(), limit=10).ids) == 1
    assert Delivery.objects.get().crashes == 0


@pytest.mark.parametrize("refused", [psycopg.errors.QueryCanceled, psycopg.errors.DiskFull])
def test_who_is_not_cut_off_keeps_what_it_holds(refused: type[Exception]) -> None:
    """A row of which each try takes too long must not be given back as if nothing had been."""
    DeliveryFactory()
    taken = claim(Delivery, now=timezone.now(), limit=10)
    with pytest.raises(ZeroDivisionError), taken.outlived():
        raise ZeroDivisionError
    with pytest.raises(OperationalError), taken.outlived():
        raise OperationalError from refused()
    assert not claim(Delivery, now=timezone.now(), limit=10)
