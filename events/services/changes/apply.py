"""Applies a plan, and notifies people of what changed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from events.models import Attendance, ClinicEvent, EventSeries
from events.rules.config import RecurringConfig
from events.services.attendance import move_up
from events.services.changes.details import DETAILS, as_stored, set_details, set_next_notice
from events.services.changes.plan import Applied, Outcome, Plan, Planned
from events.services.dates import note_removed
from events.services.generation import MOST_WEEKS, WEEKS, generate
from events.services.messages import publish_cancelled, publish_moved
from events.services.refusals import refuse_closed

_FIELDS = (
    "series",
    "original_start",
    "own_time",
    "title_en",
    "title_af",
    "description_en",
    "description_af",
    "place",
    "capacity",
    "reminders",
    "starts_at",
    "ends_at",
    "state",
    "cancel_reason",
    "sequence",
    "next_notice_at",
    "updated_at",
)


def apply(plan: Plan, *, now: datetime) -> Applied:
    """Do what the plan says, on rows that are read again under lock.

    Call it within the transaction that locked those rows and then made the plan: nothing may change in between.
    """
    [applied] = apply_each([plan], now=now)
    return applied


def apply_each(plans: Sequence[Plan], *, now: datetime) -> list[Applied]:
    """The same for plans of different series. As many queries however many there are that split none."""
    all_series = _save_series(plans, now)
    rows = _locked_events([each.event_id for plan in plans for each in plan.occurrences])
    note_removed({plan.series_id: _left(plan, rows) for plan in plans if plan.series_id is not None}, now=now)
    _remove(_with_outcome(plans, Outcome.REMOVED))

    moved: list[list[tuple[ClinicEvent, datetime]]] = []
    cancelled: list[list[ClinicEvent]] = []
    events: dict[int | None, list[ClinicEvent]] = {}
    for plan in plans:
        series = all_series.get(plan.series_id)
        own = events[plan.series_id] = []
        moved.append([])
        cancelled.append([])
        for each in plan.occurrences:
            if each.outcome == Outcome.REMOVED:
                continue
            event = rows[each.event_id]
            if each.outcome == Outcome.CANCELLED:
                cancel(event, now=now)
                cancelled[-1].append(event)
            elif _change(event, each, alone=series is None, now=now):
                moved[-1].append((event, each.old_starts_at))
            if series is not None:
                event.series = series
            event.original_start = each.original_start
            own.append(event)
    stay = [event for own in events.values() for event in own]
    # None at first: they may take each other's places in the pattern, and each place may be taken once.
    ClinicEvent.objects.filter(id__in=[event.pk for event in stay]).update(original_start=None)
    ClinicEvent.objects.bulk_update(stay, _FIELDS)
    bigger = [each for plan in plans for each in plan.occurrences if _has_new_capacity(each)]
    move_up([rows[each.event_id] for each in bigger], now=now)
    publish_moved(moved, now=now)
    publish_cancelled(cancelled, now=now)
    _generate({series: events[id_] for id_, series in all_series.items()}, now=now)
    return [
        Applied(plan=plan, series_id=all_series[plan.series_id].pk if plan.series_id is not None else None)
        for plan in plans
    ]


def cancel(event: ClinicEvent, *, now: datetime, reason: str = "") -> None:
    """Cancel a locked event. Not saved, nothing published. EventRefusedError when it is over."""
    refuse_closed(event, now)
    event.state = ClinicEvent.State.CANCELLED
    event.cancel_reason = reason[:200]
    event.sequence += 1
    event.updated_at = now
    event.next_notice_at = None


def _locked_events(ids: Collection[int]) -> dict[int, ClinicEvent]:
    """These events by their ids, locked in the order of those. One query."""
    rows = ClinicEvent.objects.select_for_update(of=("self",)).select_related("clinic").filter(id__in=ids)
    return {event.pk: event for event in rows.order_by("id")}


def _left(plan: Plan, rows: dict[int, ClinicEvent]) -> list[datetime]:
    """The original starts that the occurrences no longer have in this series: removed, moved with it, or split off."""
    return [
        start
        for each in plan.occurrences
        if (start := rows[each.event_id].original_start)
        and (each.outcome == Outcome.REMOVED or plan.ended is not None or each.original_start != start)
    ]


def _with_outcome(plans: Iterable[Plan], outcome: Outcome) -> list[int]:
    return [each.event_id for plan in plans for each in plan.occurrences if each.outcome == outcome]


def _remove(ids: Collection[int]) -> None:
    Attendance.objects.filter(event_id__in=ids).delete()
    # Nothing else hangs on an event, and Wagtail would look for its references one by one.
    events = ClinicEvent.objects.filter(id__in=ids)
    events._raw_delete(events.db)


def _has_new_capacity(planned: Planned) -> bool:
    return "capacity" in planned.details and planned.outcome not in (Outcome.REMOVED, Outcome.CANCELLED)


def _change(event: ClinicEvent, planned: Planned, *, alone: bool, now: datetime) -> bool:
    """Set the time and the details of an event; whether people must be notified of them."""
    notifies = set_details(event, planned.details, now=now) if planned.details else False
    if planned.outcome == Outcome.MOVED:
        event.starts_at, event.ends_at = planned.starts_at, planned.ends_at
        event.own_time = alone and event.series_id is not None
        set_next_notice(event, now)
        notifies = True
    event.sequence += notifies
    if notifies or planned.details:
        event.updated_at = now
    return notifies


def _save_series(plans: Iterable[Plan], now: datetime) -> dict[int | None, EventSeries]:
    """The series of each plan with its new pattern and details, or the new one that was split from it; by the id that
    the plan has.
    """
    by_id = {plan.series_id: plan for plan in plans if plan.series_id is not None}
    if not by_id:
        return {}
    locked = EventSeries.objects.select_for_update(of=("self",)).select_related("clinic").filter(id__in=by_id)
    found: dict[int | None, EventSeries] = {}
    stay = []
    for old in locked.order_by("id"):
        plan = by_id[old.pk]
        series = old if plan.ended is None else _split(old, plan.ended, now)
        if plan.config is not None:
            series.config = plan.config.as_json()
        for name, value in as_stored(plan.details).items():
            setattr(series, name, value)
        # Clinic and programme are rows that were read before.
        series.full_clean(exclude=["clinic", "follows", "programme"])
        if plan.ended is None:
            stay.append(series)
        else:
            series.save()
        found[old.pk] = series
    EventSeries.objects.bulk_update(stay, ("config", *DETAILS))
    return found


def _split(old: EventSeries, until_then: RecurringConfig, now: datetime) -> EventSeries:
    """The new series, not yet saved; the old one ends."""
    EventSeries.objects.filter(pk=old.pk).update(config=until_then.as_json())
    texts = {name: getattr(old, name) for name in DETAILS}
    return EventSeries(clinic=old.clinic, follows=old, programme_id=old.programme_id, created_at=now, **texts)


def _generate(events: Mapping[EventSeries, Collection[ClinicEvent]], *, now: datetime) -> None:
    """Make what is missing of each series: as far ahead as it has events already, so that no gaps are left."""
    by_weeks: dict[int, list[int]] = defaultdict(list)
    for series, own in events.items():
        by_weeks[_weeks(own, now)].append(series.pk)
    for weeks, ids in by_weeks.items():
        generate(now=now, weeks=weeks, series_ids=ids)


def _weeks(events: Collection[ClinicEvent], now: datetime) -> int:
    furthest = max((event.starts_at - now for event in events), default=timedelta(0))
    return min(max(WEEKS, furthest.days // 7 + 1), MOST_WEEKS)
