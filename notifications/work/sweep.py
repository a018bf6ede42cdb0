"""What nobody finished: found, given up where it is deadly, and handed out again."""

from dataclasses import dataclass
from datetime import datetime

from notifications.channels.registry import outside
from notifications.models import Delivery, EventRecord, InboundSms, ListenerCall, PeriodicRun
from notifications.pipeline.deliver import has_due
from notifications.scheduling import sending
from notifications.work.leases import bury, count_due


@dataclass(frozen=True, slots=True)
class Swept:
    """What waits to be done now, and how many rows were given up."""

    publications: bool
    scheduled: bool
    listener_calls: bool
    channels: tuple[str, ...]
    runs: bool
    buried: int


def sweep(*, now: datetime) -> Swept:
    """Look through all unfinished work. A few index look-ups when there is nothing to do."""
    buried = sum(
        bury(model, now=now) for model in (EventRecord, ListenerCall, Delivery, PeriodicRun, InboundSms)
    )
    return Swept(
        publications=count_due(EventRecord, now=now) > 0,
        scheduled=sending.due(now).exists(),
        listener_calls=count_due(ListenerCall, now=now) > 0,
        channels=tuple(name for name in outside() if has_due(name, now=now)),
        runs=count_due(PeriodicRun, now=now) > 0,
        buried=buried,
    )
