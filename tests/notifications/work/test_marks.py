"""Looks at what is due begin where an earlier one, which took long, found its first row."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.models import Delivery
from notifications.work import marks
from notifications.work.leases import claim, count_due
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db


class Watch:
    """A clock on which each whole look takes `seconds`."""

    def __init__(self) -> None:
        self.seconds = 1.0
        self._now = 0.0

    def monotonic(self) -> float:
        self._now += self.seconds
        return self._now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(marks, "LONG", 0.02)
    monkeypatch.setattr(marks, "time", SimpleNamespace(monotonic=watch.monotonic))
    monkeypatch.setattr(marks, "_marks", {})
    return watch


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def rows(now: datetime, count: int) -> list[int]:
    """So many that are due, the longest waiting first."""
    return [DeliveryFactory(due_at=now - timedelta(minutes=count - each)).pk for each in range(count)]


def begins_at_a_mark(look: Callable[[], object]) -> bool:
    with CaptureQueriesContext(connection) as asked:
        look()
    return any('"due_at" >= ' in each["sql"] for each in asked)


def test_after_a_long_look_the_next_begins_where_it_found_something(watch: Watch, now: datetime) -> None:
    ids = rows(now, 5)
    first = claim(Delivery, now=now, limit=2)
    second = claim(Delivery, now=now, limit=1)
    assert (first.ids, second.ids) == (tuple(ids[:2]), (ids[2],))
    assert begins_at_a_mark(lambda: claim(Delivery, now=now, limit=1))


def test_after_a_short_look_it_does_not(watch: Watch, now: datetime) -> None:
    watch.seconds = 0.001
    rows(now, 5)
    claim(Delivery, now=now, limit=2)
    assert not begins_at_a_mark(lambda: claim(Delivery, now=now, limit=1))


def test_what_lies_before_is_found_when_nothing_lies_behind(watch: Watch, now: datetime) -> None:
    ids = rows(now, 4)
    assert claim(Delivery, now=now, limit=1).ids == (ids[0],)
    late = DeliveryFactory(due_at=now - timedelta(days=1)).pk
    assert claim(Delivery, now=now, limit=1).ids == (ids[1],)
    assert claim(Delivery, now=now, limit=3).ids == tuple(ids[2:])
    assert count_due(Delivery, now=now) == 1
    assert claim(Delivery, now=now, limit=3).ids == (late,)
    assert count_due(Delivery, now=now) == 0


def test_what_lies_before_is_found_by_the_next_whole_look(watch: Watch, now: datetime) -> None:
    ids = rows(now, 40)
    assert claim(Delivery, now=now, limit=1).ids == (ids[0],)
    late = DeliveryFactory(due_at=now - timedelta(days=1)).pk
    taken = [claim(Delivery, now=now, limit=1).ids[0] for _ in range(30)]
    assert taken.index(late) > 1
    assert sorted(taken) == sorted([late, *ids[1:30]])


def test_each_lane_and_channel_has_its_own(watch: Watch, now: datetime) -> None:
    rows(now, 3)
    urgent = DeliveryFactory(lane=3, due_at=now - timedelta(days=1)).pk
    other = DeliveryFactory(channel="other", due_at=now - timedelta(days=1)).pk
    claim(Delivery, now=now, limit=1, channel="pigeons")
    claim(Delivery, now=now, limit=1, channel="pigeons", lane=1)
    assert claim(Delivery, now=now, limit=1, channel="other").ids == (other,)
    assert Delivery.objects.exclude(lease_owner="").filter(pk=urgent).exists()


def test_a_count_begins_there_too(watch: Watch, now: datetime) -> None:
    ids = rows(now, 4)
    assert claim(Delivery, now=now, limit=2).ids == (ids[0], ids[1])
    assert begins_at_a_mark(lambda: count_due(Delivery, now=now, at_most=2))
    assert [count_due(Delivery, now=now, at_most=most) for most in (1, 2, 3)] == [1, 2, 2]
