"""What the rows say of how the work goes: for the checks and for the metrics.

However many messages there ever were, each of these costs no more than what is unfinished, or was finished within the
hour: they read the partial indexes of unfinished work and of texts that are still kept.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, Q, QuerySet

from notifications.channels import breaker
from notifications.channels.voice.providers import AMONG_OTHERS
from notifications.channels.whatsapp.sending import provider_name
from notifications.models import (
    ConsumerHeartbeat,
    Delivery,
    EventRecord,
    InboundMessage,
    ListenerCall,
    Notification,
    PeriodicRun,
    Work,
)

HEARTBEAT_WITHIN = 150
"""Seconds. The consumer beats every minute: two may be late, not three."""
LATELY = timedelta(hours=1)

Counts = Iterable[tuple[str, str, int]]
"""Channel, state, and how many deliveries."""


@dataclass(frozen=True, slots=True)
class Consumers:
    """How many gave a sign of life lately, and the seconds since the last of all did (None: never)."""

    alive: int
    silent_seconds: float | None


def consumers(*, now: datetime) -> Consumers:
    seen = ConsumerHeartbeat.objects.aggregate(
        last=Max("beat_at"),
        alive=Count("pk", filter=Q(beat_at__gt=now - timedelta(seconds=HEARTBEAT_WITHIN))),
    )
    silent = None if seen["last"] is None else max(0.0, (now - seen["last"]).total_seconds())
    return Consumers(seen["alive"], silent)


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


def unfinished_deliveries() -> Counts:
    return _counted(Delivery.objects.filter(finished_at__isnull=True))


def deliveries_finished_lately(*, now: datetime) -> Counts:
    """Those of the last hour. Each still has its text, by which the index finds it."""
    return _counted(Delivery.objects.filter(~Q(body=""), finished_at__gt=now - LATELY))


def providers() -> dict[tuple[str, str], bool]:
    """Whether each provider in use works, by what it is used for and its name. One query."""
    known_as = {("sms", name): name for name in settings.SMS_PROVIDERS}
    known_as |= {("voice", name): f"{AMONG_OTHERS}{name}" for name in settings.VOICE_PROVIDERS}
    if settings.WHATSAPP_PROVIDER:
        known_as["whatsapp", settings.WHATSAPP_PROVIDER] = provider_name()
    down = breaker.down(known_as.values())
    return {which: name not in down for which, name in known_as.items()}


def _counted(rows: QuerySet[Delivery]) -> Counts:
    return rows.order_by().values_list("channel", "state").annotate(count=Count("pk"))


def _overdue(model: type[Work], now: datetime) -> float:
    return _since(model._default_manager.filter(finished_at__isnull=True, due_at__lte=now), "due_at", now)


def _since(rows: QuerySet[Any], field: str, now: datetime) -> float:
    first = rows.aggregate(first=Min(field))["first"]
    return 0.0 if first is None else float((now - first).total_seconds())
