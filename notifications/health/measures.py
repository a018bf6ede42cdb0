"""What the rows say of how the work goes: for the checks and for the metrics.

However many messages there ever were, each of these costs no more than what is unfinished, or was finished within the
hour: they read the partial indexes of unfinished work and of texts that are still kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet

from notifications.channels import breaker
from notifications.channels.voice.providers import AMONG_OTHERS
from notifications.channels.whatsapp.sending import provider_name
from notifications.models import ConsumerHeartbeat, Delivery

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
