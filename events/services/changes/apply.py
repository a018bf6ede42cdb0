"""Carries out a plan whose rows are held, and tells who is to be told."""

from datetime import datetime, timedelta

from events.models import Attendance, ClinicEvent, EventSeries
from events.services.attendance import move_up
from events.services.changes.details import DETAILS, set_details, set_next_notice
from events.services.changes.plan import Outcome, Plan, Planned
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


def carry_out(plan: Plan, *, now: datetime) -> EventSeries | None:
    """Do what the plan says; the series that its events belong to now. Within the transaction that holds them."""
    series = _save_series(plan.series, plan, now) if plan.series is not None else None
    removed = [each.event.pk for each in plan.occurrences if each.outcome == Outcome.REMOVED]
    Attendance.objects.filter(event_id__in=removed).delete()
    ClinicEvent.objects.filter(id__in=removed).delete()

    moved: list[tuple[ClinicEvent, datetime]] = []
    cancelled: list[ClinicEvent] = []
    events = []
    for each in plan.occurrences:
        if each.outcome == Outcome.REMOVED:
            continue
        before = each.event.starts_at
        if each.outcome == Outcome.CANCELLED:
            cancel(each.event, now=now)
            cancelled.append(each.event)
        elif _change(each, alone=series is None, now=now):
            moved.append((each.event, before))
        if series is not None:
            each.event.series = series
        each.event.original_start = each.original_start
        events.append(each.event)
    # None at first: they may take each other's places in the pattern, and each may be taken once.
    ClinicEvent.objects.filter(id__in=[event.pk for event in events]).update(original_start=None)
    ClinicEvent.objects.bulk_update(events, _FIELDS)
    move_up([each.event for each in plan.occurrences if _has_other_places(each)], now=now)
    publish_moved(moved, now=now)
    publish_cancelled(cancelled, now=now)
    if series is not None:
        generate(now=now, weeks=_weeks(events, now), series_ids=[series.pk])
    return series


def cancel(event: ClinicEvent, *, now: datetime, reason: str = "") -> None:
    """Cancel an event that is held. Not saved, nothing published. EventRefusedError when it is over."""
    refuse_closed(event, now)
    event.state = ClinicEvent.State.CANCELLED
    event.cancel_reason = reason[:200]
    event.sequence += 1
    event.updated_at = now
    event.next_notice_at = None


def _has_other_places(planned: Planned) -> bool:
    return "capacity" in planned.details and planned.outcome not in (Outcome.REMOVED, Outcome.CANCELLED)


def _change(planned: Planned, *, alone: bool, now: datetime) -> bool:
    """Set the time and the details of an event; whether its people are to be told."""
    event = planned.event
    tell = set_details(event, planned.details, now=now) if planned.details else False
    if planned.outcome == Outcome.MOVED:
        event.starts_at, event.ends_at = planned.starts_at, planned.ends_at
        event.own_time = alone and event.series_id is not None
        set_next_notice(event, now)
        tell = True
    event.sequence += tell
    if tell or planned.details:
        event.updated_at = now
    return tell


def _save_series(old: EventSeries, plan: Plan, now: datetime) -> EventSeries:
    """The series with its new pattern and details, or the new one that was split from it."""
    series = old
    if plan.ended is not None:
        EventSeries.objects.filter(pk=old.pk).update(config=plan.ended.as_json())
        texts = {name: getattr(old, name) for name in DETAILS}
        series = EventSeries(clinic=old.clinic, follows=old, created_at=now, **texts)
    if plan.config is not None:
        series.config = plan.config.as_json()
    for name, value in plan.details.items():
        setattr(series, name, value)
    series.full_clean()
    series.save()
    return series


def _weeks(events: list[ClinicEvent], now: datetime) -> int:
    """As far ahead as there are events already, so that no gaps are left among them."""
    furthest = max((event.starts_at - now for event in events), default=timedelta(0))
    return min(max(WEEKS, furthest.days // 7 + 1), MOST_WEEKS)
