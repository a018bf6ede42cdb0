"""Messages that were written beforehand and whose time has come.

They need no lease: all that happens to them happens in the database, in one transaction that holds them. Two workers
pass over each other's rows, and a worker that dies leaves them as they were.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from notifications.database_errors import AWAY
from notifications.models import Notification
from notifications.pipeline import insert
from notifications.pipeline.compose import compose
from notifications.pipeline.fan_out import FanOut, spread
from notifications.pipeline.insert import Common, NewMessage
from notifications.texts.direct import direct_type
from notifications.types import IN_APP, About, Priority, Reason, Recipient
from notifications.work.leases import said_of
from notifications.work.periodic import periodic_task
from notifications.work.sweep import Unfinished, one_worker, register
from notifications.work.wakeups import Wakeup, wake

logger = logging.getLogger(__name__)

CHUNK = 500
"""Messages a transaction: few, so that several workers share what falls due at one minute."""
_NOBODY_THERE = [
    {"channel": IN_APP, "send": False, "reason": Reason.GONE.value, "send_at": None},
]

_Key = tuple[int, str]


def due(now: datetime) -> QuerySet[Notification]:
    """What waits and should be out by `now` (aware), most urgent first."""
    waiting = Notification.objects.filter(scheduled_status=Notification.Status.PENDING, scheduled_at__lte=now)
    return waiting.order_by("-priority", "scheduled_at", "id")


def more_than_a_chunk(*, now: datetime) -> bool:
    """Whether there is enough for more than one worker."""
    return due(now).order_by()[: CHUNK + 1].count() > CHUNK


def send_due(*, now: datetime, done: FanOut) -> int:
    """Send the next of what is due; how many rows were dealt with, 0 when there are none that nobody else has."""
    return len(_send(due(now)[:CHUNK], now, done))


def send_and_spread(*, now: datetime) -> bool:
    """`send_due`, and let everybody know; whether there was anything to do."""
    done = FanOut()
    sent = send_due(now=now, done=done)
    spread(done)
    return sent > 0


def send_one(notification_id: int, *, now: datetime, done: FanOut) -> bool:
    """Send this one, also before its time; False when it doesn't wait, or another worker has it."""
    one = Notification.objects.filter(id=notification_id, scheduled_status=Notification.Status.PENDING)
    return _send(one, now, done).get(notification_id) == Notification.Status.SENT


def _send(waiting: QuerySet[Notification], now: datetime, done: FanOut) -> dict[int, str]:
    """What became of each row that could be had, by its id."""
    with transaction.atomic():
        return _try(list(waiting.select_for_update(skip_locked=True)), now, done)


def _try(taken: Sequence[Notification], now: datetime, done: FanOut) -> dict[int, str]:
    try:
        with transaction.atomic():
            return _send_rows(taken, now, done)
    except AWAY:
        raise  # the database is away, which no row is to blame for: the sweep comes back to them
    except Exception as error:
        if len(taken) > 1:
            # One of them is bad: each by itself, so that it takes no other with it.
            return {id_: status for row in taken for id_, status in _try([row], now, done).items()}
        row = taken[0]
        logger.exception("Scheduled message %(notification)s failed.", {"notification": row.pk})
        Notification.objects.filter(pk=row.pk).update(
            scheduled_status=Notification.Status.FAILED,
            failures=F("failures") + 1,
            error=said_of(error),
        )
        return {row.pk: Notification.Status.FAILED}


def _send_rows(taken: Sequence[Notification], now: datetime, done: FanOut) -> dict[int, str]:
    composed = _compose(taken, now)
    messages = {row.pk: _truly(composed[_key(row)]) for row in taken if _key(row) in composed}
    insert.add_deliveries(messages)
    alike: dict[Common, list[int]] = defaultdict(list)
    for id_, message in messages.items():
        alike[message.common._replace(title="", body="", related_object_type="")].append(id_)
    for common, ids in alike.items():
        Notification.objects.filter(id__any_of=set(ids)).update(
            scheduled_status=common.scheduled_status,
            sent_at=common.sent_at,
            language=common.language,
            in_inbox=common.in_inbox,
            routing=json.loads(common.routing),
            error="",
            **({} if common.sent_at else {"failures": 0}),
        )
    gone = {row.pk for row in taken} - messages.keys()
    if gone:
        Notification.objects.filter(id__any_of=gone).update(
            scheduled_status=Notification.Status.CANCELLED, routing=_NOBODY_THERE
        )
    done.user_ids.update(message.own.recipient_id for message in messages.values())
    done.channels.update(delivery.channel for message in messages.values() for delivery in message.deliveries)
    statuses = {id_: message.common.scheduled_status for id_, message in messages.items()}
    return {**statuses, **dict.fromkeys(gone, Notification.Status.CANCELLED.value)}


def _truly(message: NewMessage) -> NewMessage:
    """What its reader wants by no channel, or what none can carry, was not sent: its routing says why."""
    if message.deliveries or message.common.in_inbox:
        return message
    return message._replace(
        common=message.common._replace(scheduled_status=Notification.Status.FAILED.value, sent_at=None)
    )


def _compose(taken: Sequence[Notification], now: datetime) -> dict[_Key, NewMessage]:
    """The messages of those who are still there, by person and key."""
    kinds: dict[tuple[str, int, bool], list[Notification]] = defaultdict(list)
    for row in taken:
        kinds[row.event_type, row.priority, row.require_acknowledgment].append(row)
    composed = {}
    for (name, priority, acknowledge), group in kinds.items():
        event_type = direct_type(name, Priority(priority), require_acknowledgment=acknowledge)
        for message in compose(event_type, [_recipient(row) for row in group], now=now):
            composed[message.own.recipient_id, message.own.dedupe_key] = message
    return composed


def _key(row: Notification) -> _Key:
    return row.recipient_id, row.dedupe_key


def _recipient(row: Notification) -> Recipient:
    return Recipient(
        row.event_record_id,
        row.recipient_id,
        {"title": row.title, "message": row.body},
        row.dedupe_key,
        path=row.path,
        data=row.data,
        related_object_type=row.related_object_type,
        related_object_id=row.related_object_id,
        valid_until=row.valid_until,
        about=About(row.scope_id, row.subject_id),
    )


@periodic_task("Scheduled notifications", cron="* * * * *", label=gettext_lazy("Send scheduled messages"))
def begin_with_this_minute(slot: datetime) -> str:
    """Begin with the scheduled messages of this minute."""
    waiting = due(timezone.now()).count()
    if waiting:
        wake(Wakeup.SEND_SCHEDULED)
    return f"{waiting} due"


register(Unfinished(Wakeup.SEND_SCHEDULED, one_worker(lambda now: due(now).exists())))
