"""Huey's tasks. They carry nothing but ids; each looks in the database for what there is to do.

Losing one loses no work: the rows stay, and the next minute's sweep wakes somebody for them.
"""

import gc
import os
import socket
from datetime import timedelta
from functools import partial

from django.db import close_old_connections
from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import HUEY, db_periodic_task, db_task

from notifications.models import ConsumerHeartbeat
from notifications.pipeline import deliver as deliveries
from notifications.pipeline import fan_out as publications
from notifications.pipeline import listeners
from notifications.replies import sms_replies
from notifications.scheduling import sending
from notifications.work import periodic
from notifications.work.turns import take_turn, take_turn_alone, take_turn_beside
from notifications.work.wakeups import SOON, URGENT, WHENEVER, Wakeup, answers_to, wake

BEHIND_PAGES = 10
"""The priority of a worker, as `nice` has it: on a busy processor it gets a tenth of what a page gets."""


@db_periodic_task(crontab(minute="*"), priority=URGENT, expires=55)
def pacemaker() -> None:
    """Huey's minute begins when its consumer started, so this only sets the tick to the full minute."""
    now = timezone.now()
    tick.call_local()
    full_minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    wake("tick", delay=(full_minute - now).total_seconds())


@answers_to("tick")
@db_task(priority=URGENT, expires=90)
def tick() -> None:
    """The minute: open the slots that have come, and run them. One of them is the sweep."""
    beat()
    for _ in range(periodic.open_slots(now=timezone.now()) - 1):
        wake(Wakeup.RUN_PERIODIC)
    run_periodic.call_local()


@answers_to(Wakeup.RUN_PERIODIC)
@db_task(priority=URGENT)
def run_periodic() -> None:
    """Run the slots that wait."""
    take_turn(lambda: periodic.run_next(now=timezone.now()), again=partial(wake, Wakeup.RUN_PERIODIC))


@answers_to(Wakeup.FAN_OUT)
@db_task(priority=SOON)
def fan_out() -> None:
    """Turn the due publications into messages."""
    take_turn_beside(
        1,
        "fan out",
        lambda: publications.fan_out_and_spread(now=timezone.now()),
        again=partial(wake, Wakeup.FAN_OUT),
    )


@answers_to(Wakeup.DELIVER)
@db_task(priority=SOON)
def deliver(channel: str) -> None:
    """Send what is due by one channel. In one process one worker serves it, so that a slow one holds up itself only."""
    take_turn_alone(
        f"deliver {channel}",
        lambda over: deliveries.deliver_until(over, channel, clock=timezone.now),
        is_more=lambda: deliveries.has_due(channel, now=timezone.now()),
        again=partial(wake, Wakeup.DELIVER, channel),
    )


@answers_to(Wakeup.SEND_SCHEDULED)
@db_task(priority=SOON)
def send_scheduled() -> None:
    """Send the scheduled messages that are due, together with whoever else has time."""
    again = partial(wake, Wakeup.SEND_SCHEDULED)
    if sending.more_than_a_chunk(now=timezone.now()):
        again()
    take_turn_beside(1, "scheduled", lambda: sending.send_and_spread(now=timezone.now()), again=again)


@answers_to(Wakeup.CALL_LISTENERS)
@db_task(priority=WHENEVER)
def call_listeners() -> None:
    """Make the calls that listeners wait for. What they do is not ours, and may take as long as it likes."""
    take_turn_beside(
        1,
        "listeners",
        lambda: listeners.call_next(now=timezone.now()),
        again=partial(wake, Wakeup.CALL_LISTENERS),
    )


@answers_to(Wakeup.ANSWER_SMS)
@db_task(priority=SOON)
def answer_sms() -> None:
    """Deal with the SMS that have come in, then send the replies.

    In one process one worker replies, so that a slow provider holds up nothing else; least of all what others write.
    """
    again = partial(wake, Wakeup.ANSWER_SMS)
    take_turn(lambda: sms_replies.interpret_next(now=timezone.now()), again=again)
    take_turn_alone(
        "reply by SMS",
        lambda over: sms_replies.reply_until(over, clock=timezone.now),
        is_more=lambda: sms_replies.has_replies(now=timezone.now()),
        again=again,
    )


@HUEY.on_startup()
def settle() -> None:
    """Spare the garbage collector what the start loaded: looking through it takes a third of a large batch's time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@HUEY.on_startup()
def let_pages_go_first() -> None:
    """Whoever asks for a page waits for it; a message is on time within the minute. It is each worker's own: threads
    have each their own priority.
    """
    os.setpriority(os.PRIO_PROCESS, 0, max(BEHIND_PAGES, os.getpriority(os.PRIO_PROCESS, 0)))


@HUEY.on_startup()
def beat() -> None:
    """A sign of life, for the health page.

    One statement, with which its lock ends: the next sign, and the minute after it, would wait for one whose connection
    fell silent in the midst of several.
    """
    close_old_connections()
    consumer, now = f"{socket.gethostname()[:40]}:{os.getpid()}", timezone.now()
    if not ConsumerHeartbeat.objects.filter(consumer=consumer).update(beat_at=now):
        ConsumerHeartbeat.objects.bulk_create(
            [ConsumerHeartbeat(consumer=consumer, beat_at=now)], ignore_conflicts=True
        )
