"""What became of each message of a series by each channel, from the rows that are still kept."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Right

from notifications.announcements.progress import Outcome, outcomes, reasons
from notifications.event_types import ANNOUNCEMENT, PLACE_DIGITS, series_key
from notifications.models import Delivery, EventRecord, MessageSeries, Notification
from notifications.types import Reason


@dataclass(slots=True)
class StepReport:
    """One message, by its place: how often it came to an inbox, and was read there."""

    place: int
    people: int = 0
    read: int = 0
    channels: list[Outcome] = field(default_factory=list)


@dataclass(slots=True)
class SeriesReport:
    steps: list[StepReport]
    reasons: Counter[tuple[str, Reason]] = field(default_factory=Counter)


def report(series: MessageSeries) -> SeriesReport:
    """Three queries, however many messages it has."""
    messages = messages_of(series)
    found = SeriesReport([StepReport(place) for place in range(len(series.steps))])
    by_place = messages.annotate(place=Right("dedupe_key", PLACE_DIGITS)).values("place")
    counted = by_place.annotate(people=Count("pk"), seen=Count("pk", filter=Q(read_at__isnull=False)))
    for row in counted:
        step = found.steps[int(row["place"])]
        step.people, step.read = row["people"], row["seen"]
    deliveries = Delivery.objects.filter(notification__in=messages).order_by()
    placed = deliveries.annotate(place=Right("notification__dedupe_key", PLACE_DIGITS))
    for (place,), channels in outcomes(placed, "place").items():
        found.steps[int(place)].channels = channels
    found.reasons = reasons(deliveries)
    return found


def messages_of(series: MessageSeries) -> QuerySet[Any]:
    """The messages that it has become, in no order."""
    records = EventRecord.objects.filter(event_type=ANNOUNCEMENT, dedupe_key__startswith=series_key(series))
    rows = Notification.objects.filter(event_type=ANNOUNCEMENT, event_record_id__in=records.values("pk"))
    return rows.order_by()
