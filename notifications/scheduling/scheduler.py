"""Messages for a later time, in words that the caller brings: schedule, look up, cancel, send, try again.

A scheduled message is a notification that is still pending. There is no other table and no other sender.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from notifications.exceptions import KeyUsedError, ScheduleError, UnknownRecipientsError
from notifications.models import Delivery, EventRecord, Notification
from notifications.pipeline import insert
from notifications.pipeline.fan_out import FanOut, spread
from notifications.pipeline.insert import Common, NewMessage, Own
from notifications.pipeline.retention import KEEP_CANCELLED
from notifications.scheduling import sending
from notifications.scheduling.dead_letters import revive_deliveries, revive_messages
from notifications.scheduling.request import ScheduleRequest, check, usual_priority
from notifications.texts.direct import direct_type
from notifications.types import ABOUT_NOBODY, About

RECORD = "notification.scheduled"
"""The event type under which each request is logged, with what it answered."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The answer to a request; `new` is off when its key had been used before, and this is the first one's."""

    notification_ids: list[int]
    scheduled_at: datetime
    new: bool


class NotificationScheduler:
    """Stateless; every call is its own transaction."""

    def schedule_notification(
        self,
        *,
        recipients: Iterable[int],
        title: str,
        message: str,
        scheduled_at: str | datetime,
        notif_type: str = "system",
        priority: str = "normal",
        related_object_type: str = "",
        related_object_id: int | None = None,
        data: Mapping[str, Any] | None = None,
        idempotency_key: str = "",
        scheduled_by: int | None = None,
        about: Mapping[int, About] | None = None,
    ) -> list[int]:
        """Schedule one message for 1 to 10,000 people, given by user id; the ids of the notifications, in that order.

        `scheduled_at` is in the future, an aware datetime or ISO 8601 with an offset. The same `idempotency_key` of
        the same `scheduled_by` (a user id) gives the first call's ids again and schedules nothing; with another request
        it raises KeyUsedError (a ValueError). `about` says for each person what their message is about, which decides
        which staff see it: head office alone where it says nothing. Raises ScheduleError (a ValueError) naming every
        malformed field, and UnknownRecipientsError when somebody doesn't exist; then nothing is scheduled.
        """
        return self.schedule(
            recipients=recipients,
            title=title,
            message=message,
            scheduled_at=scheduled_at,
            notif_type=notif_type,
            priority=usual_priority(priority),
            related_object_type=related_object_type,
            related_object_id=related_object_id,
            data=data,
            idempotency_key=idempotency_key,
            scheduled_by=scheduled_by,
            about_people=lambda _user_ids: about or {},
        ).notification_ids

    def schedule(
        self,
        *,
        idempotency_key: str = "",
        scheduled_by: int | None = None,
        about_people: Callable[[Collection[int]], Mapping[int, About]],
        also: str = "",
        **asked: Any,
    ) -> Scheduled:
        """As `schedule_notification`, for who wants to know more than the ids.

        `about_people` is asked for `about` once it is known that nothing is malformed and the request is a new one.
        `also` is what else tells the request from another one with its key.
        """
        key = _dedupe_key(idempotency_key, scheduled_by)
        if key and (known := EventRecord.objects.filter(event_type=RECORD, dedupe_key=key).first()):
            return _answer_again(known, asked, also)
        now = timezone.now()
        request = check(**asked, now=now)
        about = about_people(request.recipients)
        with transaction.atomic():
            record, new = _log(request, key, scheduled_by, now, also)
            if not new:
                return _answer_again(record, asked, also)
            _check_people(request.recipients)
            record.payload["notification_ids"] = _write(request, about, record.pk, now)
            record.save(update_fields=["payload"])
        return _answer(record, new=True)

    def cancel_scheduled(self, *, notification_id: int) -> bool:
        """Call off a message that still waits; False when there is none. It is kept for a month."""
        waiting = Notification.objects.filter(
            id=notification_id, scheduled_status=Notification.Status.PENDING
        )
        return bool(
            waiting.update(
                scheduled_status=Notification.Status.CANCELLED, delete_at=timezone.now() + KEEP_CANCELLED
            )
        )

    def get_pending_notifications(self) -> QuerySet[Notification]:
        """What is due and hasn't been sent yet, most urgent first."""
        return sending.due(timezone.now())

    def send_scheduled_notification(self, *, notification_id: int) -> bool:
        """Send a waiting message now, even before its time; True for the one caller who did."""
        done = FanOut()
        with transaction.atomic():
            sent = sending.send_one(notification_id, now=timezone.now(), done=done)
            transaction.on_commit(lambda: spread(done))
        return sent

    def get_schedule_status(self, *, notification_id: int) -> dict[str, Any] | None:
        """How far it has come; None when there is no such notification. Times are aware."""
        fields = ("id", "title", "scheduled_at", "scheduled_status", "sent_at", "created_at")
        row = Notification.objects.filter(id=notification_id).values(*fields).first()
        if row is None:
            return None
        return {**row, "is_sent": row["scheduled_status"] == Notification.Status.SENT}

    def retry_failed_notification(self, *, notification_id: int, retry_delay_minutes: int = 10) -> bool:
        """Try a failed message again after so many minutes, or those of its deliveries that failed.

        False when nothing of it failed, or it will be of no use by then. Raises ValueError for a delay that is
        negative or longer than a week.
        """
        if not isinstance(retry_delay_minutes, int) or not 0 <= retry_delay_minutes <= 7 * 24 * 60:
            raise ValueError("retry_delay_minutes: 0 to 10080 is possible.")
        due_at = timezone.now() + timedelta(minutes=retry_delay_minutes)
        one = Notification.objects.filter(id=notification_id)
        with transaction.atomic():
            revived = revive_messages(one, due_at=due_at)
            deliveries = Delivery.objects.filter(notification_id=notification_id)
            revived += revive_deliveries(deliveries, due_at=due_at)
        return bool(revived)


def _answer(record: EventRecord, *, new: bool) -> Scheduled:
    return Scheduled(record.payload["notification_ids"], record.due_at, new)


def _answer_again(record: EventRecord, asked: Mapping[str, Any], also: str) -> Scheduled:
    """The answer of the first time, to the same request. Raises KeyUsedError for another one."""
    before = record.payload.get("fingerprint")
    try:
        # As it was then: its moment may have passed since.
        again = check(**asked, now=record.created_at).fingerprint(also)
    except ScheduleError:
        again = ""
    if before is not None and again != before:
        raise KeyUsedError(_("This key was used for another request. Take a new key for a new request."))
    return _answer(record, new=False)


def _dedupe_key(idempotency_key: str, scheduled_by: int | None) -> str:
    """Of a fixed length, whatever the caller's is."""
    if not idempotency_key:
        return ""
    return f"{scheduled_by or 0}:{sha256(idempotency_key.encode()).hexdigest()}"


def _log(
    request: ScheduleRequest, key: str, scheduled_by: int | None, now: datetime, also: str
) -> tuple[EventRecord, bool]:
    """The record of this request, and whether it is new. A second one with its key waits here for the first."""
    fields = {
        "payload": {
            "scheduled_by": scheduled_by,
            "scheduled_at": request.scheduled_at.isoformat(),
            "fingerprint": request.fingerprint(also),
        },
        "priority": request.priority,
        "state": EventRecord.State.PROCESSED,
        "recipients": len(request.recipients),
        "due_at": request.scheduled_at,
        "created_at": now,
        "finished_at": now,
        "delete_at": _delete_at(request),
    }
    if not key:
        return EventRecord.objects.create(event_type=RECORD, **fields), True
    return EventRecord.objects.get_or_create(event_type=RECORD, dedupe_key=key, defaults=fields)


def _check_people(user_ids: Iterable[int]) -> None:
    wanted = set(user_ids)
    users = get_user_model()._default_manager.filter(id__any_of=wanted)
    missing = wanted - set(users.values_list("id", flat=True))
    if missing:
        # Not which of them: who may not know of a person must not learn it here.
        raise UnknownRecipientsError({"recipients": [_("Some of these people don't exist.")]})


def _write(request: ScheduleRequest, about: Mapping[int, About], record_id: int, now: datetime) -> list[int]:
    event_type = direct_type(request.notif_type, request.priority)
    common = Common(
        event_type=event_type.name,
        category=event_type.category.value,
        priority=int(request.priority),
        language=settings.LANGUAGE_CODE,  # until it is known who reads it
        title=request.title,
        body=request.message,
        related_object_type=request.related_object_type,
        in_inbox=True,
        require_acknowledgment=False,
        routing="[]",
        scheduled_at=request.scheduled_at,
        scheduled_status=Notification.Status.PENDING.value,
        valid_until=None,
        created_at=now,
        sent_at=None,
        delete_at=_delete_at(request),
    )
    key = f"scheduled:{record_id:012d}"
    return insert.insert(
        [
            NewMessage(
                Own(
                    user_id,
                    record_id,
                    key,
                    "",
                    request.data,
                    request.related_object_id,
                    concern.scope_id,
                    concern.subject_id,
                ),
                common,
                (),
                (),
            )
            for user_id in request.recipients
            for concern in [about.get(user_id, ABOUT_NOBODY)]
        ]
    )


def _delete_at(request: ScheduleRequest) -> datetime:
    return request.scheduled_at + direct_type(request.notif_type, request.priority).retention
