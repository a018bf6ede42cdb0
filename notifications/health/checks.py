"""What can be wrong with a running site, looked up now."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Max, Min
from huey.contrib.djhuey import HUEY

from notifications.models import ConsumerHeartbeat, Delivery

logger = logging.getLogger(__name__)

HEARTBEAT_WITHIN = 150
"""Seconds. The consumer beats every minute: two may be late, not three."""
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
        _ask("queue", lambda: Finding("queue", True, "pending", HUEY.pending_count())),
        _ask("consumer", lambda: _consumer(now)),
        _ask("deliveries", lambda: _deliveries(now)),
    ]


def _ask(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception:
        # Whatever the reason, the answer has to name the part that is down instead of being an error page.
        logger.exception("The health of the %s can't be told.", name)
        return Finding(name, False)


def _database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding("database", True)


def _consumer(now: datetime) -> Finding:
    last = ConsumerHeartbeat.objects.aggregate(last=Max("beat_at"))["last"]
    age = None if last is None else round((now - last).total_seconds())
    return Finding("consumer", age is not None and age < HEARTBEAT_WITHIN, "heartbeat_age_seconds", age)


def _deliveries(now: datetime) -> Finding:
    overdue = Delivery.objects.filter(finished_at__isnull=True, due_at__lte=now)
    first = overdue.aggregate(first=Min("due_at"))["first"]
    age = 0 if first is None else round((now - first).total_seconds())
    return Finding("deliveries", age <= OVERDUE_WITHIN, "oldest_overdue_seconds", age)
