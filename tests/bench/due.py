"""A thousand due deliveries among ten thousand, a million and five million: what it takes to find them must not grow.

What is measured is the claim itself, as a worker makes it, rolled back each time: the statements that look for what is
due and lock it, most urgent first. Of each table a tenth is held for later and nearly all the rest is finished; what is
due was written among the last. The three tables lie side by side and are asked in turn, so that what else the machine
does meets all of them alike. `rate` and `floor_rate` are due rows a second at the 99th percentile, among most and among
fewest rows. `buffers` are the pages that EXPLAIN (ANALYZE, BUFFERS) counts, from the smallest table to the largest.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median, quantiles
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from notifications.models import Delivery
from notifications.work.leases import claim, count_due
from notifications.work.quarantine import give_up_poison

SIZES = (10_000, 1_000_000, 5_000_000)
DUE = 1_000
REPETITIONS = 600
CHANNEL = "email"
TABLE = Delivery._meta.db_table

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


def run() -> None:
    """Print the medians and 99th percentiles of `REPETITIONS` claims on each table."""
    call_command("migrate", interactive=False, verbosity=0)
    now = timezone.now()
    try:
        for size in SIZES:
            _make_table(size, now)
        buffers = {name: [_buffers(size, call, now) for size in SIZES] for name, call in CALLS.items()}
        milliseconds: dict[int, list[float]] = {size: [] for size in SIZES}
        for _ in range(REPETITIONS):
            for size in SIZES:
                milliseconds[size].append(_search(size, now))
    finally:
        for size in SIZES:
            _execute(f"DROP SCHEMA IF EXISTS {_schema(size)} CASCADE")
        _execute("SET search_path TO DEFAULT")
    p99 = [quantiles(milliseconds[size], n=100)[98] for size in SIZES]
    result = {
        "bench": "due",
        "rows": SIZES[-1],
        "due": DUE,
        "rate": round(1000 * DUE / p99[-1]),
        "floor_rate": round(1000 * DUE / p99[0]),
        "ratio": round(p99[0] / p99[-1], 2),
        "tables": SIZES,
        "median_ms": [round(median(milliseconds[size]), 2) for size in SIZES],
        "p99_ms": [round(each, 2) for each in p99],
        "p99_growth": round(max(p99[1:]) / p99[0], 2),
        "repetitions": REPETITIONS,
        "buffers": buffers,
    }
    print(json.dumps(result), flush=True)


def _claim(now: datetime) -> None:
    assert len(claim(Delivery, now=now, limit=DUE, channel=CHANNEL).ids) == DUE


def _count_due(now: datetime) -> None:
    assert count_due(Delivery, now=now, at_most=DUE, channel=CHANNEL) == DUE


def _count_none(now: datetime) -> None:
    assert count_due(Delivery, now=now, at_most=DUE, channel="none") == 0


def _give_up(now: datetime) -> None:
    assert give_up_poison(Delivery, now=now) == 0


CALLS: dict[str, Callable[[datetime], None]] = {
    "claim": _claim,
    "count": _count_due,
    "count_when_nothing_is_due": _count_none,
    "give_up": _give_up,
}


@dataclass
class _Watch:
    """Watches the statements that look for rows: how long they take, or which pages they read."""

    explain: bool = False
    milliseconds: float = 0.0
    pages: list[int] = field(default_factory=list)

    def __call__(self, execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        searches = sql.startswith("SELECT") or (self.explain and "finished_at" in sql)
        if not searches:
            return execute(sql, params, many, context)
        if self.explain:
            execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params, many, context)
            plan = context["cursor"].fetchone()[0][0]["Plan"]
            self.pages.append(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
        start = time.perf_counter()
        answer = execute(sql, params, many, context)
        self.milliseconds += 1000 * (time.perf_counter() - start)
        return answer


def _search(size: int, now: datetime) -> float:
    watch = _Watch()
    with _in_table(size), connection.execute_wrapper(watch):
        _claim(now)
    return watch.milliseconds


def _buffers(size: int, call: Callable[[datetime], None], now: datetime) -> int:
    watch = _Watch(explain=True)
    with _in_table(size):
        call(now)  # warm
    with _in_table(size), connection.execute_wrapper(watch):
        call(now)
    return sum(watch.pages)


@contextmanager
def _in_table(size: int) -> Iterator[None]:
    """Let the engine find that table in place of its own; what it writes is taken back."""
    _execute(f"SET search_path TO {_schema(size)}, public")
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _schema(size: int) -> str:
    return f"bench_{size}"


def _make_table(size: int, now: datetime) -> None:
    """A table like the engine's with all its indexes, but for its foreign key and its log."""
    table = f"{_schema(size)}.{TABLE}"
    _execute(f"DROP SCHEMA IF EXISTS {_schema(size)} CASCADE")
    _execute(f"CREATE SCHEMA {_schema(size)}")
    options = _column("SELECT unnest(reloptions) FROM pg_class WHERE oid = %s::regclass", [f"public.{TABLE}"])
    storage = f"WITH ({', '.join(options)})" if options else ""
    _execute(f"CREATE UNLOGGED TABLE {table} (LIKE public.{TABLE} INCLUDING CONSTRAINTS) {storage}")
    _execute(
        FILL.format(table=table), {"size": size, "now": now, "last": size - 10 * DUE, "channel": CHANNEL}
    )
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s"
    for definition in _column(indexes, [TABLE]):
        _execute(definition.replace(f" ON public.{TABLE} ", f" ON {table} "))
    _execute(f"VACUUM (ANALYZE) {table}")


FILL = """
INSERT INTO {table} (
    id, notification_id, channel, priority, address, subject, body, state, provider, provider_id, error,
    attempts, failures, crashes, lease_owner, due_at, finished_at, sent_at
)
SELECT
    n, n, %(channel)s, n / 10 %% 4, 'patient' || n || '@example.org', 'A reminder from your clinic',
    CASE WHEN sent THEN '' ELSE 'You have a message from your clinic. Sign in to read it.' END,
    CASE WHEN sent THEN 'sent' ELSE 'pending' END, CASE WHEN sent THEN 'smtp' ELSE '' END, '', '',
    CASE WHEN sent THEN 1 ELSE 0 END, 0, 0, '',
    CASE WHEN held THEN %(now)s + n * interval '1 second' ELSE %(now)s - (%(size)s - n) * interval '1 millisecond' END,
    CASE WHEN sent THEN %(now)s END, CASE WHEN sent THEN %(now)s END
FROM
    generate_series(1, %(size)s) AS n,
    LATERAL (SELECT n %% 10 = 5 AS held, n %% 10 = 0 AND n > %(last)s AS due) AS which,
    LATERAL (SELECT NOT held AND NOT due AS sent) AS rest
"""


def _column(sql: str, params: Sequence[object]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


def _execute(sql: str, params: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
