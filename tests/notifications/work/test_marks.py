"""A look that takes long leaves a mark, where the next ones begin; and nothing stays hidden behind it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from notifications.models import Delivery
from notifications.work import marks as module
from notifications.work.leases import claim, count_due
from notifications.work.marks import REST, Marks
from tests.notifications.factories import DeliveryFactory

QUICK = 0.01
SLOW = 100 * QUICK
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _some_are_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUICK", QUICK)


def test_a_quick_look_leaves_no_mark_and_takes_a_mark_away() -> None:
    marks = Marks()
    marks.looked("lane", NOON, took=QUICK, at=0, whole=True)
    assert marks.begin("lane", at=1) is None
    marks.looked("lane", NOON, took=SLOW, at=0, whole=True)
    marks.looked("lane", LATER, took=QUICK, at=0, whole=True)
    assert marks.last("lane") is None


def test_after_a_slow_look_others_begin_at_what_it_found_for_twenty_times_as_long() -> None:
    marks = Marks()
    marks.looked("lane", NOON, took=SLOW, at=0, whole=True)
    assert marks.begin("lane", at=REST * SLOW - 0.1) == NOON
    assert marks.begin("another", at=1) is None


def test_a_mark_goes_on_with_what_was_found_from_it_but_lasts_no_longer() -> None:
    marks = Marks()
    marks.looked("lane", NOON, took=SLOW, at=0, whole=True)
    marks.looked("lane", LATER, took=QUICK, at=REST * SLOW - 0.2, whole=False)
    assert marks.begin("lane", at=REST * SLOW - 0.1) == LATER
    assert marks.begin("lane", at=REST * SLOW) is None


def test_when_a_mark_is_over_one_alone_looks_from_the_beginning() -> None:
    marks = Marks()
    marks.looked("lane", NOON, took=SLOW, at=0, whole=True)
    over = REST * SLOW
    assert [marks.begin("lane", at=over), marks.begin("lane", at=over)] == [None, NOON]
    assert marks.last("lane") == NOON
    assert marks.begin("lane", at=2 * over) is None, "that one died"


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Marks:
    """Each look counts as slow, and a mark as good for an hour."""
    monkeypatch.setattr(module, "QUICK", -1.0)
    monkeypatch.setattr(module, "REST", 3600 / 1e-6)
    monkeypatch.setattr("notifications.work.leases.marks", marks := Marks())
    return marks


@pytest.mark.django_db
def test_what_is_due_from_a_mark_on_is_taken_before_what_lies_behind_it_and_that_when_nothing_else_is_left(
    slow: Marks,
) -> None:
    now = timezone.now()
    new = [DeliveryFactory(due_at=now - timedelta(seconds=each)).pk for each in (3, 2, 1)]
    assert claim(Delivery, now=now, limit=1).ids == (new[0],)
    behind = DeliveryFactory(due_at=now - timedelta(minutes=1)).pk
    assert count_due(Delivery, now=now, at_most=9) == 2
    taken = [claim(Delivery, now=now, limit=1).ids for _ in range(3)]
    assert taken == [(new[1],), (new[2],), (behind,)]
    assert not claim(Delivery, now=now, limit=1)


@pytest.mark.django_db
def test_what_lies_behind_a_mark_alone_is_counted(slow: Marks) -> None:
    now = timezone.now()
    DeliveryFactory(due_at=now)
    claim(Delivery, now=now, limit=1)
    DeliveryFactory(due_at=now - timedelta(minutes=1))
    assert count_due(Delivery, now=now, at_most=9) == 1


@pytest.mark.django_db
def test_what_lies_behind_a_mark_is_taken_first_when_the_mark_is_over(
    slow: Marks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REST", 0)
    now = timezone.now()
    first, second = (DeliveryFactory(due_at=now - timedelta(seconds=each)).pk for each in (2, 1))
    assert claim(Delivery, now=now, limit=1).ids == (first,)
    behind = DeliveryFactory(due_at=now - timedelta(minutes=1)).pk
    assert [claim(Delivery, now=now, limit=1).ids for _ in range(2)] == [(behind,), (second,)]
