"""Delivering messages by one outside channel."""

import time
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy

from notifications.channels import registry as channels
from notifications.models import Delivery
from notifications.pipeline.batch import Delivered, send_batch
from notifications.pipeline.digests import claim_held, held_due
from notifications.work.clock import Clock
from notifications.work.leases import claim, count_due
from notifications.work.periodic import periodic_task
from notifications.work.sweep import Unfinished, register
from notifications.work.wakeups import Wakeup, wake


def deliver(channel_name: str, *, now: datetime) -> Delivered:
    """Send the next due messages of a channel, most urgent first; `taken` is 0 when there are none.

    Nothing is locked while sending. Each outcome is written down before the next message goes, so that a worker
    that dies leaves at most one message in doubt; a channel may ask for less (`Channel.acknowledge_each`).
    """
    channel = channels.outside()[channel_name]
    taken = claim(Delivery, now=now, limit=channel.batch_size, channel=channel_name)
    return send_batch(channel, taken)


def deliver_held(channel_name: str, *, now: datetime) -> Delivered:
    """The same with what was held until now, all that is due to one person as one message."""
    channel = channels.outside()[channel_name]
    taken = claim_held(channel_name, now=now, limit=channel.batch_size)
    return send_batch(channel, taken, as_digests=True)


def deliver_until(over: float, channel_name: str, *, clock: Clock) -> bool:
    """Rounds of one channel until that monotonic time; whether any found something to do.

    What was held comes last, but in each turn: so neither waits for all of the other. A worker is woken for when the
    first of what failed is tried again.
    """
    rounds: list[Delivered] = []
    for send in (deliver, deliver_held):
        # Of each at least one round, however long the first took.
        while True:
            done = send(channel_name, now=clock())
            rounds.append(done)
            if not done.taken or time.monotonic() >= over:
                break
    again = min((each.next_due for each in rounds if each.next_due is not None), default=None)
    if again is not None:
        wake(Wakeup.DELIVER, channel_name, delay=max(1.0, (again - clock()).total_seconds()))
    return any(each.taken for each in rounds)


def has_due(channel_name: str, *, now: datetime) -> bool:
    """Whether anything waits for this channel now."""
    return count_due(Delivery, now=now, channel=channel_name) > 0 or held_due(channel_name, now=now).exists()


@periodic_task("Digests", cron="*/15 * * * *", label=gettext_lazy("Send held messages"))
def send_held_messages(slot: datetime) -> str:
    """Begin with what was held until this quarter of an hour; the sweep finds what is due at any other minute."""
    waiting = _channels_with_work(timezone.now())
    for (name,) in waiting:
        wake(Wakeup.DELIVER, name)
    return ", ".join(name for (name,) in waiting) or "nothing was held until now"


def _channels_with_work(now: datetime) -> list[tuple[str]]:
    return [(name,) for name in channels.outside() if has_due(name, now=now)]


register(Unfinished(Wakeup.DELIVER, _channels_with_work, Delivery))
