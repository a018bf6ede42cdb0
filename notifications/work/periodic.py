"""Periodic tasks: declared in code, changed by staff in rows, run once a slot on any number of machines."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar

from cronsim import CronSim, CronSimError
from django.conf import settings
from django.db import transaction

from notifications.exceptions import NotificationError, PeriodicTaskError
from notifications.models import PeriodicRun, PeriodicTask
from notifications.rules.retries import RetryPolicy
from notifications.rules.slots import latest_slot, next_slot
from notifications.work.leases import Claim, claim
from notifications.work.wakeups import Wakeup, wake, wake_on_commit

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """What a task that takes turns did in one: how many rows, by kind. It is called again until one is `over`."""

    did: Mapping[str, int]
    over: bool


Run = Callable[[datetime], str | Turn]
Task = TypeVar("Task", bound=Run)
Missed = Literal["run", "skip"]
RETRIES = RetryPolicy((timedelta(minutes=5),) * 2, jitter=0)
LATE = timedelta(minutes=2)
"""A slot older than this when it is found was missed."""
AHEAD = timedelta(minutes=5)
"""By so much the clocks of two machines differ at most, as a rule."""
BETWEEN_TURNS = timedelta(seconds=1)
"""In which its worker does what else there is."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A task as the code declares it; `cron` is the default until staff say otherwise.

    `missed` says what becomes of slots that nobody was there for: one run makes up for them, or they are logged
    as skipped. An `essential` one can't be turned off. `label` is its name for staff, in their language.
    """

    name: str
    cron: str
    run: Run
    missed: Missed
    essential: bool
    label: Any = ""


_declared: dict[str, Declared] = {}
_ANY_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def periodic_task(
    name: str, *, cron: str, missed: Missed = "run", essential: bool = False, label: Any = ""
) -> Callable[[Task], Task]:
    """Declare a function as a periodic task.

    `cron` has five fields and is read in the clinic's zone (settings.TIME_ZONE). The function gets the aware time of
    its slot, gives back one line on what it did, and must be safe to repeat. One that may have much to do takes turns
    of a few seconds, and gives back a `Turn`; its worker may stop after each. Slots missed while nothing ran are made
    up for by one run, for the latest of them; or, if `missed` is "skip", the latest is logged as skipped. `name` is the
    key of its row; `label`, a lazy translation, is what staff see instead. Raises NotificationError when the name is
    taken or the times are wrong.
    """

    def decorator(run: Task) -> Task:
        if name in _declared:
            raise NotificationError(f"The periodic task “{name}” is declared twice.")
        try:
            CronSim(cron, _ANY_MOMENT)
        except CronSimError as error:
            raise NotificationError(
                f"The periodic task “{name}” has wrong times, “{cron}”: {error}"
            ) from None
        _declared[name] = Declared(name, cron, run, missed, essential, label)
        return run

    return decorator


def find(name: str) -> Declared | None:
    """The task of that name, or None for a row whose task isn't declared any more."""
    return _declared.get(name)


def label(name: str) -> str:
    """What staff call the task of that name, in the active language; the name itself where it has no other."""
    task = find(name)
    return str(task.label or name) if task else name


def declared() -> tuple[Declared, ...]:
    """All tasks, in the order in which they were declared."""
    return tuple(_declared.values())


def make_rows(*, now: datetime, times: bool = False, afresh: bool = False) -> int:
    """Give each declared task its row; how many were missing.

    What staff changed stays, unless `times` sets the declared times again, or `afresh` begins anew, without the runs.
    """
    with transaction.atomic():
        if afresh:
            PeriodicTask.objects.all().delete()
        missing = _make_missing_rows(now)
        if times:
            for task in declared():
                PeriodicTask.objects.filter(name=task.name).exclude(
                    cron=task.cron, timezone=settings.TIME_ZONE
                ).update(cron=task.cron, timezone=settings.TIME_ZONE, last_slot=now)
    return missing


def _make_missing_rows(now: datetime) -> int:
    rows = [
        PeriodicTask(name=task.name, cron=task.cron, timezone=settings.TIME_ZONE, last_slot=now)
        for task in declared()
    ]
    missing = {task.name for task in rows} - set(PeriodicTask.objects.values_list("name", flat=True))
    if missing:
        PeriodicTask.objects.bulk_create([row for row in rows if row.name in missing], ignore_conflicts=True)
    return len(missing)


def next_run(task: PeriodicTask, now: datetime) -> datetime | None:
    """When it runs next, aware; None when it is off, no longer declared, or its times never come."""
    if not task.enabled or find(task.name) is None:
        return None
    return next_slot(task.cron, task.zone, after=now)


def switch(name: str, *, on: bool, now: datetime) -> bool:
    """Turn a task on or off; whether that is a change. `now` is aware. Slots that came while it was off aren't made up
    for. Raises PeriodicTaskError (a ValueError) for a name that no task has, and for one that can't be turned off.
    """
    task = find(name)
    if task is None:
        raise PeriodicTaskError(f"There is no periodic task “{name}”.")
    if task.essential and not on:
        raise PeriodicTaskError(f"The periodic task “{name}” is needed, so it can't be turned off.")
    make_rows(now=now)
    return bool(PeriodicTask.objects.filter(name=name, enabled=not on).update(enabled=on, last_slot=now))


def run_now(task_id: int, *, now: datetime) -> bool:
    """Have a task run once more, for this moment; False when a run of it waits or is under way already.

    A worker is woken for it after the commit.
    """
    with transaction.atomic():
        task = PeriodicTask.objects.select_for_update().get(id=task_id)
        if task.runs.filter(finished_at__isnull=True).exists():
            return False
        task.runs.create(slot=now, due_at=now)
        wake_on_commit(Wakeup.RUN_PERIODIC)
    return True


def open_slots(*, now: datetime) -> int:
    """Write down a run for each enabled task whose slot has come; how many there are. Safe on many machines at once."""
    make_rows(now=now)
    _come_back(now)
    opened = 0
    names = [task.name for task in declared()]
    for task in PeriodicTask.objects.filter(enabled=True, name__in=names, last_slot__lt=now):
        # A task that runs every minute needn't be walked through minute by minute after a long stop.
        after = max(task.last_slot, now - timedelta(days=400))
        if task.cron == "* * * * *":
            after = max(after, now - timedelta(minutes=2))
        try:
            slot = latest_slot(task.cron, task.zone, after=after, now=now)
        except Exception:
            # Times that can't be read must not stop all other tasks; staff see that this one doesn't run.
            logger.exception("The times of the periodic task “%(task)s” can't be read.", {"task": task.name})
            continue
        if slot is None:
            continue
        PeriodicRun.objects.bulk_create([_run(task, slot, now)], ignore_conflicts=True)
        opened += PeriodicTask.objects.filter(pk=task.pk, last_slot__lt=slot).update(last_slot=slot)
    return opened


def _come_back(now: datetime) -> None:
    """Slots that a machine opened whose clock was ahead keep none waiting that comes until then, and run no more."""
    ahead = PeriodicTask.objects.filter(last_slot__gt=now + AHEAD).update(
        last_slot=now - timedelta(minutes=1)
    )
    if ahead:
        logger.warning("A clock is or was ahead: %(tasks)s periodic tasks go on from now.", {"tasks": ahead})


def _run(task: PeriodicTask, slot: datetime, now: datetime) -> PeriodicRun:
    run = PeriodicRun(task=task, slot=slot, due_at=slot)
    if _declared[task.name].missed == "skip" and now - slot > LATE:
        run.state, run.finished_at = PeriodicRun.State.SKIPPED, now
    return run


def run_next(*, now: datetime) -> bool:
    """Run the next waiting slot; False when none waits. A run that fails is tried three times."""
    taken = claim(PeriodicRun, now=now, limit=1)
    if not taken:
        return False
    run = PeriodicRun.objects.select_related("task").get(id=taken.ids[0])
    task = _declared.get(run.task.name)
    if task is None:
        taken.finish(state=PeriodicRun.State.FAILED, error="No such task is declared any more.")
        return True
    try:
        with taken.kept():
            result = task.run(run.slot)
    except Exception as error:
        logger.exception("The periodic task “%(task)s” failed.", {"task": task.name})
        taken.fail(error, RETRIES, failures=run.failures)
    else:
        if isinstance(result, Turn):
            _note_turn(taken, run, result)
        else:
            taken.finish(state=PeriodicRun.State.DONE, result=result[:200], error="")
    return True


def _note_turn(taken: Claim, run: PeriodicRun, turn: Turn) -> None:
    """Add what the turn did to what those before it did; and if there is more, let somebody take the next one."""
    did = Counter(run.did or {}) + Counter(turn.did)
    said = ", ".join(f"{count} {kind}" for kind, count in did.items())[:200]
    if turn.over:
        taken.finish(state=PeriodicRun.State.DONE, result=said or "nothing", did=did, error="")
    else:
        taken.release(taken.ids, due_at=taken.clock() + BETWEEN_TURNS, result=said, did=did)
        wake(Wakeup.RUN_PERIODIC, delay=BETWEEN_TURNS.total_seconds())
