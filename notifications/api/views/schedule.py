"""Messages for later: schedule, look up, call off, try again."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from notifications.api import access
from notifications.api.idempotency import HEADER, MAX_LENGTH, PRINTABLE, REPLAYED, idempotency_key
from notifications.api.openapi import documented
from notifications.api.serializers.schedule import (
    DoneSerializer,
    RetrySerializer,
    ScheduledSerializer,
    ScheduleSerializer,
    ScheduleStatusSerializer,
    keywords,
)
from notifications.api.views.base import Call, MessageCall
from notifications.models import Notification
from notifications.scheduler import NotificationScheduler
from notifications.scheduling.request import is_id
from notifications.types import About

TAG = "Scheduling"
_AT = "2026-12-28T10:00:00Z"
_scheduler = NotificationScheduler()


class Schedule(Call):
    throttle_scope = "schedule"

    @documented(
        "message_schedule",
        "Schedule a message",
        ScheduledSerializer,
        status=201,
        example={"notification_ids": [41, 42], "count": 2, "scheduled_at": _AT},
        asks=ScheduleSerializer,
        asks_example={
            "recipients": [1, 2],
            "title": "Bring your clinic card",
            "message": "We meet at ten, in the hall.",
            "scheduled_at": _AT,
            "type": "system",
            "priority": "high",
            "related_object_type": "meeting",
            "related_object_id": 123,
            "data": {"room": "hall"},
        },
        problems=(403, 404, 422),
        tag=TAG,
        parameters=(
            OpenApiParameter(
                HEADER,
                {"type": "string", "pattern": f"^{PRINTABLE}$", "maxLength": MAX_LENGTH},
                location=OpenApiParameter.HEADER,
                description="A name of your own for this request. Sent again, it gives the same answer and "
                f"schedules nothing; the answer has `{REPLAYED}: true` then. With another body it is refused.",
            ),
        ),
    )
    def post(self, request: Request) -> Response:
        """For yourself or, with the permission, for the people of your clinics' patients. All are scheduled or none."""
        key = idempotency_key(request)
        asked = keywords(request.data)
        about = asked.pop("about", None)
        about_people = _about_people(request.user, about)
        _check_may_tell(request.user, asked["recipients"])
        done = _scheduler.schedule(
            **asked,
            idempotency_key=key,
            scheduled_by=request.user.pk,
            about_people=about_people,
            also="" if about is None else str(about),
        )
        answer = {
            "notification_ids": done.notification_ids,
            "count": len(done.notification_ids),
            "scheduled_at": done.scheduled_at,
        }
        headers = {} if done.new else {REPLAYED: "true"}
        return Response(ScheduledSerializer(answer).data, status=201, headers=headers)


class ScheduledMessage(MessageCall):
    """A message that waits, or waited."""

    def find(self, user: Any, message_id: int) -> Notification:
        return access.in_reach(user, message_id)


class CancelScheduled(ScheduledMessage):
    @documented(
        "message_cancel",
        "Call a message off",
        DoneSerializer,
        example={"message": "The message has been cancelled.", "notification_id": 41},
        problems=(400, 404, 413),
        tag=TAG,
    )
    def delete(self, request: Request, notification_id: int) -> Response:
        """Only while it waits to be sent (400 otherwise)."""
        if not _scheduler.cancel_scheduled(notification_id=self.message.pk):
            raise ValidationError({"detail": _("This message is no longer waiting to be sent.")})
        return _done(_("The message has been cancelled."), self.message)


class ScheduleStatus(ScheduledMessage):
    @documented(
        "message_schedule_status",
        "Look a scheduled message up",
        ScheduleStatusSerializer,
        example={
            "id": 41,
            "title": "Bring your clinic card",
            "scheduled_at": _AT,
            "scheduled_status": "pending",
            "is_sent": False,
            "sent_at": None,
            "created_at": "2026-11-24T06:00:00Z",
        },
        problems=(404,),
        tag=TAG,
    )
    def get(self, request: Request, notification_id: int) -> Response:
        found = _scheduler.get_schedule_status(notification_id=self.message.pk)
        if found is None:
            raise NotFound
        return Response(ScheduleStatusSerializer(found).data)


class Retry(ScheduledMessage):
    @documented(
        "message_retry",
        "Try a failed message again",
        DoneSerializer,
        example={"message": "The message is being sent again.", "notification_id": 41},
        asks=RetrySerializer,
        asks_example={"retry_delay_minutes": 10},
        problems=(403, 404),
        tag=TAG,
    )
    def post(self, request: Request, notification_id: int) -> Response:
        """Send its failed deliveries again after so many minutes. For those who may schedule for others."""
        body = RetrySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        if not access.acts_for_others(request.user):
            raise PermissionDenied(_("You may not send messages again."))
        if not _scheduler.retry_failed_notification(notification_id=self.message.pk, **body.validated_data):
            raise ValidationError(
                {"detail": _("This message has no failed delivery that can be tried again.")}
            )
        return _done(_("The message is being sent again."), self.message)


def _check_may_tell(user: Any, recipients: Any) -> None:
    """403 for whoever may tell only themselves. What is no list of ids is left to the scheduler, which refuses it."""
    given = recipients if isinstance(recipients, list) else []
    if any(is_id(each) and each != user.pk for each in given) and not access.acts_for_others(user):
        raise PermissionDenied(_("You may not schedule messages for others."))


def _about_people(user: Any, subject_id: Any) -> Callable[[Collection[int]], Mapping[int, About]]:
    """What the message to each of the others is about; what people tell themselves is about nobody."""
    if subject_id is not None and not is_id(subject_id):
        raise ValidationError({"about": [_("This must be a whole number.")]})

    def about(user_ids: Collection[int]) -> Mapping[int, About]:
        return access.about_recipients(user, set(user_ids) - {user.pk}, subject_id)

    return about


def _done(said: str, message: Notification) -> Response:
    return Response(DoneSerializer({"message": said, "notification_id": message.pk}).data)
