"""Notices are published when they are due: once, however many processes run, and none that is of no more use."""

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from io import StringIO
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from events import periodic_tasks
from events.models import ClinicEvent
from events.services import notices
from events.services.attendance import event_leave
from events.services.event import event_cancel
from events.services.notices import send_event_notices
from notifications.models import EventRecord
from tests.events.changes import event_move
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
OURS = ("event.reminder", "event.starting", "event.ended")


def published() -> list[str]:
    records = EventRecord.objects.filter(event_type__in=OURS).order_by("id")
    return [record.event_type.removeprefix("event.") for record in records]


@pytest.fixture
def event() -> ClinicEvent:
    """Two days ahead, with one who has joined."""
    return AttendanceFactory().event


def test_its_life_from_the_first_reminder_to_its_end(event: ClinicEvent) -> None:
    said = []
    for now in (
        event.starts_at - timedelta(days=1) - MINUTE,
        event.starts_at - timedelta(days=1),
        event.starts_at - HOUR,
        event.starts_at,
        event.ends_at,
        event.ends_at + HOUR,
    ):
        for _ in range(2):
            send_event_notices(now=now)
        event.refresh_from_db()
        said.append((len(published()), event.state))
    assert published() == ["reminder", "starting", "ended"]
    assert said == [
        (0, "planned"),
        (1, "planned"),
        (2, "planned"),
        (2, "planned"),
        (3, "completed"),
        (3, "completed"),
    ]
    assert event.next_notice_at is None


def test_it_sums_up_its_work_in_a_line(event: ClinicEvent) -> None:
    assert send_event_notices(now=event.starts_at - HOUR) == (
        "1 events were due: 0 event.reminder, 1 event.starting, 0 event.ended; 0 completed; 0 moved up"
    )


def test_after_an_outage_the_latest_of_use_is_sent_alone(event: ClinicEvent) -> None:
    send_event_notices(now=event.starts_at - MINUTE)
    assert published() == ["starting"]


def test_after_an_outage_over_the_start_no_reminder_comes(event: ClinicEvent) -> None:
    send_event_notices(now=event.starts_at + MINUTE)
    assert published() == []
    send_event_notices(now=event.ends_at)
    assert published() == ["ended"]


def test_an_end_is_no_news_a_day_later_but_the_event_is_completed(event: ClinicEvent) -> None:
    send_event_notices(now=event.ends_at + timedelta(hours=24))
    event.refresh_from_db()
    assert (published(), event.state) == ([], "completed")


def test_an_event_that_nobody_joined_is_completed_in_silence() -> None:
    event = ClinicEventFactory()
    send_event_notices(now=event.starts_at - HOUR)
    send_event_notices(now=event.ends_at)
    event.refresh_from_db()
    assert (published(), event.state) == ([], "completed")


def test_a_moved_event_is_not_reminded_of_for_its_old_time(event: ClinicEvent) -> None:
    old = event.starts_at
    event_move(
        event_id=event.id,
        starts_at=old + timedelta(days=3),
        ends_at=old + timedelta(days=3, hours=2),
        now=NOW,
    )
    send_event_notices(now=old - HOUR)
    assert published() == []
    send_event_notices(now=old + timedelta(days=2))
    assert published() == ["reminder"]


def test_a_move_after_the_reminder_brings_another_for_the_new_time(event: ClinicEvent) -> None:
    day_before = event.starts_at - timedelta(days=1)
    send_event_notices(now=day_before)
    event_move(
        event_id=event.id,
        starts_at=event.starts_at + timedelta(days=1),
        ends_at=event.ends_at + timedelta(days=1),
        now=day_before + HOUR,
    )
    send_event_notices(now=day_before + timedelta(days=1))
    assert published() == ["reminder", "reminder"]


def test_a_cancelled_event_is_silent_and_stays_cancelled(event: ClinicEvent) -> None:
    event_cancel(event_id=event.id, now=NOW)
    for now in (event.starts_at - HOUR, event.ends_at):
        send_event_notices(now=now)
    event.refresh_from_db()
    assert (published(), event.state) == ([], "cancelled")


def test_when_all_have_left_nobody_is_notified(event: ClinicEvent) -> None:
    event_leave(event_id=event.id, user=event.attendances.get().user, now=NOW)
    send_event_notices(now=event.starts_at - HOUR)
    assert published() == []


def test_many_are_dealt_with_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "EVENTS", 2)
    events = [AttendanceFactory().event for _ in range(5)]
    send_event_notices(now=events[0].starts_at - HOUR)
    assert published() == ["starting"] * 5


def test_the_command_and_the_task_of_the_minute_do_the_same_and_only_one_of_them_does_it(
    event: ClinicEvent,
) -> None:
    now = event.starts_at - HOUR
    out = StringIO()
    with time_machine.travel(now, tick=False):
        call_command("send_event_notifications", stdout=out)
        assert periodic_tasks.tell_of_events(now).startswith("0 events were due")
    assert out.getvalue().startswith("1 events were due")
    assert published() == ["starting"]


@pytest.mark.django_db(transaction=True)
def test_two_that_run_at_once_publish_each_notice_once(monkeypatch: pytest.MonkeyPatch) -> None:
    events = [AttendanceFactory().event for _ in range(6)]
    both_have_looked = Barrier(2)
    notice = notices._notice

    def wait_for_the_other(event: ClinicEvent, now: datetime) -> Any:
        # The one that has locked the events waits for nothing: the other can't read them until it is done.
        with suppress(BrokenBarrierError):
            both_have_looked.wait(timeout=0.5)
        return notice(event, now)

    monkeypatch.setattr(notices, "_notice", wait_for_the_other)
    said: list[str] = []

    def run() -> None:
        try:
            said.append(send_event_notices(now=events[0].starts_at - HOUR))
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert published() == ["starting"] * 6
    assert sorted(line[0] for line in said) == ["0", "6"]


@pytest.mark.parametrize("stored", ["soon", [None], [[60]]])
def test_one_bad_event_takes_no_other_with_it_and_still_begins_and_ends(stored: Any) -> None:
    bad, good = AttendanceFactory().event, AttendanceFactory().event
    ClinicEvent.objects.filter(pk=bad.pk).update(reminders=stored)
    for now in (good.starts_at - timedelta(days=1), good.starts_at - HOUR, good.ends_at, good.ends_at + HOUR):
        send_event_notices(now=now)
    assert Counter(published()) == {"reminder": 1, "starting": 2, "ended": 2}
    bad.refresh_from_db()
    assert bad.state == ClinicEvent.State.COMPLETED
