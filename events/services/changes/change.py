"""Change one event, it and all that follow, or all that are ahead: first as a plan, then for good, by the same code."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from events.models import ClinicEvent, EventSeries
from events.services.changes.apply import apply
from events.services.changes.details import check_details
from events.services.changes.plan import Applied, Change, Plan, Scope, plan_event
from events.services.changes.series_plan import plan_series


def plan_change(*, event_id: int, scope: Scope, change: Change, now: datetime) -> Plan:
    """What a change from this event on would do, and who would be notified. Nothing is written.

    EventRefusedError says by field what is refused. An event of no series is changed alone, whatever the scope.
    """
    return _plan(event_id, scope, change, now, ClinicEvent.objects.all(), EventSeries.objects.all())


def change_apply(*, event_id: int, scope: Scope, change: Change, now: datetime) -> Applied:
    """Make the change. More may change than was planned a while ago. Raises as `plan_change`."""
    with transaction.atomic():
        return apply(_plan(event_id, scope, change, now, *_locked()), now=now)


def plan_series_change(*, series_id: int, change: Change, now: datetime) -> Plan:
    """What a change of a series would do to all events ahead. Nothing is written. Raises as `plan_change`."""
    return _plan_all(series_id, change, now, ClinicEvent.objects.all(), EventSeries.objects.all())


def series_update(*, series_id: int, change: Change, now: datetime) -> Applied:
    """Change a series and all of its events that are ahead. Raises as `plan_change`.

    An event that was changed by itself keeps what it was given.
    """
    with transaction.atomic():
        return apply(_plan_all(series_id, change, now, *_locked()), now=now)


def _locked() -> tuple[QuerySet[ClinicEvent], QuerySet[EventSeries]]:
    """Always locked in one order: the series first, then its events in the order of their ids."""
    return (
        ClinicEvent.objects.select_for_update(of=("self",)),
        EventSeries.objects.select_for_update(of=("self",)),
    )


def _plan(
    event_id: int,
    scope: Scope,
    change: Change,
    now: datetime,
    events: QuerySet[ClinicEvent],
    all_series: QuerySet[EventSeries],
) -> Plan:
    check_details(change.details)
    series_id = ClinicEvent.objects.values_list("series_id", flat=True).get(id=event_id)
    if scope == Scope.THIS or series_id is None:
        return plan_event(events.get(id=event_id), change, now=now)
    series = all_series.select_related("clinic").get(id=series_id)
    chosen = ClinicEvent.objects.get(id=event_id, series=series)
    return plan_series(series, change, scope=scope, rows=events, chosen=chosen, now=now)


def _plan_all(
    series_id: int,
    change: Change,
    now: datetime,
    events: QuerySet[ClinicEvent],
    all_series: QuerySet[EventSeries],
) -> Plan:
    check_details(change.details)
    series = all_series.select_related("clinic").get(id=series_id)
    return plan_series(series, change, scope=Scope.ALL, rows=events, chosen=None, now=now)
