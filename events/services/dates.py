"""Notes what became of the dates of series, so that staff can read for months why there is no event on one."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from events.models import SeriesDate
from events.services.insertion import quoted, stored

_WRITE = """
INSERT INTO {dates} (series_id, clinic_id, starts_at, outcome, noted_at)
{source}
ON CONFLICT (series_id, starts_at) DO UPDATE SET outcome = EXCLUDED.outcome, noted_at = EXCLUDED.noted_at
"""

Became = tuple[int, int, datetime, str]
"""The ids of a series and its clinic, the start that the pattern gives a date (aware), and its outcome."""


def note(dates: Sequence[Became], *, now: datetime) -> None:
    """Write down what became of each. One that was noted before with the same outcome keeps its row.

    In a query and, if any is new, a statement, however many they are.
    """
    if not dates:
        return
    series_ids = {series_id for series_id, _clinic, _start, _outcome in dates}
    before = SeriesDate.objects.filter(starts_at__gte=now, series_id__any_of=series_ids)
    known = {
        (series_id, starts_at): outcome
        for series_id, starts_at, outcome in before.values_list("series_id", "starts_at", "outcome")
    }
    new = [each for each in dates if known.get((each[0], each[2])) != each[3]]
    if new:
        with connection.cursor() as cursor:
            write = _write_arrays if connection.vendor == "postgresql" else _write_each
            write(cursor, new, now)


def _write_arrays(cursor: CursorWrapper, dates: Sequence[Became], now: datetime) -> None:
    source = (
        "SELECT u.*, %s FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[])"
        " AS u (series_id, clinic_id, starts_at, outcome)"
    )
    columns: list[Any] = [list(column) for column in zip(*dates, strict=True)]
    cursor.execute(_statement(source), [now, *columns])


def _write_each(cursor: CursorWrapper, dates: Sequence[Became], now: datetime) -> None:
    at = stored(now)
    rows = [
        (series_id, clinic_id, stored(starts_at), outcome, at)
        for series_id, clinic_id, starts_at, outcome in dates
    ]
    cursor.executemany(_statement("VALUES (%s, %s, %s, %s, %s)"), rows)


def _statement(source: str) -> str:
    return _WRITE.format(dates=quoted(SeriesDate), source=source)


def note_removed(starts: Mapping[int, Collection[datetime]], *, now: datetime) -> None:
    """Write down that the occurrences with these original starts, by the id of their series, are taken out. A query
    and a statement, however many they are.
    """
    taken = {series_id: set(own) for series_id, own in starts.items() if own}
    if not taken:
        return
    dates = SeriesDate.objects.filter(series__in=taken, starts_at__in=set[datetime]().union(*taken.values()))
    ids = [
        id_
        for id_, series_id, starts_at in dates.values_list("pk", "series_id", "starts_at")
        if starts_at in taken[series_id]
    ]
    SeriesDate.objects.filter(pk__in=ids).update(outcome=SeriesDate.Outcome.REMOVED, noted_at=now)
