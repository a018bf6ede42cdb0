"""Work is taken by one worker at a time, and a dead one's is taken again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Delivery
from notifications.pipeline.lease import CRASHED, bury, claim
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db


def test_a_row_that_is_held_is_not_taken_again() -> None:
    row = DeliveryFactory()
    now = timezone.now()
    first = claim(Delivery, now=now, limit=10)
    assert first.ids == (row.pk,)
    assert not claim(Delivery, now=now, limit=10)


def test_the_most_urgent_and_then_the_oldest_is_taken_first() -> None:
    now = timezone.now()
    late = DeliveryFactory(priority=1, due_at=now - timedelta(minutes=1))
    early = DeliveryFactory(priority=1, due_at=now - timedelta(minutes=2))
    urgent = DeliveryFactory(priority=3, due_at=now)
    taken = [claim(Delivery, now=now, limit=1).ids[0] for _ in range(3)]
    assert taken == [urgent.pk, early.pk, late.pk]


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


def test_a_suspect_whose_worker_forgot_it_keeps_none_away_for_longer_than_its_lease() -> None:
    DeliveryFactory.create_batch(2)
    now = timezone.now()
    claim(Delivery, now=now, limit=10)
    claim(Delivery, now=now + timedelta(seconds=61), limit=10)
    assert not claim(Delivery, now=now + timedelta(seconds=62), limit=10)
    assert claim(Delivery, now=now + timedelta(seconds=122), limit=10)


def test_what_a_dead_worker_held_does_not_wait_behind_new_rows() -> None:
    now = timezone.now()
    orphan = DeliveryFactory(priority=2, due_at=now - timedelta(minutes=2))
    claim(Delivery, now=now - timedelta(minutes=1, seconds=30), limit=10)
    urgent = DeliveryFactory(priority=3)
    bulk = DeliveryFactory.create_batch(2, priority=0)
    taken = [claim(Delivery, now=now, limit=10).ids for _ in range(3)]
    assert taken == [(urgent.pk, *(row.pk for row in bulk)), (orphan.pk,), ()]


def test_a_row_that_killed_its_worker_three_times_is_given_up() -> None:
    row = DeliveryFactory()
    now = timezone.now()
    for _ in range(3):
        assert claim(Delivery, now=now, limit=10).ids == (row.pk,)
        assert bury(Delivery, now=now) == 0
        now += timedelta(seconds=61)
    assert not claim(Delivery, now=now, limit=10)
    assert bury(Delivery, now=now) == 1
    row.refresh_from_db()
    assert (row.state, row.error, row.crashes) == (Delivery.State.FAILED, CRASHED, 3)
    assert row.finished_at == now


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
