"""A person's own messages: read them, and say what became of them."""

import re
from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from notifications.api import access
from notifications.api.openapi import documented
from notifications.api.pagination import MessagePages
from notifications.api.serializers.message import MessageSerializer, RoutedMessageSerializer
from notifications.api.views.base import Call, MessageCall
from notifications.models import Notification
from notifications.replies import reading
from notifications.selectors import inbox as selectors

TAG = "Messages"
EXAMPLE = {
    "id": 17,
    "type": "medication.low_stock",
    "category": "stock",
    "title": "Metformin runs out in 5 days",
    "message": "Your Metformin 500 mg lasts until 29 November 2026.",
    "priority": "high",
    "url": "https://clinic.example.org/en/medicines/",
    "data": {},
    "is_read": False,
    "read_at": None,
    "require_acknowledgment": False,
    "acknowledged_at": None,
    "dismissed_at": None,
    "created_at": "2026-11-24T06:00:00Z",
    "sent_at": "2026-11-24T06:00:00Z",
    "scheduled_at": "2026-11-24T06:00:00Z",
    "scheduled_status": "sent",
}
_USUAL_STEP = {"send_at": None, "step": None, "minutes": 0}
_ROUTING = [
    {"channel": "in_app", "send": True, "reason": "default", "state": None, **_USUAL_STEP},
    {"channel": "email", "send": False, "reason": "no_address", "state": None, **_USUAL_STEP},
]
_TYPE = re.compile(r"[-a-zA-Z0-9_.]{1,64}")


class Messages(Call):
    pagination_class = MessagePages  # for the document too

    @documented(
        "messages_list",
        "List your messages",
        MessageSerializer(many=True),
        example=EXAMPLE,
        problems=(400,),
        tag=TAG,
        parameters=(
            OpenApiParameter("status", enum=list(selectors.STATUSES)),
            OpenApiParameter(
                "type",
                {"type": "string", "pattern": f"^{_TYPE.pattern}$"},
                description="A category, as `medication`, or a type, as `medication.low_stock`.",
            ),
        ),
    )
    def get(self, request: Request) -> Response:
        """Your inbox, newest first. Without a `status`: the messages that you have not dismissed."""
        pages = self.pagination_class()
        page = pages.paginate_queryset(_wanted(request), request, self)
        return pages.get_paginated_response(MessageSerializer(page, many=True).data)


class Message(MessageCall):
    def find(self, user: Any, message_id: int) -> Notification:
        return access.own(user, message_id)

    @documented(
        "message_get",
        "Look at a message",
        RoutedMessageSerializer,
        example={**EXAMPLE, "routing": _ROUTING},
        problems=(404,),
        tag=TAG,
    )
    def get(self, request: Request, notification_id: int) -> Response:
        """With `routing`: why each channel was or was not used. This does not mark it as read."""
        return Response(RoutedMessageSerializer(self.message).data)


class _Answer(MessageCall):
    """What a person does with a message that has come. Doing it twice changes nothing."""

    act: Callable[..., bool]

    def find(self, user: Any, message_id: int) -> Notification:
        return get_object_or_404(selectors.received(user.pk), pk=message_id)

    def answer(self, request: Request) -> Response:
        type(self).act(message_id=self.message.pk, user_id=request.user.pk, now=timezone.now())
        return Response(MessageSerializer(self.find(request.user, self.message.pk)).data)


class MarkRead(_Answer):
    act = reading.message_read

    @documented(
        "message_mark_read",
        "Mark a message as read",
        MessageSerializer,
        example={**EXAMPLE, "is_read": True, "read_at": "2026-11-24T06:05:00Z"},
        problems=(404, 413),
        tag=TAG,
    )
    def post(self, request: Request, notification_id: int) -> Response:
        return self.answer(request)


class Acknowledge(_Answer):
    act = reading.message_acknowledge

    @documented(
        "message_acknowledge",
        "Acknowledge a message",
        MessageSerializer,
        example={
            **EXAMPLE,
            "is_read": True,
            "read_at": "2026-11-24T06:05:00Z",
            "acknowledged_at": "2026-11-24T06:05:00Z",
        },
        problems=(404, 413),
        tag=TAG,
    )
    def post(self, request: Request, notification_id: int) -> Response:
        """Confirm that you have read and understood it. This also marks it as read."""
        return self.answer(request)


class Dismiss(_Answer):
    act = reading.message_dismiss

    @documented(
        "message_dismiss",
        "Put a message away",
        MessageSerializer,
        example={**EXAMPLE, "dismissed_at": "2026-11-24T06:05:00Z"},
        problems=(404, 413),
        tag=TAG,
    )
    def post(self, request: Request, notification_id: int) -> Response:
        return self.answer(request)


class MarkAllRead(Call):
    @documented(
        "messages_mark_all_read",
        "Mark all messages as read",
        inline_serializer("AllRead", {"count": serializers.IntegerField(help_text="How many were unread.")}),
        example={"count": 3},
        problems=(413,),
        tag=TAG,
    )
    def post(self, request: Request) -> Response:
        now = timezone.now()
        return Response({"count": reading.messages_read_all(user_id=request.user.pk, until=now, now=now)})


def _wanted(request: Request) -> Any:
    status = request.query_params.get("status")
    kind = request.query_params.get("type", "")
    if status is not None and status not in selectors.STATUSES:
        names = ", ".join(selectors.STATUSES)
        raise ValidationError({"status": [_("This must be one of {names}.").format(names=names)]})
    if kind and not _TYPE.fullmatch(kind):
        raise ValidationError({"type": [_("There is no such type.")]})
    if status == "all":
        messages = selectors.received(request.user.pk)
    else:
        messages = selectors.inbox(request.user.pk, status=status or "all")
    messages = messages.defer("routing")
    return messages.filter(Q(category=kind) | Q(event_type=kind)) if kind else messages
