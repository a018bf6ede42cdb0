"""Messages of the last two weeks: made by the engine from past publications, and dated back."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import F, OuterRef, Subquery

from notifications import registry
from notifications.models import Delivery, EventRecord, Notification
from notifications.pipeline import fan_out as engine
from notifications.pipeline.fan_out import FanOut
from notifications.types import EventType, Publication


@dataclass(frozen=True, slots=True)
class Past:
    """A publication of then; its dedupe key, if it has one, keeps the engine from publishing it again."""

    payload: Mapping[str, Any]
    at: datetime
    dedupe_key: str = ""


def tell(name: str, past: Sequence[Past]) -> list[int]:
    """Publish these events of one type, send their messages, and date all of it back; the ids of the messages.

    E-mails count as sent and are not sent any more. Recipients and relevance are decided now, so later events must
    not have been recorded yet.
    """
    event_type = registry.get(name)
    for each in past:
        registry.check_payload(event_type, each.payload)
    if not past:
        return []
    records = EventRecord.objects.bulk_create(
        EventRecord(
            event_type=name,
            payload=dict(each.payload),
            dedupe_key=each.dedupe_key,
            priority=event_type.priority,
            state=EventRecord.State.PROCESSED,
            created_at=each.at,
            due_at=each.at,
            finished_at=each.at,
            attempts=1,
            delete_at=each.at + event_type.retention,
        )
        for each in past
    )
    return _tell(event_type, records)


def tell_waiting(name: str, records: Sequence[EventRecord], *, at: datetime) -> list[int]:
    """Send the messages of waiting publications of one type, dated back to `at`; the ids of the messages."""
    if not records:
        return []
    event_type = registry.get(name)
    for record in records:
        record.created_at = record.due_at = record.finished_at = at
        record.delete_at = at + event_type.retention
        record.state = EventRecord.State.PROCESSED
        record.attempts = 1
    EventRecord.objects.bulk_update(
        records, ["created_at", "due_at", "finished_at", "delete_at", "state", "attempts"]
    )
    return _tell(event_type, records)


def read_most(message_ids: Iterable[int]) -> None:
    """Leave each person's newest unread, and an older one; the rest is read, and some of it dismissed."""
    messages = Notification.objects.filter(id__in=message_ids, in_inbox=True)
    in_order = messages.order_by("recipient_id", "-sent_at", "-id").values_list("recipient_id", "id")
    read: list[int] = []
    dismissed: list[int] = []
    for _, group in groupby(in_order, key=lambda row: row[0]):
        for age, (_, id_) in enumerate(group):
            if age >= 3 and age != 6:
                read.append(id_)
                if age % 5 == 4:
                    dismissed.append(id_)
    Notification.objects.filter(id__in=read).update(read_at=F("sent_at") + timedelta(minutes=4))
    Notification.objects.filter(id__in=dismissed).update(dismissed_at=F("sent_at") + timedelta(minutes=5))


def _tell(event_type: EventType, records: Sequence[EventRecord]) -> list[int]:
    # Written as of the oldest, so that none is too late; who is told as of the newest, so that none is too early.
    due = [record.due_at for record in records]
    oldest, newest = min(due), max(due)
    publications = [Publication(record.pk, record.payload) for record in records]
    recipients = list(event_type.recipients(publications, newest))
    told = Counter(recipient.event_record_id for recipient in recipients)
    for record in records:
        record.recipients = told[record.pk]
    EventRecord.objects.bulk_update(records, ["recipients"])
    ids = [id_ for chunk in engine.tell(event_type, recipients, now=oldest, done=FanOut()) for id_ in chunk]
    _date_back(ids)
    return ids


def _date_back(ids: Sequence[int]) -> None:
    """Give each message the time of its publication."""
    record = EventRecord.objects.filter(pk=OuterRef("event_record_id"))
    at = Subquery(record.values("due_at"))
    Notification.objects.filter(id__in=ids).update(
        scheduled_at=at, created_at=at, sent_at=at, delete_at=Subquery(record.values("delete_at"))
    )
    at = Subquery(Notification.objects.filter(pk=OuterRef("notification_id")).values("sent_at"))
    Delivery.objects.filter(notification__in=ids).update(
        state=Delivery.State.SENT, due_at=at, sent_at=at, finished_at=at, attempts=1, provider=F("channel")
    )
