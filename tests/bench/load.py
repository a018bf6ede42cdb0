"""Pages while 20,000 doses at a time are told of by SMS, next to the same pages while nothing happens.

The ratio is the 99th percentile undisturbed as a share of the one under load: 1 where nobody notices. Two processes, as
workers of the web server, answer for today's page, an inbox, a clinic's list of calls and a patient's record in turn,
each between the other's, at a steady pace whatever they manage: a page that waits for the one before is late too.
Beside them one process claims and fans out, with more as soon as all are told, and another sends, as consumers do.
`p99_ms` has each kind of page undisturbed and under load, `told` and `sent` how far the work came. `rate` and
`floor_rate` are pages a minute at the 99th percentile.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from multiprocessing import get_context
from multiprocessing.synchronize import Event

from django.test import Client, override_settings
from django.utils import timezone

from home.worklist.refresh import worklist_refresh
from medications.models import Dose
from medications.services.reminders import send_dose_reminders
from notifications.models import Delivery, Notification
from notifications.pipeline.deliver import deliver
from notifications.pipeline.fan_out import fan_out
from notifications.tasks import let_pages_go_first
from notifications.tasks import settle as spare_the_collector
from tests.bench._country import multiply, places, settle
from tests.bench._database import disconnect
from tests.bench._result import Goal, Result
from tests.bench.desk import Asked, get, p99

GOALS = (
    Goal(
        "milliseconds of the slowest kind of page under load, p99",
        at_most=300,
        figure=lambda run: max(under_load for _, under_load in run.more["p99_ms"].values()),
    ),
)

KINDS = ("today", "inbox", "worklist", "patient")
SETTLED = 400
WEB_WORKERS = 2
EVERY = 0.5
"""Seconds from one page to the next of a worker."""

MINUTES = count(1)
Answers = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Size:
    patients: int = 20_000
    seconds: int = 60


SMALL = Size(patients=800, seconds=2)


@override_settings(SMS_PROVIDERS=["file"])
def run(size: Size) -> Result:
    """The 99th percentiles of pages alone, and beside the work."""
    spare_the_collector()
    logging.disable(logging.INFO)  # each SMS is a line
    now = timezone.now()
    clinics, medicines = places(now)
    asked = Asked(clinics[0], 20)
    settle(clinics, medicines, SETTLED, now)
    multiply(size.patients // SETTLED - 1, now)
    worklist_refresh([clinic.pk for clinic in clinics], now=now)
    pages = asked.pages()
    alone = _ask(pages, size.seconds)
    before = Notification.objects.count()
    with _beside(partial(_tell, now), _send):
        beside = _ask(pages, size.seconds)
    told = Notification.objects.count() - before
    return Result(
        "load",
        rows=told,
        rate=60 / p99(beside.values()),
        floor_rate=60 / p99(alone.values()),
        more={
            "p99_ms": {kind: [round(1000 * p99([each[kind]])) for each in (alone, beside)] for kind in KINDS},
            "told": told,
            "sent": Delivery.objects.filter(sent_at__gte=now).count(),
        },
    )


def _ask(pages: Mapping[str, Sequence[tuple[Client, str]]], seconds: int) -> dict[str, list[float]]:
    """The seconds of each page, from the moment at which it was to be asked for."""
    disconnect()
    with get_context("fork").Pool(WEB_WORKERS) as workers:
        later = [each * EVERY / WEB_WORKERS for each in range(WEB_WORKERS)]
        answers = [workers.apply_async(_web_worker, (pages, seconds, each)) for each in later]
        found = [each for answer in answers for each in answer.get()]
    return {kind: [taken for name, taken in found if name == kind] for kind in KINDS}


def _web_worker(pages: Mapping[str, Sequence[tuple[Client, str]]], seconds: int, later: float) -> Answers:
    for kind in KINDS:
        get(*pages[kind][0])
    answers = []
    start = time.perf_counter() + later
    for number in range(int(seconds / EVERY)):
        kind = KINDS[number % len(KINDS)]
        asked_at = start + number * EVERY
        time.sleep(max(0.0, asked_at - time.perf_counter()))
        get(*pages[kind][number // len(KINDS) % len(pages[kind])])
        answers.append((kind, time.perf_counter() - asked_at))
    return answers


@contextmanager
def _beside(*works: Callable[[], bool]) -> Iterator[None]:
    """Each in a process of its own, over and over until what is inside has ended."""
    disconnect()
    context = get_context("fork")
    over = context.Event()
    workers = [context.Process(target=_consumer, args=(work, over), daemon=True) for work in works]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        over.set()
        for worker in workers:
            worker.join()
            assert worker.exitcode == 0


def _consumer(work: Callable[[], bool], over: Event) -> None:
    let_pages_go_first()
    while not over.is_set():
        if not work():
            over.wait(0.1)


def _tell(began: datetime) -> bool:
    told = send_dose_reminders(now=timezone.now()).reminded + fan_out(now=timezone.now()).records
    if not told:
        _make_due(began)
    return True


def _send() -> bool:
    return deliver("sms", now=timezone.now()).taken > 0


def _make_due(began: datetime) -> None:
    """The next dose of each, at a minute at which none was due."""
    ahead = Dose.objects.filter(due_at__gt=began).order_by("due_at").values_list("due_at", flat=True)
    due_at = began.replace(second=30, microsecond=0) - next(MINUTES) * timedelta(minutes=1)
    Dose.objects.filter(due_at=ahead[0]).update(due_at=due_at, next_reminder_at=due_at)
