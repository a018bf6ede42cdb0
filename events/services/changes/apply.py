"""Applies a plan, and notifies people of what changed."""

from collections.abc import Collection
from datetime import datetime, timedelta

from events.models import Attendance, ClinicEvent, EventSeries
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
    series = _save_series(plan.series_id, plan, now) if plan.series_id is not None else None
    rows = _locked_events([each.event_id for each in plan.occurrences])
    removed = [each.event_id for each in plan.occurrences if each.outcome == Outcome.REMOVED]
    if plan.series_id is not None:
        note_removed(plan.series_id, _left(plan, rows), now=now)
    _remove(removed)

    moved: list[tuple[ClinicEvent, datetime]] = []
    cancelled: list[ClinicEvent] = []
    events = []
    for each in plan.occurrences:
        if each.outcome == Outcome.REMOVED:
            continue
        event = rows[each.event_id]
        if each.outcome == Outcome.CANCELLED:
            cancel(event, now=now)
            cancelled.append(event)
        elif _change(event, each, alone=series is None, now=now):
            moved.append((event, each.old_starts_at))
        if series is not None:
            event.series = series
        event.original_start = each.original_start
        events.append(event)
    # None at first: they may take each other's places in the pattern, and each place may be taken once.
    ClinicEvent.objects.filter(id__in=[event.pk for event in events]).update(original_start=None)
    ClinicEvent.objects.bulk_update(events, _FIELDS)
    move_up([rows[each.event_id] for each in plan.occurrences if _has_new_capacity(each)], now=now)
    publish_moved(moved, now=now)
    publish_cancelled(cancelled, now=now)
    if series is not None:
        generate(now=now, weeks=_weeks(events, now), series_ids=[series.pk])
    return Applied(plan=plan, series_id=series.pk if series is not None else None)


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


def _remove(ids: Collection[int]) -> None:
    Attendance.objects.filter(event_id__in=ids).delete()
    ClinicEvent.objects.filter(id__in=ids).delete()


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


def _save_series(series_id: int, plan: Plan, now: datetime) -> EventSeries:
    """The series with its new pattern and details, or the new one that was split from it."""
    old = EventSeries.objects.select_for_update(of=("self",)).select_related("clinic").get(id=series_id)
    series = old
    if plan.ended is not None:
        EventSeries.objects.filter(pk=old.pk).update(config=plan.ended.as_json())
        texts = {name: getattr(old, name) for name in DETAILS}
        series = EventSeries(
            clinic=old.clinic, follows=old, programme_id=old.programme_id, created_at=now, **texts
        )
    if plan.config is not None:
        series.config = plan.config.as_json()
    for name, value in as_stored(plan.details).items():
        setattr(series, name, value)
    series.full_clean()
    series.save()
    return series


def _weeks(events: Collection[ClinicEvent], now: datetime) -> int:
    """As far ahead as there are events already, so that no gaps are left among them."""
    furthest = max((event.starts_at - now for event in events), default=timedelta(0))
    return min(max(WEEKS, furthest.days // 7 + 1), MOST_WEEKS)
