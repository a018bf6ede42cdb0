"""What nobody finished: found, given up where it is deadly, and handed out again."""

from dataclasses import dataclass
from datetime import datetime

from notifications.channels.registry import outside
from notifications.models import Delivery, EventRecord, ListenerCall, PeriodicRun
from notifications.pipeline.deliver import has_due
from notifications.pipeline.lease import bury, due


@dataclass(frozen=True, slots=True)
class Swept:
    """What waits to be done now, and how many rows were given up."""

    publications: bool
    listener_calls: bool
    channels: tuple[str, ...]
    runs: bool
    buried: int


def sweep(*, now: datetime) -> Swept:
    """Look through all unfinished work. A few index look-ups when there is nothing to do."""
    buried = sum(bury(model, now=now) for model in (EventRecord, ListenerCall, Delivery, PeriodicRun))
    return Swept(
        publications=EventRecord.objects.filter(due(EventRecord, now)).exists(),
        listener_calls=ListenerCall.objects.filter(due(ListenerCall, now)).exists(),
        channels=tuple(name for name in outside() if has_due(name, now=now)),
        runs=PeriodicRun.objects.filter(due(PeriodicRun, now)).exists(),
        buried=buried,
    )
