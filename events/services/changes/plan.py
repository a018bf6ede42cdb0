"""What a change of events will do: the plan, which nothing changes once it was made, and the result of applying it."""

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
from events.selectors.readers import places
from events.services.changes.details import frozen
from events.services.refusals import refuse_closed, refuse_past, refuse_too_small, refuse_wrong_end

Attending = Mapping[str, Sequence[frozenset[int]]]
"""Who is told of each place on an event's list, by the state of its attendance: the ids of their accounts."""


class Scope(StrEnum):
    """How far a change reaches."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


class Outcome(StrEnum):
    """What happens to one event.

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
    """The values to change; those that are not given stay.

    `starts_at` and `ends_at` (aware, both or none) are those of the event that was chosen. With a wider scope the
    others move along, by as many days and to the same local times. `config` is another pattern
    (a recurring_config). `details` are keys of `details.DETAILS`.
    """

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    config: Mapping[str, Any] | RecurringConfig | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One event as it was when the plan was made, and what happens to it.

    `title` is in the language that was active then. `original_start` is its new place in the pattern, `details` are
    those that change, `notified` the ids of the people who will be notified.
    """

    event_id: int
    title: str
    is_cancelled: bool
    old_starts_at: datetime
    old_ends_at: datetime
    outcome: Outcome
    starts_at: datetime
    ends_at: datetime
    original_start: datetime | None
    details: Mapping[str, Any]
    joined: int
    waiting: int
    notified: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The whole of a change.

    `timezone` is the clinic's. `old_config` is the pattern of the series until now and `config` that from now on; where
    the series is split, that of the new one, and `ended` that of the old one. `details` are those that change of the
    series, or of the one event, and `old_details` their values until now. `added` are the starts of the events that
    will be made, as far ahead as events are made.
    """

    scope: Scope
    timezone: str
    occurrences: tuple[Planned, ...]
    details: Mapping[str, Any]
    old_details: Mapping[str, Any]
    series_id: int | None = None
    old_config: RecurringConfig | None = None
    config: RecurringConfig | None = None
    ended: RecurringConfig | None = None
    added: tuple[datetime, ...] = ()

    @property
    def notified(self) -> frozenset[int]:
        """The ids of all people who will be notified."""
        return frozenset[int]().union(*(each.notified for each in self.occurrences))


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What was done.

    `plan` is the one that was carried out. It was made while the rows were locked, so it may differ from a plan that
    was shown before. `series_id` is the series to which the events belong now: after a split the new one, and None when
    one event was changed alone.
    """

    plan: Plan
    series_id: int | None

    @property
    def notified(self) -> frozenset[int]:
        """The ids of all people who are notified of it."""
        return self.plan.notified


def attending(events: Iterable[ClinicEvent]) -> dict[int, Attending]:
    """The places on the list of each event, by its id. One query; two more where a patient has no account."""
    people: dict[int, dict[str, list[frozenset[int]]]] = defaultdict(lambda: defaultdict(list))
    rows = Attendance.objects.filter(event_id__in={event.pk for event in events})
    for place in places(rows, also_of_the_dead=True).values():
        people[place.event_id][place.state].append(frozenset(each.user_id for each in place.readers))
    return defaultdict(dict, people)


def planned(
    event: ClinicEvent,
    outcome: Outcome,
    time: tuple[datetime, datetime],
    original_start: datetime | None,
    details: Mapping[str, Any],
    people: Attending,
) -> Planned:
    """One event's part of a plan. EventRefusedError when its capacity would be less than the places taken."""
    joined = sum(len(people.get(state, ())) for state in HAS_PLACE)
    if "capacity" in details:
        refuse_too_small(details["capacity"], joined)
    elsewhere = outcome != Outcome.REMOVED and details.get("place", event.place) != event.place
    notifies = elsewhere or outcome in (Outcome.MOVED, Outcome.CANCELLED)
    concerned = frozenset[int]().union(*(told for state in CONCERNED for told in people.get(state, ())))
    return Planned(
        event_id=event.pk,
        title=event.title,
        is_cancelled=event.state == ClinicEvent.State.CANCELLED,
        old_starts_at=event.starts_at,
        old_ends_at=event.ends_at,
        outcome=outcome,
        starts_at=time[0],
        ends_at=time[1],
        original_start=original_start,
        details=frozen(details),
        joined=joined,
        waiting=len(people.get(Attendance.State.WAITING, ())),
        notified=concerned if notifies else frozenset(),
    )


def details_of(row: ClinicEvent | EventSeries, names: Iterable[str]) -> Mapping[str, Any]:
    """The values that this row has of these details."""
    return frozen({name: getattr(row, name) for name in names})


def plan_event(event: ClinicEvent, change: Change, *, now: datetime) -> Plan:
    """The plan for one event alone. EventRefusedError says by field what is refused."""
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
    return Plan(
        scope=Scope.THIS,
        timezone=event.clinic.zone,
        occurrences=(occurrence,),
        details=frozen(change.details),
        old_details=details_of(event, change.details),
    )
