"""Inserts many occurrences in one statement; existing ones stay as they are.

Texts, place and the like are copied from the series by the database itself.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from events.models import ClinicEvent, EventSeries


class NewOccurrence(NamedTuple):
    """A new row: its series, its start and end, and when its next notice is due. All aware."""

    series_id: int
    starts_at: datetime
    ends_at: datetime
    next_notice_at: datetime | None


_FROM_SERIES = (
    "clinic_id",
    "title",
    "title_en",
    "title_af",
    "description",
    "description_en",
    "description_af",
    "place",
    "capacity",
    "reminders",
)
_OWN = (
    "series_id",
    "original_start",
    "first_start",
    "starts_at",
    "ends_at",
    "next_notice_at",
    "created_at",
    "updated_at",
)
_CONSTANT = ("own_time", "state", "cancel_reason", "sequence")
_AT_FIRST = (False, ClinicEvent.State.PLANNED.value, "", 0)

_FIRST_START = """
CASE WHEN EXISTS (SELECT 1 FROM {events} e WHERE e.series_id = s.id AND e.first_start = {start})
THEN NULL ELSE {start} END
"""
_INSERT = """
INSERT INTO {events} ({columns})
SELECT {from_series}, {own}, %s, %s, %s, %s
FROM {source}
ON CONFLICT (series_id, original_start) DO NOTHING
"""


def insert(rows: Sequence[NewOccurrence], *, now: datetime) -> int:
    """Insert the rows that are missing; how many were. One statement, whatever their number."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        write = _insert_arrays if connection.vendor == "postgresql" else _insert_each
        write(cursor, rows, now)
        inserted: int = cursor.rowcount
        return inserted


def _insert_arrays(cursor: CursorWrapper, rows: Sequence[NewOccurrence], now: datetime) -> None:
    first_start = _FIRST_START.format(events=quoted(ClinicEvent), start="u.starts_at")
    own = [
        "u.series_id",
        "u.starts_at",
        first_start,
        "u.starts_at",
        "u.ends_at",
        "u.next_notice_at",
        "%s",
        "%s",
    ]
    source = (
        "unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])"
        " AS u (series_id, starts_at, ends_at, next_notice_at) JOIN {series} s ON s.id = u.series_id"
    )
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)]
    cursor.execute(_statement(own, source), [now, now, *_AT_FIRST, *columns])


def _insert_each(cursor: CursorWrapper, rows: Sequence[NewOccurrence], now: datetime) -> None:
    at = stored(now)
    params = []
    for series_id, *moments in rows:
        starts_at, ends_at, next_notice_at = map(stored, moments)
        own = (starts_at, starts_at, starts_at, starts_at, ends_at, next_notice_at, at, at)
        params.append((*own, *_AT_FIRST, series_id))
    first_start = _FIRST_START.format(events=quoted(ClinicEvent), start="%s")
    own_columns = ["s.id", "%s", first_start, *["%s"] * 5]
    cursor.executemany(_statement(own_columns, "{series} s WHERE s.id = %s"), params)


def _statement(own: Sequence[str], source: str) -> str:
    series = quoted(EventSeries)
    return _INSERT.format(
        events=quoted(ClinicEvent),
        columns=", ".join((*_FROM_SERIES, *_OWN, *_CONSTANT)),
        from_series=", ".join(f"s.{column}" for column in _FROM_SERIES),
        own=", ".join(own),
        source=source.format(series=series),
    )


def quoted(model: type[models.Model]) -> str:
    """The name of its table, for a statement of one's own."""
    return connection.ops.quote_name(model._meta.db_table)


def stored(moment: datetime | None) -> str | None:
    """As the ORM writes it: SQLite compares texts, and the same moment in another format is another text."""
    return None if moment is None else str(connection.ops.adapt_datetimefield_value(moment))
