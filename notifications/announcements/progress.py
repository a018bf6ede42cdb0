"""How far an announcement has come, and what became of it by each channel, from its rows."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from notifications.announcements.acts import deliveries_of, in_hand, messages_of
from notifications.announcements.recurring import next_date, zone_of
from notifications.channels import registry as channels
from notifications.models import Announcement, Delivery, EventRecord
from notifications.types import Reason


class Stage(StrEnum):
    TEMPLATE = "template"
    DRAFT = "draft"
    ASKED = "asked"
    SENT_BACK = "sent_back"
    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(slots=True)
class Outcome:
    """What became of the deliveries of one channel. `cost` is in rand, of those whose price is known."""

    name: str
    waiting: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    not_needed: int = 0
    stopped: int = 0
    withheld: int = 0
    parts: int = 0
    cost: Decimal = Decimal(0)


@dataclass(slots=True)
class Progress:
    """`people` have it in their inbox, or would but for their choice; `read` have read it there. `reasons` are those
    why deliveries weren't made.
    """

    stage: Stage
    people: int = 0
    read: int = 0
    channels: list[Outcome] = field(default_factory=list)
    reasons: Counter[tuple[str, Reason]] = field(default_factory=Counter)

    @property
    def waiting(self) -> int:
        return sum(each.waiting for each in self.channels)

    @property
    def all(self) -> int:
        return self.waiting + self.done

    @property
    def done(self) -> int:
        return sum(
            each.sent + each.failed + each.not_needed + each.stopped + each.withheld for each in self.channels
        )

    @property
    def moves(self) -> bool:
        """Whether it will be further in a moment."""
        return self.stage in (Stage.SENDING, Stage.STOPPING)


def progress(announcement: Announcement, *, now: datetime) -> Progress:
    """As the rows have it. Five queries."""
    if announcement.begun_at is not None:
        return Progress(stage_of_recurring(announcement, now=now, zone=zone_of(announcement)))
    found = Progress(_before(announcement))
    record: EventRecord | None = announcement.event_record
    if record is None:
        return found
    messages = messages_of(announcement).aggregate(
        people=Count("pk"), read=Count("pk", filter=Q(read_at__isnull=False))
    )
    found.people, found.read = messages["people"], messages["read"]
    deliveries = deliveries_of(announcement)
    found.channels = outcomes(deliveries).get((), [])
    found.reasons = reasons(deliveries)
    found.stage = _stage(announcement, record, found, now)
    return found


def stage_of_recurring(announcement: Announcement, *, now: datetime, zone: str) -> Stage:
    """Of one that has begun, whose days and hours are of that zone; its dates have stages of their own."""
    if announcement.stopped_at is not None:
        return Stage.STOPPED
    return Stage.RUNNING if next_date(announcement, now, zone) else Stage.ENDED


def _before(announcement: Announcement) -> Stage:
    if announcement.is_template:
        return Stage.TEMPLATE
    if announcement.live:
        return Stage.SENT  # so long ago that nothing else is kept of it
    state = announcement.current_workflow_state
    if state is None:
        return Stage.DRAFT
    return Stage.ASKED if state.status == state.STATUS_IN_PROGRESS else Stage.SENT_BACK


def _stage(announcement: Announcement, record: EventRecord, found: Progress, now: datetime) -> Stage:
    if announcement.stopped_at is not None:
        return Stage.STOPPING if in_hand(announcement, now=now) else Stage.STOPPED
    match record.state:
        case EventRecord.State.FAILED:
            return Stage.FAILED
        case EventRecord.State.PENDING:
            return Stage.PLANNED if record.due_at > now else Stage.SENDING
        case EventRecord.State.CANCELLED:
            return Stage.STOPPED
    return Stage.SENDING if found.waiting else Stage.SENT


def outcomes(deliveries: QuerySet[Any], *by: str) -> dict[tuple[Any, ...], list[Outcome]]:
    """What became of these deliveries by each channel, apart for each of the values `by` which they are told apart.
    One query.
    """
    order = list(channels.outside())
    found: dict[tuple[Any, ...], list[Outcome]] = {}
    for row in deliveries.order_by().values("channel", *by).annotate(**_COUNTS):
        counts = {name: row[name] or 0 for name in _COUNTS}
        outcome = Outcome(row["channel"], **counts | {"cost": row["cost"] or Decimal(0)})
        found.setdefault(tuple(row[name] for name in by), []).append(outcome)
    for theirs in found.values():
        theirs.sort(
            key=lambda each: (order.index(each.name) if each.name in order else len(order), each.name)
        )
    return found


def reasons(deliveries: QuerySet[Any]) -> Counter[tuple[str, Reason]]:
    """Why some of these weren't made, by channel. One query."""
    rows = deliveries.filter(finished_at__isnull=False).exclude(reason="")
    counted = rows.order_by().values("channel", "reason").annotate(count=Count("pk"))
    return Counter(
        {
            (channel, Reason(reason)): count
            for channel, reason, count in counted.values_list("channel", "reason", "count")
        }
    )


_STATE = Delivery.State
_OVER = Q(finished_at__isnull=False)
_COUNTS = {
    "waiting": Count("pk", filter=~_OVER),
    "sent": Count("pk", filter=Q(state__in=[_STATE.SENT, _STATE.DELIVERED])),
    "delivered": Count("pk", filter=Q(delivered_at__isnull=False)),
    "read": Count("pk", filter=Q(read_at__isnull=False)),
    "failed": Count("pk", filter=Q(state=_STATE.FAILED)),
    "not_needed": Count("pk", filter=Q(reason=Reason.REACHED)),
    "stopped": Count("pk", filter=Q(reason=Reason.STOPPED)),
    "withheld": Count(
        "pk",
        filter=Q(state__in=[_STATE.CANCELLED, _STATE.EXPIRED])
        & ~Q(reason__in=[Reason.REACHED, Reason.STOPPED]),
    ),
    "parts": Sum("parts"),
    "cost": Sum("cost"),
}
"""What is counted of the deliveries of a channel, by the names of `Outcome`."""
