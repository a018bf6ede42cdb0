"""What can be wrong with a running site, looked up now."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from huey.contrib.djhuey import HUEY

from notifications.health import measures
from notifications.selectors import overdue

logger = logging.getLogger(__name__)

OVERDUE_WITHIN = 300
"""Seconds. The sweep hands out forgotten work in two minutes; later than this nobody sends at all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the site: whether it is well, and the number that says so (None when there is none)."""

    name: str
    well: bool
    measure: str = ""
    value: int | None = None


def findings(*, now: datetime) -> list[Finding]:
    """Every part, also when some of them can't even be asked. `now` is aware."""
    return [
        _ask("database", _database),
        _ask("queue", lambda: Finding("queue", True, "pending", queue_length())),
        _ask("consumer", lambda: _consumer(now)),
        _ask("deliveries", lambda: _deliveries(now)),
    ]


def queue_length() -> int:
    """How many tasks wait for a worker; raises what the queue raises when it can't be reached."""
    return int(HUEY.pending_count())


def _ask(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception:
        # Whatever the reason, the answer has to name the part that is down instead of being an error page.
        logger.exception("The health of the %(part)s can't be told.", {"part": name})
        return Finding(name, False)


def _database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding("database", True)


def _consumer(now: datetime) -> Finding:
    seen = measures.consumers(now=now)
    age = None if seen.silent_seconds is None else round(seen.silent_seconds)
    return Finding("consumer", seen.alive > 0, "heartbeat_age_seconds", age)


def _deliveries(now: datetime) -> Finding:
    age = round(overdue.overdue_delivery(now=now))
    return Finding("deliveries", age <= OVERDUE_WITHIN, "oldest_overdue_seconds", age)
