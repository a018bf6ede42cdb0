"""Huey's tasks. They carry nothing but ids; each looks in the database for what there is to do.

Losing one loses no work: the rows stay, and the next minute's sweep wakes somebody for them.
"""

import gc
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import close_old_connections, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy
from huey import crontab
from huey.contrib.djhuey import HUEY, db_periodic_task, db_task

from notifications import live, periodic
from notifications.channels import registry as channels
from notifications.models import ConsumerHeartbeat
from notifications.periodic import periodic_task
from notifications.pipeline import deliver as delivering
from notifications.pipeline import fan_out as fanning_out
from notifications.pipeline import listeners
from notifications.pipeline import scheduled as pending
from notifications.pipeline.dead_letters import revive_stuck
from notifications.pipeline.retention import clean_up, clean_up_cancelled, wipe_texts
from notifications.pipeline.sweep import sweep

logger = logging.getLogger(__name__)

URGENT, SOON, WHENEVER = 100, 50, 10
TURN = 2.0
"""Seconds after which a task lets others go first, and its consumer stop; it wakes its successor."""


def wake(task: Callable[..., Any], *args: Any, delay: float | None = None) -> None:
    """Tell a worker that there is something to do. If the queue is down, the sweep does it later."""
    try:
        if delay is None:
            task(*args)
        else:
            task.schedule(args, delay=delay)  # type: ignore[attr-defined]
    except Exception:
        logger.exception("The queue can't be reached; the sweep will find the work.")


def wake_on_commit(task: Callable[..., Any], *args: Any) -> None:
    """Tell a worker after the transaction that writes the work."""
    transaction.on_commit(lambda: wake(task, *args))


def _take_turns(task: Callable[..., Any], step: Callable[[], bool]) -> None:
    """Go on as long as there is something to do, but not beyond a turn; then let a successor do the rest."""
    over = time.monotonic() + TURN
    while step():
        if time.monotonic() >= over:
            wake(task)
            return


@db_periodic_task(crontab(minute="*"), priority=URGENT, expires=55)
def pacemaker() -> None:
    """Huey's minute begins when its consumer started, so this only sets the tick to the full minute."""
    now = timezone.now()
    tick.call_local()
    full_minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    wake(tick, delay=(full_minute - now).total_seconds())


@db_task(priority=URGENT, expires=90)
def tick() -> None:
    """The minute: open the slots that have come, and run them. One of them is the sweep."""
    beat()
    now = timezone.now()
    for _ in range(periodic.open_slots(now=now) - 1):
        wake(run_periodic)
    run_periodic.call_local()


@db_task(priority=URGENT)
def run_periodic() -> None:
    """Run the slots that wait."""
    _take_turns(run_periodic, lambda: periodic.run_next(now=timezone.now()))


@db_task(priority=SOON)
def fan_out() -> None:
    """Turn the due publications into messages."""
    _take_turns(fan_out, _fan_out_once)


def _fan_out_once() -> bool:
    done = fanning_out.fan_out(now=timezone.now())
    spread(done)
    return done.records > 0


def spread(done: fanning_out.FanOut) -> None:
    """Let open pages and the channels know of new messages."""
    live.announce(done.user_ids)
    for channel in done.channels:
        wake(deliver, channel)


_at_work: dict[str, threading.Lock] = {}


@db_task(priority=SOON)
def deliver(channel: str) -> None:
    """Send what is due by one channel. In one process one worker serves it, so that a slow one holds up itself only."""
    take_alone(
        f"deliver {channel}",
        lambda over: _deliver_until(over, channel),
        is_more=lambda: delivering.has_due(channel, now=timezone.now()),
        again=partial(wake, deliver, channel),
    )


def take_alone(
    name: str, work: Callable[[float], bool], *, is_more: Callable[[], bool], again: Callable[..., None]
) -> None:
    """Take a turn at work that one worker of a process does at a time; the others go away, and do something else.

    `work(over)` goes on until that monotonic time, and says whether it found anything to do. `again` wakes a successor,
    after `delay` seconds if it is told any.
    """
    lock = _at_work.setdefault(name, threading.Lock())
    over = time.monotonic() + TURN
    while lock.acquire(blocking=False):
        try:
            found = work(over)
        finally:
            lock.release()
        # Whoever came in the meantime saw the lock and went: look once more.
        if not is_more():
            return
        if not found or time.monotonic() >= over:
            # Either the turn is over, or what is left has to wait until another row is done.
            again(delay=None if found else 1.0)
            return


def _deliver_until(over: float, channel: str) -> bool:
    """All rounds of one turn. What was held comes last, but in each: so neither waits for all of the other."""
    total = delivering.Delivered()
    while time.monotonic() < over and _add(total, delivering.deliver(channel, now=timezone.now())):
        pass
    while _add(total, delivering.deliver_held(channel, now=timezone.now())) and time.monotonic() < over:
        pass
    if total.next_due is not None:
        wake(deliver, channel, delay=max(1.0, (total.next_due - timezone.now()).total_seconds()))
    return total.taken > 0


def _add(total: delivering.Delivered, done: delivering.Delivered) -> bool:
    """Put one round to the others; whether it found anything."""
    total.taken += done.taken
    total.sent += done.sent
    total.next_due = min(filter(None, (done.next_due, total.next_due)), default=None)
    return done.taken > 0


@db_task(priority=SOON)
def send_scheduled() -> None:
    """Send the scheduled messages that are due, together with whoever else has time."""
    if pending.more_than_a_chunk(now=timezone.now()):
        wake(send_scheduled)
    _take_turns(send_scheduled, _send_scheduled_once)


def _send_scheduled_once() -> bool:
    done = fanning_out.FanOut()
    sent = pending.send_due(now=timezone.now(), done=done)
    spread(done)
    return sent > 0


@db_task(priority=WHENEVER)
def call_listeners() -> None:
    """Make the calls that listeners wait for."""
    _take_turns(call_listeners, lambda: listeners.call_next(now=timezone.now()))


def sweep_and_wake() -> str:
    """Find what nobody finished, and wake workers for it."""
    left = sweep(now=timezone.now())
    if left.publications:
        wake(fan_out)
    if left.scheduled:
        wake(send_scheduled)
    if left.listener_calls:
        wake(call_listeners)
    if left.runs:
        wake(run_periodic)
    for channel in left.channels:
        wake(deliver, channel)
    return f"{left.buried} given up, {', '.join(left.channels) or 'no channel'} woken"


@periodic_task("Sweep", cron="* * * * *", essential=True, label=gettext_lazy("Check for stuck messages"))
def sweep_for_work(slot: datetime) -> str:
    """Find what nobody finished."""
    return sweep_and_wake()


@periodic_task("Scheduled notifications", cron="* * * * *", label=gettext_lazy("Send scheduled messages"))
def send_what_is_due(slot: datetime) -> str:
    """Begin with the scheduled messages of this minute."""
    waiting = pending.due(timezone.now()).count()
    if waiting:
        wake(send_scheduled)
    return f"{waiting} due"


@periodic_task("Digests", cron="*/15 * * * *", label=gettext_lazy("Send held messages"))
def send_what_was_held(slot: datetime) -> str:
    """Begin with what was held until this quarter of an hour; the sweep finds what is due at any other minute."""
    waiting = [name for name in channels.outside() if delivering.has_due(name, now=timezone.now())]
    for name in waiting:
        wake(deliver, name)
    return f"{', '.join(waiting) or 'no channel'} woken"


@periodic_task("Failed retries", cron="*/5 * * * *", label=gettext_lazy("Retry failed messages"))
def retry_what_is_stuck(slot: datetime) -> str:
    """Try scheduled messages again that failed, and wake somebody for whatever is stuck."""
    revived = revive_stuck(now=timezone.now())
    return f"{revived} tried again; {sweep_and_wake()}"


@periodic_task("Cancelled notifications", cron="0 3 * * *", label=gettext_lazy("Delete cancelled messages"))
def clean_up_called_off(slot: datetime) -> str:
    """Delete scheduled messages that were called off a month ago."""
    return f"{clean_up_cancelled(now=slot)} deleted"


@HUEY.on_startup()
def settle() -> None:
    """Spare the garbage collector what the start loaded: looking through it takes a third of a large batch's time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@HUEY.on_startup()
def beat() -> None:
    """A sign of life, for the health page."""
    close_old_connections()
    ConsumerHeartbeat.objects.update_or_create(
        consumer=f"{socket.gethostname()[:40]}:{os.getpid()}", defaults={"beat_at": timezone.now()}
    )


@periodic_task("Old notifications", cron="0 2 * * 0", label=gettext_lazy("Delete old messages and logs"))
def clean_up_old(slot: datetime) -> str:
    """Keep nothing longer than its retention."""
    return ", ".join(f"{count} {kind}" for kind, count in clean_up(now=slot).items())


@periodic_task("Sent texts", cron="30 * * * *", label=gettext_lazy("Delete texts of sent messages"))
def wipe_sent_texts(slot: datetime) -> str:
    """Wipe the texts and addresses of what left the house some days ago."""
    return f"{wipe_texts(now=slot)} wiped"
