"""Deliveries claimed, sent and marked as sent, next to a task for each in Huey, Celery and procrastinate.

The engine's worker does what a consumer does with a channel, until nothing is due. The channel sends nothing, takes
batches of `BATCH`, and lets what is sent be written down together, as one may whose messages are recognised by their
key; `each` is the same with each sending written down before the next message goes, as for e-mail.

The queues (tests/bench/_queues.py) have real consumers: Huey's and procrastinate's a process with `THREADS` threads for
each worker, as ours in production, Celery's a prefork pool. Their tasks wait when the workers start, in Redis or, for
procrastinate, in PostgreSQL, and the time is that between the first message sent and the last, of all or of what is
sent in `LONGEST` seconds, so that starting costs them nothing; the engine's is that from the word to begin until all is
done. All rates are deliveries a second; `rate` and `floor_rate`, that of the best of the queues, are those of `WORKERS`
processes, `ratios` those of each number.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

from django.db import connection
from django.db.models import Count, Max, Min
from django.test import override_settings

from notifications.channels.base import Channel, Send
from notifications.models import Delivery
from notifications.tasks import settle
from notifications.types import Rendered
from tests.bench import _queues
from tests.bench._outgoing import START_WITHIN, forked, make_rows, people, rate_of
from tests.bench._result import Goal, Result

GOALS = (
    Goal(
        "deliveries a second through a session that does nothing, two processes",
        20_000,
        figure=lambda run: run.rate,
    ),
)

WORKERS = 2
BATCH = 500
THREADS = 4
LONGEST = 10.0


@dataclass(frozen=True, slots=True)
class Size:
    """Deliveries of each way, and numbers of processes, `WORKERS` among them."""

    together: int = 20_000
    each: int = 1_000
    huey: int = 2_000
    celery: int = 2_000
    procrastinate: int = 2_000
    processes: tuple[int, ...] = (1, WORKERS)


SMALL = Size(together=1_000, each=40, huey=40, celery=40, procrastinate=40, processes=(WORKERS,))


class Together(Channel):
    """Sends nothing, and knows a message by its key."""

    name: ClassVar[str] = "together"
    label: ClassVar = "Nothing"
    batch_size: ClassVar[int] = BATCH
    acknowledge_each: ClassVar[bool] = False

    def addresses(self, user_ids: Collection[int]) -> dict[int, str]:
        return dict.fromkeys(user_ids, "nobody")

    def content(self, rendered: Rendered) -> tuple[str, str]:
        return "", rendered.short_text

    @contextmanager
    def session(self) -> Iterator[Send]:
        yield _queues.nothing


class Each(Together):
    name: ClassVar[str] = "each"
    acknowledge_each: ClassVar[bool] = True


def prepare(size: Size) -> None:
    with _queues.procrastinate_app.open():
        _queues.procrastinate_app.schema_manager.apply_schema()


@override_settings(NOTIFICATION_CHANNELS=[f"{__name__}.Together", f"{__name__}.Each"])
def run(size: Size) -> Result:
    """The rates of each way with each number of processes."""
    settle()
    (somebody,) = people(1)
    rates: dict[str, list[int]] = {}
    for way, rate in WAYS.items():
        rates[way] = []
        for processes in size.processes:
            make_rows(way, [(somebody.pk, "nobody")] * getattr(size, way))
            rates[way].append(round(rate(processes)))
    floors = [max(each) for each in zip(*(rates[way] for way in QUEUES), strict=True)]
    chosen = size.processes.index(WORKERS)
    return Result(
        "deliveries",
        rows=size.together,
        rate=rates["together"][chosen],
        floor_rate=floors[chosen],
        more={
            "workers": WORKERS,
            "processes": size.processes,
            **rates,
            "ratios": [round(rate / floor, 2) for rate, floor in zip(rates["together"], floors, strict=True)],
        },
    )


def _engine(channel: str) -> Callable[[int], float]:
    return partial(rate_of, channel)


def _huey(processes: int) -> float:
    _queues.huey_queue.flush()
    for id_ in _ids():
        _queues.huey_task(id_)
    with forked(processes, _consume) as (start, _):
        start()
        return _rate_from_first_to_last()


def _consume() -> None:
    _queues.huey_queue.create_consumer(workers=THREADS, periodic=False).run()


def _celery(processes: int) -> float:
    _queues.celery_app.control.purge()
    for id_ in _ids():
        _queues.celery_task.delay(id_)
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR"]
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "tests.bench._queues",
        "worker",
        "-c",
        f"{processes}",
        *quiet,
    ]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as worker:
        try:
            return _rate_from_first_to_last()
        finally:
            # The whole pool at once: what is left over is not to be finished.
            os.killpg(worker.pid, signal.SIGKILL)


def _procrastinate(processes: int) -> float:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    tasks: list[dict[str, Any]] = [{"delivery_id": id_} for id_ in _ids()]
    with _queues.procrastinate_app.open():
        _queues.procrastinate_task.batch_defer(*tasks)
    with forked(processes, _work) as (start, _):
        start()
        return _rate_from_first_to_last()


def _work() -> None:
    _queues.procrastinate_app.run_worker(concurrency=THREADS)


QUEUES: dict[str, Callable[[int], float]] = {
    "huey": _huey,
    "celery": _celery,
    "procrastinate": _procrastinate,
}
WAYS: dict[str, Callable[[int], float]] = {
    "together": _engine(Together.name),
    "each": _engine(Each.name),
    **QUEUES,
}


def _rate_from_first_to_last() -> float:
    """Deliveries a second, once all are sent or the time is over."""
    _wait(Delivery.objects.filter(finished_at__isnull=False).exists, START_WITHIN)
    _wait(lambda: not Delivery.objects.filter(finished_at=None).exists(), LONGEST)
    sent = Delivery.objects.aggregate(count=Count("sent_at"), first=Min("sent_at"), last=Max("sent_at"))
    assert sent["count"] > 1, "The queue stands still."
    took: timedelta = sent["last"] - sent["first"]
    return float(sent["count"] / took.total_seconds())


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    over = time.monotonic() + seconds
    while not condition() and time.monotonic() < over:
        time.sleep(0.05)


def _ids() -> list[int]:
    return list(Delivery.objects.order_by("id").values_list("id", flat=True))
