"""The processes that are put under pressure, of the engine, of Huey and of procrastinate; `main` is what each does.

`work` is a consumer, as each system starts its own; `feed` keeps as many jobs waiting as the board says; `held` prints
how many jobs the system still knows of. A job is one line to the provider (tests/bench/_provider.py). For the engine
that is a publication, a message in somebody's inbox and a delivery, each sending written down before the next one
goes, as for e-mail and SMS. For the others it is a task that inserts a row when its line was answered. What the
provider doesn't take all of them try again after the same seconds.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count, cycle, islice
from math import ceil
from pathlib import Path
from typing import ClassVar

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
if not apps.ready:
    django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from procrastinate import RetryStrategy
from procrastinate.types import JSONDict
from redis import RedisError

from home.models import User
from notifications import bus, registry
from notifications.channels.base import Channel, Send
from notifications.exceptions import ChannelError
from notifications.models import Delivery, EventRecord
from notifications.types import (
    IN_APP,
    Category,
    EventType,
    Message,
    Publication,
    Recipient,
    Rendered,
    SendResult,
    Texts,
)
from site_config.database_limits import limit_connections
from site_config.environment import DATABASE_LIMITS_WORK
from site_config.silence import limit_answers
from tests.bench import _queues
from tests.bench._provider import Board

PORT, BOARD, AGAIN = "PRESSURE_PORT", "PRESSURE_BOARD", "PRESSURE_AGAIN"
"""The variables by which these processes find the provider and the board, and know how many seconds they wait before
they try once more.
"""
NAME = "bench.pressure"
THREADS = 4
LOOK_EVERY = 0.02
AT_ONCE = 1_000
TABLE = "bench_told"


class ProviderChannel(Channel):
    """In the place of e-mail."""

    name: ClassVar[str] = "email"
    label: ClassVar = "Lines"

    def addresses(self, user_ids: Collection[int]) -> dict[int, str]:
        return dict.fromkeys(user_ids, "somebody")

    def content(self, rendered: Rendered) -> tuple[str, str]:
        return "", rendered.short_text

    @contextmanager
    def session(self) -> Iterator[Send]:
        try:
            with _connected() as line:
                yield partial(self._send, line)
        except OSError as error:
            raise ChannelError("The provider is away.", permanent=False) from error

    def _send(self, line: socket.socket, message: Message) -> SendResult:
        _tell(line, message.key)
        return SendResult("lines")


def recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    for publication in publications:
        yield Recipient(publication.id, publication.payload["user_id"], {}, f"{publication.id:012d}")


_TEXTS = Texts(*["The clinic is closed on Friday"] * 7)
EVENT_TYPE = EventType(
    name=NAME,
    label="Pressure",
    category=Category.SYSTEM,
    payload={"user_id": int},
    params=(),
    texts={"en": _TEXTS, "af": _TEXTS},
    recipients=recipients,
    channels={IN_APP: True, "email": True, "push": True},
)


class _Thread(threading.local):
    line: socket.socket | None = None


_thread = _Thread()


def job(number: int) -> None:
    """What a task of the others does, by the connections of its thread."""
    try:
        if _thread.line is None:
            _thread.line = _connected()
        _tell(_thread.line, f"{number}")
    except OSError:
        _thread.line = None
        raise
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} VALUES (%s)", [number])  # noqa: S608 - constant


_again = float(os.environ.get(AGAIN, "10"))
huey_task = _queues.huey_queue.task(name="pressure", retries=100, retry_delay=_again)(job)
procrastinate_task = _queues.procrastinate_app.task(
    name="bench.pressure", retry=RetryStrategy(max_attempts=100, wait=ceil(_again))
)(job)


def _connected() -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(os.environ[PORT])), timeout=5)


def _tell(line: socket.socket, text: str) -> None:
    line.sendall(f"{text}\n".encode())
    if not line.recv(16):
        raise ConnectionResetError("The provider hung up.")


@dataclass(frozen=True, slots=True)
class System:
    """`put` hands in the jobs of these numbers; `held` counts those that it knows of."""

    work: Callable[[], object]
    put: Callable[[list[int]], object]
    held: Callable[[], int]
    waiting: Callable[[int], int] = int
    """How many wait, of so many that the provider didn't take yet."""


def _work() -> None:
    settings.DEBUG = False
    limit_connections(DATABASE_LIMITS_WORK)
    limit_answers()
    call_command("run_huey")


def _publish(numbers: list[int]) -> None:
    people = islice(cycle(User.objects.values_list("pk", flat=True)), len(numbers))
    bus.publish_many(NAME, [({"user_id": each}, "") for each in people])


def _unfinished() -> int:
    return sum(model.objects.filter(finished_at=None).count() for model in (EventRecord, Delivery))


def _work_huey() -> None:
    _queues.huey_queue.create_consumer(workers=THREADS, periodic=False).run()


def _put_huey(numbers: list[int]) -> None:
    for number in numbers:
        huey_task(number)


def _held_huey() -> int:
    return int(_queues.huey_queue.pending_count() + _queues.huey_queue.scheduled_count())


def _work_procrastinate() -> None:
    _queues.procrastinate_app.run_worker(concurrency=THREADS)


def _put_procrastinate(numbers: list[int]) -> None:
    with _queues.procrastinate_app.open():
        of_each: list[JSONDict] = [{"number": number} for number in numbers]
        procrastinate_task.batch_defer(*of_each)


def _held_procrastinate() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")
        return int(cursor.fetchone()[0])


SYSTEMS = {
    "engine": System(_work, _publish, _unfinished),
    # What a Redis that was away has forgotten doesn't wait.
    "huey": System(_work_huey, _put_huey, _held_huey, lambda _untold: _held_huey()),
    "procrastinate": System(_work_procrastinate, _put_procrastinate, _held_procrastinate),
}


def feed(system: System) -> None:
    """Whatever is away meanwhile."""
    board = Board(Path(os.environ[BOARD]))
    numbers = count(1)
    while True:
        try:
            room = board["wanted"] - system.waiting(board["fed"] - board["told"])
            if room > board["wanted"] // 10:
                some = list(islice(numbers, min(room, AT_ONCE)))
                system.put(some)
                board["fed"] += len(some)
                continue
        except RedisError:
            pass
        time.sleep(LOOK_EVERY)


def main(what: str, name: str) -> None:
    """Never comes back, but for `held`. Not run as a program: its tasks would have other names there."""
    settings.NOTIFICATION_RETRY_SECONDS = [_again, *settings.NOTIFICATION_RETRY_SECONDS[1:]]
    settings.NOTIFICATION_CHANNELS = [f"tests.bench._pressed.{ProviderChannel.__name__}"]
    registry.register(EVENT_TYPE)
    system = SYSTEMS[name]
    if what == "held":
        print(system.held())
    elif what == "feed":
        feed(system)
    else:
        system.work()
