"""What a change of events will do, before it is done: which of them, and who will be told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from events.exceptions import refusal
from events.models import CONCERNED, HAS_PLACE, Attendance, ClinicEvent, EventSeries
from events.rules.config import RecurringConfig
from events.services.refusals import refuse_closed, refuse_past, refuse_too_small, refuse_wrong_end

Attending = Mapping[str, Sequence[int]]
"""The ids of an event's people by the state of their attendance."""


class Scope(StrEnum):
    """How far a change reaches."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


class Outcome(StrEnum):
    """What becomes of one event.

    `ALONE` was moved or cancelled by itself, and keeps that. `TOO_NEAR` would have begun already, and stays as it is.
    """

    KEPT = "kept"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REMOVED = "removed"
    ALONE = "alone"
    TOO_NEAR = "too_near"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to be different; what isn't given stays.

    `starts_at` and `ends_at` (aware, both or none) are those of the event that was chosen. With a wider scope the
    others move along, by as many days and to the same times of the wall. `config` is another pattern
    (a recurring_config). `details` are keys of `details.DETAILS`.
    """

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    config: Mapping[str, Any] | RecurringConfig | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One event as it is now (`event`), and what becomes of it.

    `original_start` is its new place in the pattern, `details` are those that change, `told` the ids of the people
    who will be told.
    """

    event: ClinicEvent
    outcome: Outcome
    starts_at: datetime
    ends_at: datetime
    original_start: datetime | None
    details: Mapping[str, Any]
    joined: int
    waiting: int
    told: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The whole of a change.

    `config` is the pattern from now on; where the series is split, that of the new one, and `ended` that of the old
    one. `details` are those of the series that change. `added` are the starts of what will be made, as far ahead
    as events are made.
    """

    scope: Scope
    occurrences: Sequence[Planned]
    series: EventSeries | None = None
    config: RecurringConfig | None = None
    ended: RecurringConfig | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    added: Sequence[datetime] = ()

    @property
    def told(self) -> frozenset[int]:
        """The ids of the people who will be told of anything."""
        return frozenset[int]().union(*(each.told for each in self.occurrences))


def attending(events: Iterable[ClinicEvent]) -> dict[int, Attending]:
    """The people of each event, by its id. One query."""
    people: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    rows = Attendance.objects.filter(event_id__in={event.pk for event in events})
    for event_id, user_id, state in rows.values_list("event_id", "user_id", "state"):
        people[event_id][state].append(user_id)
    return defaultdict(dict, people)


def planned(
    event: ClinicEvent,
    outcome: Outcome,
    time: tuple[datetime, datetime],
    original_start: datetime | None,
    details: Mapping[str, Any],
    people: Attending,
) -> Planned:
    """One event's part of a plan. EventRefusedError when it would have fewer places than people."""
    joined = sum(len(people.get(state, ())) for state in HAS_PLACE)
    if "capacity" in details:
        refuse_too_small(details["capacity"], joined)
    elsewhere = outcome != Outcome.REMOVED and details.get("place", event.place) != event.place
    is_told = elsewhere or outcome in (Outcome.MOVED, Outcome.CANCELLED)
    return Planned(
        event=event,
        outcome=outcome,
        starts_at=time[0],
        ends_at=time[1],
        original_start=original_start,
        details=details,
        joined=joined,
        waiting=len(people.get(Attendance.State.WAITING, ())),
        told=frozenset(user for state in CONCERNED for user in people.get(state, ()))
        if is_told
        else frozenset(),
    )


def plan_event(event: ClinicEvent, change: Change, *, now: datetime) -> Plan:
    """The plan for one event alone. EventRefusedError says what can't be."""
    refuse_closed(event, now)
    if change.config is not None:
        raise refusal("config", _("A single event has no pattern."), "scope")
    time = (change.starts_at or event.starts_at, change.ends_at or event.ends_at)
    moves = time != (event.starts_at, event.ends_at)
    if moves:
        refuse_past(time[0], now)
        refuse_wrong_end(*time)
    outcome = Outcome.MOVED if moves else Outcome.KEPT
    people = attending([event])[event.pk]
    occurrence = planned(event, outcome, time, event.original_start, change.details, people)
    return Plan(scope=Scope.THIS, occurrences=[occurrence], details=change.details)
