"""Makes the missing occurrences of series, some weeks ahead."""

import logging
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction

from events.models import ClinicEvent, EventSeries
from events.rules.config import parse
from events.rules.notice_times import next_at
from events.rules.recurrence import expand
from events.services.dates import Became, note
from events.services.insertion import NewOccurrence, insert
from notifications.timezones import known_zone

logger = logging.getLogger(__name__)

WEEKS = 4
MOST_WEEKS = 104


class Outcome(StrEnum):
    """What happens to one date of a pattern."""

    MADE = "made"
    KEPT = "kept"
    MOVED = "moved"
    CANCELLED = "cancelled"
    SKIPPED_DATE = "skipped date"
    PUBLIC_HOLIDAY = "public holiday"
    FAILED = "failed"


_HAS_EVENT = {Outcome.KEPT, Outcome.MOVED, Outcome.CANCELLED}
"""Dates whose event was made before."""


class Line(NamedTuple):
    """One date of a series: when it would begin (aware, in the clinic's zone), and what happens to it.

    A series that can't be expanded has a single one, at the moment of the run.
    """

    series_id: int
    starts_at: datetime
    outcome: Outcome


@dataclass(kw_only=True)
class Report:
    """The result of a run: what was made, or would be made, and why not more.

    `names` has the title and the clinic of each series. `made` counts the rows that were inserted; in a dry run those
    that would be.
    """

    made: int = 0
    lines: list[Line] = field(default_factory=list)
    names: dict[int, tuple[str, str]] = field(default_factory=dict)

    def summary(self) -> str:
        """In a line, as "12 made, 4 kept, 1 public holiday, in 3 series"."""
        counts = Counter(line.outcome for line in self.lines)
        counts[Outcome.MADE] = self.made
        said = [f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]]
        return f"{', '.join(said) or 'nothing to make'}, in {len(self.names)} series"


class _Series(NamedTuple):
    id: int
    clinic_id: int
    title: str
    clinic: str
    timezone: str
    config: dict[str, object]
    reminders: list[int]


class _Existing(NamedTuple):
    state: str
    own_time: bool


def generate(
    *,
    now: datetime,
    weeks: int = WEEKS,
    dry_run: bool = False,
    series_ids: Collection[int] | None = None,
) -> Report:
    """Make the occurrences that begin after `now`, up to `weeks` weeks ahead of today in the clinic's zone.

    Only missing occurrences are made: one that was moved or cancelled is not missing, and none comes back. What became
    of each date stays as a SeriesDate. Without `series_ids` it is for all series of all clinics, in as many queries
    however many there are. Safe to repeat and to run twice at once. With `dry_run` nothing is written and the report is
    that of the same plan.
    """
    if not 0 < weeks <= MOST_WEEKS:
        raise ValueError(f"weeks: 1 to {MOST_WEEKS} are possible.")
    with transaction.atomic():
        all_series = _all_series(series_ids, lock=not dry_run)
        existing = _existing(series_ids, now)
        report = Report(names={series.id: (series.title, series.clinic) for series in all_series})
        gaps: list[NewOccurrence] = []
        for series in all_series:
            try:
                lines, new = _of_series(series, now, weeks, existing)
            except Exception:
                # A series that can't be expanded must not take the events of all others with it.
                logger.exception("The series %s can't be expanded.", series.id)
                lines, new = [Line(series.id, now, Outcome.FAILED)], []
            report.lines += lines
            gaps += new
        report.made = len(gaps) if dry_run else insert(gaps, now=now)
        if not dry_run:
            note(_noted(all_series, report.lines), now=now)
    return report


def _noted(all_series: list[_Series], lines: list[Line]) -> list[Became]:
    """What is to be read of these dates later."""
    clinics = {series.id: series.clinic_id for series in all_series}
    return [
        (
            series_id,
            clinics[series_id],
            # Within the hour of a clock change Python takes no two zones' times for equal.
            starts_at.astimezone(UTC),
            (Outcome.MADE if outcome in _HAS_EVENT else outcome).value,
        )
        for series_id, starts_at, outcome in lines
    ]


def _of_series(
    series: _Series, now: datetime, weeks: int, existing: dict[tuple[int, datetime], _Existing]
) -> tuple[list[Line], list[NewOccurrence]]:
    """What happens to the dates of one series, and the occurrences that are missing."""
    lines: list[Line] = []
    gaps: list[NewOccurrence] = []
    for (starts_at, ends_at), outcome in _dates(series, now, weeks, existing):
        lines.append(Line(series.id, starts_at, outcome))
        if outcome is Outcome.MADE:
            notice_at = next_at(starts_at, ends_at, series.reminders, now=now)
            gaps.append(NewOccurrence(series.id, starts_at, ends_at, notice_at))
    return lines, gaps


def _all_series(ids: Collection[int] | None, *, lock: bool) -> list[_Series]:
    rows = EventSeries.objects.order_by("id")
    if ids is not None:
        rows = rows.filter(id__in=ids)
    if lock:
        # A change of the pattern locks the series too: else an occurrence of the old pattern might be made after it.
        rows = rows.select_for_update(of=("self",), no_key=True)
    columns = ("id", "clinic_id", "title", "clinic__name", "clinic__timezone", "config", "reminders")
    found = [_Series(*row) for row in rows.values_list(*columns)]
    return [series._replace(timezone=known_zone(series.timezone)) for series in found]


def _existing(series_ids: Collection[int] | None, now: datetime) -> dict[tuple[int, datetime], _Existing]:
    rows = ClinicEvent.objects.filter(original_start__gt=now)
    if series_ids is not None:
        rows = rows.filter(series_id__in=series_ids)
    columns = ("series_id", "original_start", "state", "own_time")
    return {
        (series_id, original): _Existing(state, own)
        for series_id, original, state, own in rows.values_list(*columns)
        if series_id is not None and original is not None
    }


def _dates(
    series: _Series, now: datetime, weeks: int, existing: dict[tuple[int, datetime], _Existing]
) -> Iterator[tuple[tuple[datetime, datetime], Outcome]]:
    """The dates of one pattern, also skipped ones, each with its outcome."""
    config = parse(series.config)
    today = now.astimezone(ZoneInfo(series.timezone)).date()
    end = today + timedelta(weeks=weeks)
    planned = expand(config, today, end, series.timezone)
    possible, taken = planned, set(planned)
    if config.skip_dates or config.skip_public_holidays:
        unskipped = replace(config, skip_dates=frozenset(), skip_public_holidays=False)
        possible = expand(unskipped, today, end, series.timezone)
    for occurrence in possible:
        starts_at = occurrence[0].astimezone(UTC)
        if starts_at <= now:
            continue
        row = existing.get((series.id, starts_at))
        if row is not None:
            yield occurrence, _outcome(row)
        elif occurrence in taken:
            yield occurrence, Outcome.MADE
        else:
            on_skip_date = occurrence[0].date() in config.skip_dates
            yield occurrence, Outcome.SKIPPED_DATE if on_skip_date else Outcome.PUBLIC_HOLIDAY


def _outcome(row: _Existing) -> Outcome:
    if row.state == ClinicEvent.State.CANCELLED:
        return Outcome.CANCELLED
    return Outcome.MOVED if row.own_time else Outcome.KEPT
