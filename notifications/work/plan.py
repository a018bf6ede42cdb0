"""The steps of a message's plan while they wait: which is held back, which is brought forward, and when it all ends."""

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction
from django.db.models import F, Q, QuerySet

from notifications.models import Delivery, Notification
from notifications.rules.plans import Progress, Stage, Turn, held_back
from notifications.types import IN_APP, Lane, Reason
from notifications.work.wakeups import Wakeup, wake_on_commit

logger = logging.getLogger(__name__)

_STAGES = {
    Delivery.State.PENDING: Stage.WAITING,
    Delivery.State.SENDING: Stage.IN_HAND,
    Delivery.State.RETRY: Stage.RETRYING,
    Delivery.State.SENT: Stage.SENT,
    Delivery.State.DELIVERED: Stage.ARRIVED,
}


class _Routed(Protocol):
    @property
    def routing(self) -> list[dict[str, Any]]: ...
    @property
    def valid_until(self) -> datetime | None: ...


class Claimed(Protocol):
    """What has to be known of a claimed delivery, a `Delivery` or what was read of one."""

    @property
    def pk(self) -> int: ...
    @property
    def channel(self) -> str: ...
    @property
    def step(self) -> int | None: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def notification_id(self) -> int: ...
    @property
    def notification(self) -> _Routed: ...


_WAITING = Q(finished_at__isnull=True, lease_owner="", step__isnull=False)
"""Steps that nobody has in their hands."""


def back(rows: Sequence[Claimed], *, now: datetime) -> dict[int, Reason | datetime]:
    """Those of these claimed deliveries whose turn it isn't, by id: why they are never sent, or when to look again.

    Of each message all that was made of it is looked at as it is at this moment. Two queries.
    """
    rows = [row for row in rows if row.step is not None]
    seen = _seen({row.notification_id for row in rows})
    progress = _under_way({row.notification_id for row in rows if _goes_several_ways(row)}, now)
    found: dict[int, Reason | datetime] = {}
    for row in rows:
        if row.notification_id not in progress and row.notification_id not in seen:
            continue  # it is the only one, as most are
        others = [each for id_, each in progress[row.notification_id].items() if id_ != row.pk]
        try:
            verdict = held_back(_turn(row), others, seen=row.notification_id in seen, now=now)
        except (KeyError, TypeError, ValueError):
            # It goes as if nothing came before it, rather than not at all.
            logger.exception("The plan of message %(id)s can't be read.", {"id": row.notification_id})
            continue
        if verdict is not None:
            found[row.pk] = verdict
    return found


def _seen(message_ids: Collection[int]) -> set[int]:
    """Those of these messages that their readers have read, or done anything else with."""
    messages = Notification.objects.filter(
        Q(read_at__isnull=False) | Q(acknowledged_at__isnull=False) | Q(dismissed_at__isnull=False),
        pk__any_of=message_ids,
    )
    return set(messages.order_by().values_list("pk", flat=True))


def _under_way(message_ids: Collection[int], now: datetime) -> dict[int, dict[int, Progress]]:
    """What was made of each of these messages, by the ids of its deliveries."""
    progress: dict[int, dict[int, Progress]] = defaultdict(dict)
    rows = Delivery.objects.filter(notification_id__any_of=message_ids).order_by()
    for id_, message_id, step, state, sent_at, lease_until, due_at, lane in rows.values_list(
        "id", "notification_id", "step", "state", "sent_at", "lease_until", "due_at", "lane"
    ):
        waits = state == Delivery.State.PENDING and lane != Lane.HELD.value
        stage = _stage(state, lease_until, now)
        progress[message_id][id_] = Progress(step, stage, sent_at, due_at if waits else None)
    return progress


def advance(delivery_ids: Collection[int], *, now: datetime) -> int:
    """Bring forward what follows these deliveries, which won't reach anybody; how many steps that is.

    What waits for the end of quiet hours or for the e-mail time of day waits on. Three queries at most.
    """
    failed = Delivery.objects.filter(id__any_of=delivery_ids, step__isnull=False).order_by()
    following = set(failed.values_list("notification_id", F("step") + 1))
    steps = Delivery.objects.filter(notification_id__any_of={message_id for message_id, _step in following})
    rows = steps.order_by().values_list("id", "notification_id", "step", "channel")
    channel_of = {id_: channel for id_, message_id, step, channel in rows if (message_id, step) in following}
    if not channel_of:
        return 0
    waiting = Delivery.objects.filter(_WAITING, id__any_of=channel_of.keys(), due_at__gt=now)
    with transaction.atomic():
        brought = waiting.exclude(lane=Lane.HELD.value).update(due_at=now)
        for channel in sorted(set(channel_of.values())) if brought else ():
            wake_on_commit(Wakeup.DELIVER, channel)
    return brought


def end(message_ids: Collection[int], *, now: datetime) -> int:
    """Call off the steps of these messages that wait, because their reader has read or answered them; how many."""
    waiting: QuerySet[Any] = Delivery.objects.filter(_WAITING, notification_id__any_of=message_ids)
    return waiting.update(state=Delivery.State.CANCELLED, reason=Reason.REACHED, finished_at=now, error="")


def _goes_several_ways(row: Claimed) -> bool:
    return (
        sum(1 for each in row.notification.routing if each.get("send") and each.get("channel") != IN_APP) > 1
    )


def _stage(state: str, lease_until: datetime | None, now: datetime) -> Stage:
    stage = _STAGES.get(Delivery.State(state), Stage.OVER)
    if stage is Stage.IN_HAND and (lease_until is None or lease_until <= now):
        return Stage.RETRYING  # whoever had it died
    return stage


def _turn(row: Claimed) -> Turn:
    """As the routing of its message says it."""
    decision: dict[str, Any] = next(
        (each for each in row.notification.routing if each["channel"] == row.channel), {}
    )
    send_at = decision.get("send_at")
    planned = datetime.fromisoformat(send_at) if send_at else row.due_at
    return Turn(
        row.step or 0, decision.get("minutes", 0), planned, row.due_at, ends=row.notification.valid_until
    )
