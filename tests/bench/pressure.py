"""Messages under kills, outages, an open transaction and load, next to an undisturbed run and two peers.

Two consumers, each a process that is started as where it is used, with more to do than they can: the rate is that of
what a provider takes, a process that answers each line with one. The engine publishes, fans out and delivers; Huey and
procrastinate run a task for each line, which inserts a row (tests/bench/_pressed.py). Each on the same PostgreSQL and
on a Redis of this run's own, one system after the other. Before and after each disturbance the undisturbed rate is
measured anew, and what is said of a disturbance is its rate over the mean of these two (`over_undisturbed`):

- `redis` and `provider`: gone for `away` seconds; what the provider refused is tried again after `again` seconds by all
  three. What counts is the time from their return on, and `back_seconds` is when a second first had 0.8 of the
  undisturbed rate. Redis comes back empty. procrastinate has none.
- `tenfold`: ten times as many wait at once.
- `open_transaction`: another program's transaction, REPEATABLE READ, has an id and is idle all the time, so that no
  dead row is cleared away. `last` is the rate of its last tenth.
- `kills`: one of the two consumers is killed with SIGKILL every `kill_every` seconds and started again at once, which
  takes as long as it takes. Of the engine that is longer than a lease, so that what the dead ones held comes back.
- `finished`: in the table are so many finished deliveries, or jobs. Huey keeps none.

`lost` is how many of those handed in were neither taken by the provider nor are known to the system once all is over.
`rate` and `floor_rate` are the engine's, in the worst of an open transaction and kills, and undisturbed.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import mean
from typing import Any

import psycopg
from django.db import connection

from notifications.models import Delivery, Notification
from site_config.supervisor import die_with_parent
from tests.bench import _queues
from tests.bench._copies import copies
from tests.bench._database import disconnect, without_indexes
from tests.bench._outgoing import people
from tests.bench._pressed import AGAIN, BOARD, PORT, TABLE
from tests.bench._provider import Board, Provider
from tests.bench._result import Goal, Result
from tests.services import Server, redis_server

GOALS = (
    Goal(
        "of the undisturbed rate, under an open transaction",
        at_least=0.8,
        figure=lambda run: run.more["over_undisturbed"]["open_transaction"]["engine"],
    ),
    Goal(
        "of the undisturbed rate, under repeated kills",
        at_least=0.8,
        figure=lambda run: run.more["over_undisturbed"]["kills"]["engine"],
    ),
)

CONSUMERS = 2
PEOPLE = 1_000
BACK = 0.8
START_WITHIN = 120.0
CHANNELS = 5
"""Of each old message, so that five million deliveries need a million of them."""


@dataclass(frozen=True, slots=True)
class Size:
    """Seconds, but for `waiting` (jobs) and `finished` (rows)."""

    seconds: float = 15
    undisturbed: float = 6
    kills: float = 75
    kill_every: float = 10
    open_transaction: float = 45
    away: float = 5
    again: float = 10
    waiting: int = 5_000
    finished: int = 5_000_000
    systems: tuple[str, ...] = ("engine", "huey", "procrastinate")
    states: tuple[str, ...] = ("redis", "provider", "tenfold", "open_transaction", "kills", "finished")


SMALL = Size(
    seconds=1,
    undisturbed=0.5,
    kills=1,
    kill_every=0.5,
    open_transaction=0.5,
    away=0.2,
    again=0.1,
    waiting=100,
    finished=1_000,
    states=("redis", "provider", "tenfold", "open_transaction"),
)
"""Without those that load the site once more."""
LONG = Size(open_transaction=600, states=("open_transaction",))
"""Ten minutes for each system."""


def prepare(size: Size) -> None:
    people(PEOPLE)
    with _queues.procrastinate_app.open():
        _queues.procrastinate_app.schema_manager.apply_schema()
    _execute(f"CREATE TABLE {TABLE} (number bigint NOT NULL)")


def run(size: Size) -> Result:
    """Each system through all states."""
    found: dict[str, _Found] = {}
    disconnect()
    with tempfile.TemporaryDirectory() as folder:
        for system in size.systems:
            with redis_server() as redis, _under_way(system, redis, Path(folder) / system, size) as site:
                found[system] = _pressed(site, size)
                found[system].lost = site.lost()
    engine = found["engine"]
    worst = min(engine.ratios[state] for state in ("open_transaction", "kills") if state in engine.ratios)
    undisturbed = mean(engine.undisturbed)
    return Result(
        "pressure",
        rows=sum(each.told for each in found.values()),
        rate=worst * undisturbed,
        floor_rate=undisturbed,
        more={
            "undisturbed": {name: round(mean(each.undisturbed)) for name, each in found.items()},
            "over_undisturbed": _by_state(found, "ratios", size.states),
            "last": {name: each.last for name, each in found.items()},
            "back_seconds": _by_state(found, "back", ("redis", "provider")),
            "lost": {name: each.lost for name, each in found.items()},
        },
    )


@dataclass
class _Found:
    """Of one system."""

    undisturbed: list[float] = field(default_factory=list)
    ratios: dict[str, float] = field(default_factory=dict)
    back: dict[str, float] = field(default_factory=dict)
    last: float = 0.0
    lost: int = 0
    told: int = 0


def _by_state(found: dict[str, _Found], what: str, states: tuple[str, ...]) -> dict[str, dict[str, float]]:
    return {
        state: {
            name: getattr(each, what)[state] for name, each in found.items() if state in getattr(each, what)
        }
        for state in states
    }


class _Site:
    """Two consumers of one system, what feeds them, their Redis and their provider."""

    def __init__(
        self, system: str, redis: Server, provider: Provider, board: Board, folder: Path, size: Size
    ) -> None:
        self.system, self.redis, self.provider, self.board = system, redis, provider, board
        self._folder = folder
        self._environment = {
            **os.environ,
            "REDIS_URL": redis.url,
            PORT: f"{provider.port}",
            BOARD: f"{board.path}",
            AGAIN: f"{size.again}",
        }
        self.consumers: list[subprocess.Popen[str]] = []

    def begin(self, waiting: int) -> None:
        """Come back when as many are told as are to wait."""
        self.board["wanted"] = waiting
        self.consumers = [self.start("work") for _ in range(CONSUMERS)]
        self.feeder = self.start("feed")
        self.tell(waiting)

    def tell(self, number: int) -> None:
        """Come back when so many more are told."""
        enough, over = self.told() + number, time.monotonic() + START_WITHIN
        while self.told() < enough:
            assert time.monotonic() < over, self.said()
            time.sleep(0.05)

    def start(self, what: str) -> subprocess.Popen[str]:
        with (self._folder / f"{what}.log").open("a") as log:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    f"from tests.bench._pressed import main; main({what!r}, {self.system!r})",
                ],
                env=self._environment,
                stdout=subprocess.PIPE if what == "held" else log,
                stderr=log,
                text=True,
                preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - no threads that hold a lock
            )

    def end(self) -> None:
        for process in (*self.consumers, self.feeder):
            process.kill()
            process.wait()
        self.consumers = []

    def told(self) -> int:
        return self.board["told"]

    def lost(self) -> int:
        """Once nothing is fed any more, and nothing told for two seconds."""
        self.board["wanted"] = 0
        before, still = -1, time.monotonic() + 2
        over = time.monotonic() + 30
        while time.monotonic() < min(still, over):
            if self.told() != before:
                before, still = self.told(), time.monotonic() + 2
            time.sleep(0.1)
        self.end()
        asked = self.start("held")
        held = int(asked.communicate()[0])
        return max(0, self.board["fed"] - self.told() - held)

    def said(self) -> str:
        return "".join(file.read_text()[-3_000:] for file in self._folder.glob("*.log"))


@contextmanager
def _under_way(system: str, redis: Server, folder: Path, size: Size) -> Iterator[_Site]:
    """As soon as all consumers are at work."""
    folder.mkdir()
    board = Board(folder / "board")
    provider = Provider(board)
    provider.start()
    site = _Site(system, redis, provider, board, folder, size)
    try:
        yield site
    finally:
        site.end()
        provider.stop()


def _pressed(site: _Site, size: Size) -> _Found:
    found = _Found()
    site.begin(size.waiting)
    rate = partial(_rate, site)
    found.undisturbed.append(rate(size.undisturbed))
    for state in size.states:
        if (site.system, state) in (("procrastinate", "redis"), ("huey", "finished")):
            continue
        disturbed = STATES[state](site, size, found)
        site.tell(size.waiting // 2)
        found.undisturbed.append(rate(size.undisturbed))
        around = mean(found.undisturbed[-2:])
        found.ratios[state] = round(disturbed / around, 3)
        _tell(f"  {site.system}, {state}: {disturbed:.0f} a second, {found.ratios[state]:g} of {around:.0f}.")
    found.told = site.told()
    return found


def _rate(site: _Site, seconds: float) -> float:
    before, start = site.told(), time.monotonic()
    time.sleep(seconds)
    return (site.told() - before) / (time.monotonic() - start)


def _redis(site: _Site, size: Size, found: _Found) -> float:
    return _outage(site, size, found, "redis", site.redis)


def _provider(site: _Site, size: Size, found: _Found) -> float:
    return _outage(site, size, found, "provider", site.provider)


def _outage(site: _Site, size: Size, found: _Found, name: str, server: Server | Provider) -> float:
    """The rate from its return on."""
    server.stop()
    time.sleep(size.away)
    server.start()
    before, start = site.told(), time.monotonic()
    enough = BACK * found.undisturbed[-1]
    while (now := time.monotonic()) < start + size.seconds:
        second = min(1.0, size.seconds / 5)
        if _rate(site, second) >= enough and name not in found.back:
            found.back[name] = round(now - start, 1)
    return (site.told() - before) / (time.monotonic() - start)


def _tenfold(site: _Site, size: Size, found: _Found) -> float:
    board = site.board
    board["wanted"] = 10 * size.waiting
    over = time.monotonic() + START_WITHIN
    while board["fed"] - board["told"] < 8 * size.waiting and time.monotonic() < over:
        time.sleep(0.05)
    rate = _rate(site, size.seconds)
    board["wanted"] = size.waiting
    return rate


def _open_transaction(site: _Site, size: Size, found: _Found) -> float:
    with psycopg.connect(os.environ["DATABASE_URL"]) as somebody:
        somebody.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        somebody.execute("SELECT pg_current_xact_id()")
        before, start = site.told(), time.monotonic()
        tenths = []
        for _ in range(10):
            tenths.append(_rate(site, size.open_transaction / 10))
            _tell(f"  {site.system}, {time.monotonic() - start:.0f} s open: {tenths[-1]:.0f} a second.")
        rate = (site.told() - before) / (time.monotonic() - start)
    found.last = round(tenths[-1] / found.undisturbed[-1], 3)
    return rate


def _kills(site: _Site, size: Size, found: _Found) -> float:
    before, start = site.told(), time.monotonic()
    next_kill = start
    for which in cycle(range(CONSUMERS)):
        site.consumers[which].kill()
        site.consumers[which].wait()
        site.consumers[which] = site.start("work")
        next_kill += size.kill_every
        if next_kill >= start + size.kills:
            break
        time.sleep(max(0.0, next_kill - time.monotonic()))
    time.sleep(max(0.0, start + size.kills - time.monotonic()))
    return (site.told() - before) / (time.monotonic() - start)


def _finished(site: _Site, size: Size, found: _Found) -> float:
    site.end()
    FILL[site.system](size.finished)
    disconnect()
    site.begin(size.waiting)
    return _rate(site, size.seconds)


def _fill_deliveries(rows: int) -> None:
    """As many copies of one that was sent."""
    sent = Delivery.objects.filter(finished_at__isnull=False).latest("id")
    before = Notification.objects.latest("id").pk
    messages = rows // CHANNELS
    with without_indexes(Notification, Delivery):
        copies(Notification, messages, {"dedupe_key": "'old:' || n"}, f"id = {sent.notification_id}")
        first = Notification.objects.filter(id__gt=before).earliest("id").pk
        changes = {
            "notification_id": f"{first} + mod(n, {messages})",
            "channel": f"'old' || n / {messages}",
        }
        copies(Delivery, rows, changes, f"id = {sent.pk}")


def _fill_jobs(rows: int) -> None:
    _execute("ALTER TABLE procrastinate_jobs DISABLE TRIGGER USER")
    _execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, attempts)"
        " SELECT 'default', 'bench.pressure', '{}', 'succeeded', 1 FROM generate_series(1, %s)",
        [rows],
    )
    _execute("ALTER TABLE procrastinate_jobs ENABLE TRIGGER USER")
    _execute("VACUUM ANALYZE procrastinate_jobs")


FILL: dict[str, Callable[[int], None]] = {"engine": _fill_deliveries, "procrastinate": _fill_jobs}


def _execute(sql: str, params: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


STATES: dict[str, Callable[[_Site, Size, _Found], float]] = {
    "redis": _redis,
    "provider": _provider,
    "tenfold": _tenfold,
    "open_transaction": _open_transaction,
    "kills": _kills,
    "finished": _finished,
}
