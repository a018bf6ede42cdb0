"""A periodic task runs once a slot, on any number of machines, and makes up for what it missed once."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from notifications.exceptions import NotificationError
from notifications.models import PeriodicRun, PeriodicTask
from notifications.work import periodic
from notifications.work.periodic import open_slots, periodic_task, run_next
from tests.faults.stack import wait_until

EIGHT = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _days_later() -> Iterator[None]:
    """After all the slots that are opened here; the time goes on, since leases are kept from beside."""
    with time_machine.travel(EIGHT + timedelta(days=2), tick=True):
        yield


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """None but the test's own tasks are declared."""
    monkeypatch.setattr(periodic, "_declared", {})


@pytest.fixture
def runs(alone: None) -> list[datetime]:
    """A task every minute, and the slots it ran for."""
    slots: list[datetime] = []

    @periodic_task("Feed the pigeons", cron="* * * * *")
    def feed(slot: datetime) -> str:
        slots.append(slot)
        return f"fed for the {len(slots)}. time"

    return slots


def start(at: datetime) -> None:
    periodic.make_rows(now=timezone.now())
    PeriodicTask.objects.update(last_slot=at)


@pytest.mark.django_db
def test_a_slot_runs_once_however_often_it_is_asked_for(runs: list[datetime]) -> None:
    start(EIGHT - timedelta(minutes=1))
    assert open_slots(now=EIGHT) == 1
    assert open_slots(now=EIGHT) == 0
    while run_next(now=timezone.now()):
        pass
    assert runs == [EIGHT]
    run = PeriodicRun.objects.get()
    assert (run.state, run.result) == ("done", "fed for the 1. time")


@pytest.mark.django_db
def test_two_machines_open_the_same_slot_once(runs: list[datetime]) -> None:
    start(EIGHT - timedelta(minutes=1))
    open_slots(now=EIGHT)
    PeriodicTask.objects.update(last_slot=EIGHT - timedelta(minutes=1))  # as the other machine read it
    open_slots(now=EIGHT)
    assert PeriodicRun.objects.count() == 1


@pytest.mark.django_db
def test_what_was_missed_is_made_up_for_by_one_run(runs: list[datetime]) -> None:
    start(EIGHT - timedelta(days=3))
    assert open_slots(now=EIGHT + timedelta(seconds=20)) == 1
    run_next(now=timezone.now())
    assert runs == [EIGHT]


@pytest.mark.django_db
@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=1)])
def test_a_clock_that_was_ahead_keeps_no_slot_waiting_and_none_runs_twice(
    runs: list[datetime], ahead: timedelta
) -> None:
    start(EIGHT)
    assert open_slots(now=EIGHT + ahead) == 1
    for minutes in (1, 2):
        assert open_slots(now=EIGHT + timedelta(minutes=minutes)) == 1
    # The minute to which the clock had been ahead.
    assert open_slots(now=EIGHT + ahead - timedelta(minutes=1)) == 1
    open_slots(now=EIGHT + ahead)
    while run_next(now=timezone.now()):
        pass
    assert sorted(runs) == sorted(set(runs))
    assert set(runs) >= {EIGHT + timedelta(minutes=1), EIGHT + timedelta(minutes=2), EIGHT + ahead}


@pytest.mark.django_db
def test_machines_whose_clocks_differ_by_a_few_minutes_change_nothing_for_each_other(
    runs: list[datetime],
) -> None:
    start(EIGHT)
    assert open_slots(now=EIGHT + timedelta(minutes=4)) == 1
    assert open_slots(now=EIGHT) == 0
    assert PeriodicTask.objects.get().last_slot == EIGHT + timedelta(minutes=4)


@pytest.mark.django_db
def test_a_task_that_is_off_does_not_run(runs: list[datetime]) -> None:
    start(EIGHT - timedelta(minutes=5))
    PeriodicTask.objects.update(enabled=False)
    assert open_slots(now=EIGHT) == 0


@pytest.mark.django_db
def test_the_times_that_staff_set_win(runs: list[datetime]) -> None:
    start(EIGHT - timedelta(minutes=5))
    PeriodicTask.objects.update(cron="0 12 * * *")
    periodic.make_rows(now=timezone.now())
    assert open_slots(now=EIGHT) == 0
    assert open_slots(now=EIGHT + timedelta(hours=4)) == 1


@pytest.mark.django_db
def test_a_run_that_fails_is_tried_three_times_and_its_error_kept(alone: None) -> None:
    @periodic_task("Feed the cat", cron="* * * * *")
    def feed(slot: datetime) -> str:
        raise RuntimeError("it bites")

    start(EIGHT - timedelta(minutes=1))
    open_slots(now=EIGHT)
    for _ in range(3):
        assert run_next(now=timezone.now())
        PeriodicRun.objects.update(due_at=timezone.now())
    assert not run_next(now=timezone.now())
    run = PeriodicRun.objects.get()
    assert (run.state, run.failures, run.error) == ("failed", 3, "RuntimeError: it bites")


@pytest.mark.django_db
def test_a_run_whose_worker_died_is_run_again(runs: list[datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    start(EIGHT - timedelta(minutes=1))
    open_slots(now=EIGHT)
    now = timezone.now()
    with monkeypatch.context() as patch:
        patch.setattr(
            periodic, "_declared", {"Feed the pigeons": periodic.Declared("", "", _die, "run", False)}
        )
        with pytest.raises(KeyboardInterrupt):
            run_next(now=now)
    assert not run_next(now=now)
    assert run_next(now=now + PeriodicRun.LEASE + timedelta(seconds=1))


@pytest.mark.django_db(transaction=True)
def test_a_run_that_takes_longer_than_a_lease_keeps_it(alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PeriodicRun, "LEASE", timedelta(seconds=0.3))
    renewed = threading.Event()

    @periodic_task("Feed the elephant", cron="* * * * *")
    def feed(slot: datetime) -> str:
        first = PeriodicRun.objects.get().lease_until
        wait_until(lambda: PeriodicRun.objects.get().lease_until > first, 10, what="the lease is renewed")
        renewed.set()
        return "fed"

    start(EIGHT - timedelta(minutes=1))
    open_slots(now=EIGHT)
    run_next(now=timezone.now())
    assert renewed.is_set()
    assert PeriodicRun.objects.get().state == "done"


def _die(slot: datetime) -> str:
    raise KeyboardInterrupt


@pytest.mark.usefixtures("alone")
def test_a_wrong_or_double_declaration_is_refused_by_name() -> None:
    with pytest.raises(NotificationError, match=r"Feed the dog.*61"):
        periodic_task("Feed the dog", cron="61 * * * *")(_die)
    periodic_task("Feed the dog", cron="1 * * * *")(_die)
    with pytest.raises(NotificationError, match="Feed the dog"):
        periodic_task("Feed the dog", cron="1 * * * *")(_die)


@pytest.mark.django_db
def test_a_task_that_does_not_make_up_for_a_missed_slot_has_it_logged_as_skipped(alone: None) -> None:
    fed = []

    @periodic_task("Feed the fish", cron="0 8 * * *", missed="skip")
    def feed(slot: datetime) -> str:
        fed.append(slot)
        return "fed"

    start(EIGHT - timedelta(days=2))
    open_slots(now=EIGHT + timedelta(hours=1))
    while run_next(now=timezone.now()):
        pass
    assert fed == []
    assert PeriodicRun.objects.get().state == "skipped"

    open_slots(now=EIGHT + timedelta(days=1, seconds=30))
    run_next(now=timezone.now())
    assert fed == [EIGHT + timedelta(days=1)]


@pytest.mark.django_db
def test_run_now_runs_once_more_and_not_while_a_run_waits(runs: list[datetime]) -> None:
    start(EIGHT)
    task = PeriodicTask.objects.get()
    assert periodic.run_now(task.pk, now=timezone.now())
    assert not periodic.run_now(task.pk, now=timezone.now())
    run_next(now=timezone.now())
    assert len(runs) == 1
    assert periodic.run_now(task.pk, now=timezone.now())


@pytest.mark.django_db
@pytest.mark.parametrize("stored", [{"cron": "now and then"}, {"timezone": "Mars/Olympus"}])
def test_a_task_whose_times_cannot_be_read_stops_no_other(
    runs: list[datetime], stored: dict[str, str]
) -> None:
    @periodic_task("Comb the cat", cron="* * * * *")
    def comb(slot: datetime) -> str:
        return "combed"

    start(EIGHT - timedelta(minutes=1))
    PeriodicTask.objects.filter(name="Comb the cat").update(**stored)
    open_slots(now=EIGHT)
    while run_next(now=timezone.now()):
        pass
    assert runs == [EIGHT]


ALL_DECLARED = """
import django; django.setup()
from notifications.work.periodic import declared
at_start = {task.name for task in declared()}
import site_config.urls
print(sorted({task.name for task in declared()} - at_start))
"""


def test_a_consumer_knows_each_task_though_it_opens_no_page() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "site_config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", ALL_DECLARED],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "[]\n", done.stderr
