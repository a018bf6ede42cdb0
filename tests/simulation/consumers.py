"""Consumers: what a process that works does in one turn, and what dies with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from unittest.mock import patch

from django.utils import timezone

from events.services.notices import send_event_notices
from events.visits.passing import pass_visits
from home.clocks.moving import clocks_move_next
from medications.services.reminders import send_dose_reminders
from notifications.models import PeriodicTask
from notifications.pipeline import digests, fan_out
from notifications.pipeline.deliver import deliver, deliver_held
from notifications.replies import sms_replies
from notifications.work import leases, periodic
from notifications.work.one_at_a_time import OneAtATime
from tests.simulation import deaths
from tests.simulation.deaths import Kill
from tests.simulation.due import due
from tests.simulation.outside import NAMES

TASKS = ("Sweep", "Dose expansion", "Low stock", "Expiring batches")
"""The periodic tasks that are on. Those of every minute are called where something is due for them."""
ROUNDS = 200
"""More than any turn takes."""


@dataclass
class Consumer:
    """One process that works; when it dies, another begins in its place."""

    suspects: OneAtATime = field(default_factory=OneAtATime)
    ticked: datetime | None = None
    """The last full hour at which it looked for slots; its tasks come at full hours."""

    def work(self, kill: Kill | None = None) -> bool:
        """Whatever there is to do at this moment; whether it lived."""
        with self._here():
            lived = deaths.run(partial(_turn, self), kill)
        if not lived:
            self.suspects, self.ticked = OneAtATime(), None
        return lived

    @contextmanager
    def _here(self) -> Iterator[None]:
        """What a process knows by itself."""
        with (
            patch.object(leases, "suspects", self.suspects),
            patch.object(digests, "suspects", self.suspects),
        ):
            yield


def switch_on(now: datetime) -> None:
    """The tasks of this simulation, which count from now."""
    periodic.make_rows(now=now)
    PeriodicTask.objects.exclude(name__in=TASKS).update(enabled=False)
    PeriodicTask.objects.filter(name="Sweep").update(cron="0 */6 * * *")


def _turn(consumer: Consumer) -> None:
    """What the minute and the wake-ups of a real one come to, until nothing is left that it may take."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    if consumer.ticked != hour:
        consumer.ticked = hour
        periodic.open_slots(now=timezone.now())
    for _ in range(ROUNDS):
        work = due(timezone.now())
        did = [step() for name, step in WORK.items() if name in work]
        if not any(did):
            return
    raise AssertionError("A worker would never have done with it.")


def _remind() -> bool:
    done = send_dose_reminders(now=timezone.now())
    return bool(done.reminded or done.unanswered or done.missed)


def _give_notice() -> bool:
    return not send_event_notices(now=timezone.now()).startswith("0 ")


def _pass_visits() -> bool:
    return not pass_visits(now=timezone.now()).startswith("0 reminders of visits, 0 missed, 0")


def _answer() -> bool:
    now = timezone.now()
    return sms_replies.interpret_next(now=now) or sms_replies.reply_next(now=now)


def _deliver(channel: str) -> bool:
    taken = deliver(channel, now=timezone.now()).taken
    return deliver_held(channel, now=timezone.now()).taken + taken > 0


WORK: dict[str, Callable[[], bool]] = {
    "periodic": lambda: periodic.run_next(now=timezone.now()),
    "clocks": lambda: clocks_move_next(now=timezone.now()),
    "answers": _answer,
    "reminders": _remind,
    "notices": _give_notice,
    "visits": _pass_visits,
    "fan_out": lambda: fan_out.fan_out_and_spread(now=timezone.now()),
    **{name: partial(_deliver, name) for name in NAMES},
}
"""In their order, so that what comes of one is found by the next."""
