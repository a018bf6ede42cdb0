"""What there is to do, and when next: asked in one statement each, since it is asked all the time."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection, models

from events.models import ClinicEvent, Visit
from home.models import ClockChange
from medications.models import Dose
from notifications.models import Delivery, EventRecord, InboundMessage, PeriodicRun

OPEN = "state IN ('scheduled', 'unanswered')"
UNFINISHED = "finished_at IS NULL"
FREE = "(lease_until IS NULL OR lease_until < %s)"
"""What nobody holds."""


class Waits(NamedTuple):
    """Rows that wait for a moment: for whom, in which column that stands, and which of them."""

    work: str
    model: type[models.Model]
    column: str
    which: str = ""


WAITING = (
    Waits("reminders", Dose, "next_reminder_at"),
    Waits("reminders", Dose, "missed_at", OPEN),
    Waits("notices", ClinicEvent, "next_notice_at"),
    Waits("visits", Visit, "next_step_at"),
    Waits("fan_out", EventRecord, "due_at", UNFINISHED),
    Waits("clocks", ClockChange, "due_at", UNFINISHED),
    Waits("periodic", PeriodicRun, "due_at", UNFINISHED),
    Waits("answers", InboundMessage, "due_at", UNFINISHED),
    Waits("push", Delivery, "due_at", f"{UNFINISHED} AND channel = 'push'"),
    Waits("email", Delivery, "due_at", f"{UNFINISHED} AND channel = 'email'"),
    Waits("sms", Delivery, "due_at", f"{UNFINISHED} AND channel = 'sms'"),
)
LEASES = tuple(
    Waits(each.work, each.model, "lease_until", each.which) for each in WAITING if each.column == "due_at"
)


def due(now: datetime) -> frozenset[str]:
    """For whom there is something that is due, and that nobody holds."""
    asked, values = [], []
    for each in WAITING:
        free = f" AND {FREE}" if each.column == "due_at" else ""
        rows = f"{_rows(each)} {each.column} <= %s{free}"
        asked.append(f"SELECT '{each.work}' WHERE EXISTS (SELECT 1 FROM {rows})")  # noqa: S608 - ours
        values += [connection.ops.adapt_datetimefield_value(now)] * (2 if free else 1)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked), values)
        return frozenset(work for (work,) in cursor.fetchall())


def next_due(after: datetime) -> datetime | None:
    """When anything is due next, or a lease is over."""
    asked = (*WAITING, *LEASES)
    first = " UNION ALL ".join(
        f"SELECT MIN({each.column}) FROM {_rows(each)} {each.column} > %s"  # noqa: S608 - ours
        for each in asked
    )
    with connection.cursor() as cursor:
        cursor.execute(first, [connection.ops.adapt_datetimefield_value(after)] * len(asked))
        return min(_moments(cursor.fetchall()), default=None)


def _rows(each: Waits) -> str:
    return f"{each.model._meta.db_table} WHERE {each.which or 'TRUE'} AND"


def _moments(rows: list[tuple[datetime | str | None]]) -> Iterator[datetime]:
    """SQLite keeps them as text, in UTC."""
    for (found,) in rows:
        if isinstance(found, str):
            yield datetime.fromisoformat(found).replace(tzinfo=UTC)
        elif found is not None:
            yield found.astimezone(UTC)
