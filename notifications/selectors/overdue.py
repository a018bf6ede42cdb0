"""How late the longest waiting work of each kind is, for the checks, the metrics and the first page of staff.

Each is one query of a partial index of what is unfinished: however many messages there ever were, it costs the same.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Min, QuerySet

from notifications.models import (
    Delivery,
    EventRecord,
    InboundMessage,
    ListenerCall,
    Notification,
    PeriodicRun,
    Work,
)


def overdue_delivery(*, now: datetime) -> float:
    """Seconds by which the longest waiting delivery is late; 0 when none is. So are those below."""
    return _overdue(Delivery, now)


def overdue_publication(*, now: datetime) -> float:
    return _overdue(EventRecord, now)


def overdue_listener_call(*, now: datetime) -> float:
    return _overdue(ListenerCall, now)


def overdue_slot(*, now: datetime) -> float:
    return _overdue(PeriodicRun, now)


def overdue_inbound_sms(*, now: datetime) -> float:
    return _overdue(InboundMessage, now)


def overdue_scheduled(*, now: datetime) -> float:
    pending = Notification.objects.filter(scheduled_status=Notification.Status.PENDING, scheduled_at__lte=now)
    return _since(pending, "scheduled_at", now)


OVERDUE: dict[str, Callable[..., float]] = {
    "delivery": overdue_delivery,
    "publication": overdue_publication,
    "listener_call": overdue_listener_call,
    "scheduled_message": overdue_scheduled,
    "inbound_sms": overdue_inbound_sms,
    "periodic_slot": overdue_slot,
}


def oldest_overdue(*, now: datetime) -> float:
    """Of all kinds."""
    return max(overdue(now=now) for overdue in OVERDUE.values())


def _overdue(model: type[Work], now: datetime) -> float:
    return _since(model._default_manager.filter(finished_at__isnull=True, due_at__lte=now), "due_at", now)


def _since(rows: QuerySet[Any], field: str, now: datetime) -> float:
    first = rows.aggregate(first=Min(field))["first"]
    return 0.0 if first is None else float((now - first).total_seconds())
