"""Notes what became of the dates of series, so that staff can read for months why there is no event on one."""

from collections.abc import Collection, Sequence
from datetime import datetime

from events.models import SeriesDate

_AT_A_TIME = 1_000

Became = tuple[int, int, datetime, str]
"""The ids of a series and its clinic, the start that the pattern gives a date (aware), and its outcome."""


def note(dates: Sequence[Became], *, now: datetime) -> None:
    """Write down what became of each. One that was noted before with the same outcome keeps its row.

    In a query and, for each thousand that are new (with SQLite two hundred), a statement.
    """
    if not dates:
        return
    series_ids = {series_id for series_id, _clinic, _start, _outcome in dates}
    before = SeriesDate.objects.filter(starts_at__gte=now, series_id__any_of=series_ids)
    known = {
        (series_id, starts_at): outcome
        for series_id, starts_at, outcome in before.values_list("series_id", "starts_at", "outcome")
    }
    rows = [
        SeriesDate(
            series_id=series_id, clinic_id=clinic_id, starts_at=starts_at, outcome=outcome, noted_at=now
        )
        for series_id, clinic_id, starts_at, outcome in dates
        if known.get((series_id, starts_at)) != outcome
    ]
    SeriesDate.objects.bulk_create(
        rows,
        batch_size=_AT_A_TIME,
        update_conflicts=True,
        unique_fields=["series", "starts_at"],
        update_fields=["outcome", "noted_at"],
    )


def note_removed(series_id: int, starts: Collection[datetime], *, now: datetime) -> None:
    """Write down that the occurrences with these original starts are taken out. One statement."""
    if starts:
        taken = SeriesDate.objects.filter(series_id=series_id, starts_at__in=starts)
        taken.update(outcome=SeriesDate.Outcome.REMOVED, noted_at=now)
