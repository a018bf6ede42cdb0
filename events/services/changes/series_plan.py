"""The plan for a series: from the chosen event on, or for all events ahead.

An event is identified by the date that the pattern first gave it, not by its position in the series. A change that
moves the chosen one by a number of days moves that date of all. Events on dates of the new pattern stay, with their
attendance; others are cancelled, or removed if nobody has joined; missing ones are added.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from events.exceptions import EventRefusedError, SeriesRefusedError, refusal
from events.models import Attendance, ClinicEvent, EventSeries, read_config
from events.rules.config import RecurringConfig
from events.rules.pattern_shift import ShiftError, ended, from_day, shifted
from events.rules.recurrence import expand
from events.rules.wall_time import attach
from events.services.changes.details import frozen
from events.services.changes.plan import (
    Attending,
    Change,
    Outcome,
    Plan,
    Planned,
    Scope,
    attending,
    details_of,
    planned,
)
from events.services.generation import WEEKS
from events.services.refusals import refuse_past, refuse_wrong_end

_LONGEST = timedelta(days=1)

Times = tuple[datetime, datetime]


def plan_series(
    series: EventSeries,
    change: Change,
    *,
    scope: Scope,
    rows: QuerySet[ClinicEvent],
    chosen: ClinicEvent | None,
    now: datetime,
) -> Plan:
    """The plan. `rows` are any events, of which those of the series are taken; locked if the plan is to be applied.

    Without a `chosen` event it is for all that are ahead. EventRefusedError says by field what is refused.
    """
    planner = _Planner(series, change, scope=scope, chosen=chosen, now=now)
    events = planner.events(rows)
    return planner.plan(events, attending(events))


def plan_each(
    changes: Sequence[tuple[EventSeries, Change]], *, rows: QuerySet[ClinicEvent], now: datetime
) -> list[Plan]:
    """The plan for all events ahead of each of these series, in their order. Two queries, however many they are; two
    more where a patient has no account. SeriesRefusedError says of which series what is refused.
    """
    ids = [series.pk for series, _change in changes]
    ahead = rows.filter(series__in=ids, original_start__gt=now)
    # Locked in the order of their ids, as everywhere, and planned in the order of their dates.
    events = sorted(ahead.order_by("id"), key=_original)
    people = attending(events)
    own: dict[int | None, list[ClinicEvent]] = defaultdict(list)
    for event in events:
        own[event.series_id].append(event)
    plans = []
    for series, change in changes:
        try:
            planner = _Planner(series, change, scope=Scope.ALL, chosen=None, now=now)
            plans.append(planner.plan(own[series.pk], people))
        except EventRefusedError as error:
            raise SeriesRefusedError(series.pk, error) from error
    return plans


class _Planner:
    def __init__(
        self,
        series: EventSeries,
        change: Change,
        *,
        scope: Scope,
        chosen: ClinicEvent | None,
        now: datetime,
    ) -> None:
        self.series = series
        self.change = change
        self.scope = scope
        self.chosen = chosen
        self.now = now
        self.timezone = series.clinic.zone
        self.zone = ZoneInfo(self.timezone)
        self.old = read_config(series.config)
        self.new = self.old
        self.by = 0
        self.times: tuple[time, time] | None = None
        self.first: date | None = None
        """The date in the old pattern at which the series is split."""

    def plan(self, events: Sequence[ClinicEvent], people: Mapping[int, Attending]) -> Plan:
        details = _different(self.series, self.change.details)
        if self.chosen is not None:
            self._look_at(self.chosen)
            if self.times is None and self.change.config is None and not details:
                self.first = None  # the series stays as it is, so there is nothing to split
        try:
            self.new = self._pattern(events)
        except ShiftError:
            raise refusal(
                "config", _("This can’t be written as a pattern. Please enter the new pattern."), "shift"
            ) from None
        same_pattern = self.first is None and self.new == self.old
        dates = {} if same_pattern else self._dates(events)
        occurrences = []
        for event in events:
            own = _different(event, self.change.details)
            if event != self.chosen:
                own = {name: value for name, value in own.items() if self._follows(event, name)}
            place = _as_it_is(event) if same_pattern else self._place(event, dates, people[event.pk])
            occurrences.append(planned(event, *place, own, people[event.pk]))
        return Plan(
            scope=self.scope,
            timezone=self.timezone,
            series_id=self.series.pk,
            old_config=self.old,
            config=self.new,
            ended=ended(self.old, before=self.first) if self.first else None,
            details=frozen(details),
            old_details=details_of(self.series, details),
            occurrences=tuple(occurrences),
            added=() if same_pattern else tuple(self._added(occurrences)),
        )

    def events(self, rows: QuerySet[ClinicEvent]) -> list[ClinicEvent]:
        ahead = rows.filter(series=self.series, original_start__gt=self.now)
        if self.scope == Scope.FOLLOWING and self.chosen is not None:
            ahead = ahead.filter(original_start__gte=self.chosen.original_start)
        # Locked in the order of their ids, as everywhere, and planned in the order of their dates.
        return sorted(ahead.order_by("id"), key=_original)

    def _look_at(self, chosen: ClinicEvent) -> None:
        """Find the date of the chosen event in the old pattern, and by how much it is moved."""
        if chosen.starts_at <= self.now or chosen.original_start is None or chosen.original_start <= self.now:
            raise refusal("event", _("This event has begun. Please choose a later one."), "past")
        day = self._day(chosen.original_start)
        if self.scope == Scope.FOLLOWING and self._has_earlier(chosen, day):
            self.first = day
        starts_at, ends_at = self.change.starts_at or chosen.starts_at, self.change.ends_at or chosen.ends_at
        if (starts_at, ends_at) == (chosen.starts_at, chosen.ends_at):
            return
        refuse_past(starts_at, self.now)
        refuse_wrong_end(starts_at, ends_at)
        start, end = starts_at.astimezone(self.zone), ends_at.astimezone(self.zone)
        if end.replace(tzinfo=None) - start.replace(tzinfo=None) > _LONGEST:
            raise refusal("ends_at", _("An event of a series lasts a day at most."), "long")
        self.by = (start.date() - day).days
        self.times = (
            start.time().replace(second=0, microsecond=0),
            end.time().replace(second=0, microsecond=0),
        )

    def _has_earlier(self, chosen: ClinicEvent, day: date) -> bool:
        """Whether any event comes before the chosen one. If not, the change is for the whole series."""
        if self.old.start_date and self.old.start_date >= day:
            return False
        before = ClinicEvent.objects.filter(series=self.series, original_start__lt=chosen.original_start)
        return before.exists()

    def _pattern(self, events: Sequence[ClinicEvent]) -> RecurringConfig:
        """The new pattern; ShiftError when there is none."""
        if self.change.config is not None:
            config = read_config(self.change.config)
            return from_day(config, self._moved(self.first)) if self.first else config
        if self.times is not None:
            start_time, end_time = self.times
            first = self.first or self._first_ahead(events, start_time)
            return shifted(self.old, first=first, by=self.by, start_time=start_time, end_time=end_time)
        return from_day(self.old, self.first) if self.first else self.old

    def _first_ahead(self, events: Sequence[ClinicEvent], at: time) -> date:
        """The first date in the old pattern whose event is still ahead when moved; at the latest the chosen one's."""
        days = sorted(self._day(_original(event)) for event in events)
        return next(day for day in days if attach(self._moved(day), at, self.zone) > self.now)

    def _dates(self, events: Sequence[ClinicEvent]) -> dict[date, Times]:
        """When the new pattern has events, by local date, as far as the old ones are moved."""
        days = [self._moved(self._day(_original(event))) for event in events]
        return (
            {start.date(): (start, end) for start, end in self._expand(min(days), max(days))} if days else {}
        )

    def _place(
        self, event: ClinicEvent, dates: dict[date, Times], people: Attending
    ) -> tuple[Outcome, Times, datetime | None]:
        """The outcome for one event, its new time, and its new place in the pattern."""
        is_now = (event.starts_at, event.ends_at)
        day = self._moved(self._day(_original(event)))
        target = dates.get(day)
        original = (target[0] if target else attach(day, self.new.start_time, self.zone)).astimezone(UTC)
        if original <= self.now:
            # Its original start would be that of a past event.
            return Outcome.TOO_NEAR if self._goes_along(event) else Outcome.ALONE, is_now, None
        if not self._goes_along(event):
            return Outcome.ALONE, is_now, original
        if target is None:
            anybody = people.keys() - {Attendance.State.LEFT}
            return Outcome.CANCELLED if anybody else Outcome.REMOVED, is_now, original
        return Outcome.KEPT if target == is_now else Outcome.MOVED, target, original

    def _goes_along(self, event: ClinicEvent) -> bool:
        """Whether it follows the pattern; one that was moved by itself does again when it is moved with the others."""
        if event.state != ClinicEvent.State.PLANNED or event.starts_at <= self.now:
            return False
        return not event.own_time or (event == self.chosen and self.times is not None)

    def _follows(self, event: ClinicEvent, name: str) -> bool:
        """Whether this detail is that of the series, so that nobody changed it by itself."""
        ahead = event.state == ClinicEvent.State.PLANNED and event.starts_at > self.now
        return ahead and bool(getattr(event, name) == getattr(self.series, name))

    def _added(self, occurrences: Sequence[Planned]) -> list[datetime]:
        today = self._day(self.now)
        there = {each.original_start for each in occurrences if each.outcome != Outcome.REMOVED}
        if not self.new.active:
            return []
        ahead = self._expand(today, today + timedelta(weeks=WEEKS))
        return [start for start, _end in ahead if start > self.now and start not in there]

    def _expand(self, start: date, end: date) -> list[Times]:
        # A series that makes no more events still has those that are there.
        pattern: dict[str, Any] = {**self.new.as_json(), "active": True}
        return expand(pattern, start, end, self.timezone)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _moved(self, day: date) -> date:
        return day + timedelta(days=self.by)


def _different(row: ClinicEvent | EventSeries, details: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in details.items() if getattr(row, name) != value}


def _original(event: ClinicEvent) -> datetime:
    """Only events with one are looked at here."""
    return event.original_start or event.starts_at


def _as_it_is(event: ClinicEvent) -> tuple[Outcome, Times, datetime | None]:
    alone = event.own_time or event.state != ClinicEvent.State.PLANNED
    return Outcome.ALONE if alone else Outcome.KEPT, (event.starts_at, event.ends_at), event.original_start
