"""Change one event, it and all that follow, or all that are ahead: first as a plan, then for good, by the same code."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from events.models import ClinicEvent, EventSeries
from events.services.changes.apply import carry_out
from events.services.changes.details import check_details
from events.services.changes.plan import Change, Plan, Scope, plan_event
from events.services.changes.series_plan import plan_series


def plan_change(*, event_id: int, scope: Scope, change: Change, now: datetime) -> Plan:
    """What a change from this event on would do and who would be told. Nothing is written.

    EventRefusedError says by field what can't be. An event of no series stands alone, whatever the scope.
    """
    return _plan(event_id, scope, change, now, ClinicEvent.objects.all(), EventSeries.objects.all())


def change_apply(*, event_id: int, scope: Scope, change: Change, now: datetime) -> Plan:
    """Do it; what was done and who is told, which may be more than was planned a while ago. Raises as `plan_change`."""
    with transaction.atomic():
        plan = _plan(event_id, scope, change, now, *_held())
        carry_out(plan, now=now)
    return plan


def plan_series_change(*, series_id: int, change: Change, now: datetime) -> Plan:
    """What a change of a series would do to all that is ahead. Nothing is written. Raises as `plan_change`."""
    return _plan_all(series_id, change, now, ClinicEvent.objects.all(), EventSeries.objects.all())


def series_update(*, series_id: int, change: Change, now: datetime) -> Plan:
    """Change a series and all of it that is ahead; what was done and who is told. Raises as `plan_change`.

    An event that was changed by itself keeps what it was given.
    """
    with transaction.atomic():
        plan = _plan_all(series_id, change, now, *_held())
        carry_out(plan, now=now)
    return plan


def _held() -> tuple[QuerySet[ClinicEvent], QuerySet[EventSeries]]:
    """Series first, then events in the order of their ids, as everybody locks them."""
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
