"""A thousand due deliveries are found among five million, next to as many among ten thousand.

It must not take longer among more: the ratio should be near 1. A table of a million is measured too. What is measured
is the claim itself, as a worker makes it, rolled back each time: the statements that look for what is due and lock it,
most urgent first. Of each table a tenth is held for later and nearly all the rest is finished; what is due was written
among the last. The three tables are asked in turn, so that what else the machine does meets all of them alike. `rate`
and `floor_rate` are due rows a second at the 99th percentile, among most and among fewest rows. `buffers` are the pages
that EXPLAIN (ANALYZE, BUFFERS) counts, from the smallest table to the largest.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median, quantiles
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from notifications.models import Delivery
from notifications.work.leases import claim, count_due
from notifications.work.quarantine import give_up_poison
from tests.bench._result import Goal, Result
from tests.bench._tables import in_table, make_table

GOALS = (Goal("five million rows, of ten thousand", at_least=0.67),)

CHANNEL = "email"

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Size:
    """`tables`: rows of each, from the smallest to the largest. Each has `due` rows that are due."""

    tables: tuple[int, ...] = (10_000, 1_000_000, 5_000_000)
    due: int = 1_000
    repetitions: int = 200


SMALL = Size(tables=(1_000, 2_000, 5_000), due=100, repetitions=3)


def prepare(size: Size) -> None:
    now = timezone.now()
    for table in size.tables:
        _make_table(table, size.due, now)


def run(size: Size) -> Result:
    """Claim from each table as often as `size.repetitions` says; the medians and the 99th percentiles."""
    now = timezone.now()
    buffers = {
        name: [_buffers(table, call, size.due, now) for table in size.tables] for name, call in CALLS.items()
    }
    milliseconds: dict[int, list[float]] = {table: [] for table in size.tables}
    for _ in range(size.repetitions):
        for table in size.tables:
            milliseconds[table].append(_search(table, size.due, now))
    p99 = [quantiles(milliseconds[table], n=100)[98] for table in size.tables]
    return Result(
        "due",
        rows=size.tables[-1],
        rate=1000 * size.due / p99[-1],
        floor_rate=1000 * size.due / p99[0],
        more={
            "due": size.due,
            "tables": size.tables,
            "median_ms": [round(median(milliseconds[table]), 2) for table in size.tables],
            "p99_ms": [round(each, 2) for each in p99],
            "p99_growth": round(max(p99[1:]) / p99[0], 2),
            "repetitions": size.repetitions,
            "buffers": buffers,
        },
    )


def _claim(due: int, now: datetime) -> None:
    assert len(claim(Delivery, now=now, limit=due, channel=CHANNEL).ids) == due


def _count_due(due: int, now: datetime) -> None:
    assert count_due(Delivery, now=now, at_most=due, channel=CHANNEL) == due


def _count_none(due: int, now: datetime) -> None:
    assert count_due(Delivery, now=now, at_most=due, channel="none") == 0


def _give_up(due: int, now: datetime) -> None:
    assert give_up_poison(Delivery, now=now) == 0


CALLS: dict[str, Callable[[int, datetime], None]] = {
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


def _search(size: int, due: int, now: datetime) -> float:
    watch = _Watch()
    with _tried_in_table(size), connection.execute_wrapper(watch):
        _claim(due, now)
    return watch.milliseconds


def _buffers(size: int, call: Callable[[int, datetime], None], due: int, now: datetime) -> int:
    watch = _Watch(explain=True)
    with _tried_in_table(size):
        call(due, now)  # warm
    with _tried_in_table(size), connection.execute_wrapper(watch):
        call(due, now)
    return sum(watch.pages)


@contextmanager
def _tried_in_table(size: int) -> Iterator[None]:
    """What is written there is taken back."""
    with in_table(size), transaction.atomic():
        yield
        transaction.set_rollback(True)


def _make_table(size: int, due: int, now: datetime) -> None:
    params = {"size": size, "now": now, "last": size - 10 * due, "with_channel": CHANNEL}
    make_table(Delivery, size, VALUES, ROWS, params)


VALUES = {
    "id": "n",
    "notification_id": "n",
    "channel": "%(with_channel)s",
    "lane": "n / 10 %% 4",
    "address": "'patient' || n || '@example.org'",
    "subject": "'A reminder from your clinic'",
    "body": "CASE WHEN sent THEN '' ELSE 'You have a message from your clinic. Sign in to read it.' END",
    "state": "CASE WHEN sent THEN 'sent' ELSE 'pending' END",
    "provider": "CASE WHEN sent THEN 'smtp' ELSE '' END",
    "attempts": "CASE WHEN sent THEN 1 ELSE 0 END",
    "due_at": """CASE
        WHEN held THEN %(now)s + n * interval '1 second'
        ELSE %(now)s - (%(size)s - n) * interval '1 millisecond'
    END""",
    "finished_at": "CASE WHEN sent THEN %(now)s END",
    "sent_at": "CASE WHEN sent THEN %(now)s END",
}

ROWS = """
    generate_series(1, %(size)s) AS n,
    LATERAL (SELECT n %% 10 = 5 AS held, n %% 10 = 0 AND n > %(last)s AS due) AS which,
    LATERAL (SELECT NOT held AND NOT due AS sent) AS rest
"""
