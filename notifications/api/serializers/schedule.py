"""A message for later. What may stand in each field is for `notifications.scheduling.request` to say."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from notifications.api.fields import Body, Moment, Number
from notifications.api.serializers.message import PRIORITIES
from notifications.models import Notification
from notifications.scheduling.request import MAX_ID, MAX_OBJECT_TYPE, MAX_RECIPIENTS, MAX_TITLE, MAX_TYPE

MAX_DELAY = 7 * 24 * 60
"""Minutes; a week."""


class ScheduleSerializer(serializers.Serializer):
    """For the document alone: the body goes to the scheduler as it came."""

    recipients = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID),
        min_length=1,
        max_length=MAX_RECIPIENTS,
        help_text="The ids of users.",
    )
    title = serializers.CharField(max_length=MAX_TITLE)
    message = serializers.CharField()
    scheduled_at = serializers.DateTimeField(help_text="ISO 8601 with an offset, in the future.")
    type = serializers.RegexField(r"^[-a-zA-Z0-9_]+$", max_length=MAX_TYPE, default="system")
    priority = serializers.ChoiceField(PRIORITIES, default="normal")
    related_object_type = serializers.CharField(
        max_length=MAX_OBJECT_TYPE, required=False, allow_blank=True, allow_null=True
    )
    related_object_id = serializers.IntegerField(
        min_value=1, max_value=MAX_ID, required=False, allow_null=True
    )
    data = serializers.DictField(required=False, allow_null=True)
    about = serializers.IntegerField(
        min_value=1,
        max_value=MAX_ID,
        required=False,
        allow_null=True,
        help_text="The id of the patient whom it is about; the recipients are people who care for this patient. Needed "
        "where one of them belongs to several of your clinics. Staff of the patient's clinic see the message.",
    )


class ScheduledSerializer(serializers.Serializer):
    notification_ids = serializers.ListField(
        child=serializers.IntegerField(), help_text="In the order of the recipients."
    )
    count = serializers.IntegerField()
    scheduled_at = Moment()


class ScheduleStatusSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    scheduled_at = Moment()
    scheduled_status = serializers.ChoiceField(Notification.Status.values)
    is_sent = serializers.BooleanField()
    sent_at = Moment(allow_null=True)
    created_at = Moment()


class RetrySerializer(Body):
    retry_delay_minutes = Number(min_value=0, max_value=MAX_DELAY, default=10)


class DoneSerializer(serializers.Serializer):
    message = serializers.CharField()
    notification_id = serializers.IntegerField()


def keywords(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body as arguments of `schedule_notification`; ValidationError for what is missing or unknown."""
    fields = ScheduleSerializer().fields
    errors = {name: [_("There is no such field.")] for name in sorted(body.keys() - fields.keys())}
    for name, field in fields.items():
        if field.required and name not in body:
            errors[name] = [_("This is required.")]
    if errors:
        raise serializers.ValidationError(errors)
    return {_KEYWORDS.get(name, name): value for name, value in body.items()}


_KEYWORDS = {"type": "notif_type"}
