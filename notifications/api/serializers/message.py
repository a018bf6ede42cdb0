"""A message, as its reader's programs see it."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from notifications.api.fields import Moment
from notifications.languages.listed import of_page
from notifications.models import Delivery, Notification
from notifications.types import Category, Priority, Reason

PRIORITIES = [priority.name.lower() for priority in Priority]


class MessageSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    type = serializers.CharField(help_text="`medication.low_stock`, or as scheduled.")
    category = serializers.ChoiceField([category.value for category in Category])
    title = serializers.CharField()
    message = serializers.CharField()
    priority = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="The page about it.")
    data = serializers.DictField()
    is_read = serializers.BooleanField()
    read_at = Moment(allow_null=True)
    require_acknowledgment = serializers.BooleanField()
    acknowledged_at = Moment(allow_null=True)
    dismissed_at = Moment(allow_null=True)
    created_at = Moment()
    sent_at = Moment(allow_null=True)
    scheduled_at = Moment()
    scheduled_status = serializers.ChoiceField(Notification.Status.values)

    @extend_schema_field(serializers.ChoiceField(PRIORITIES))
    def get_priority(self, message: Notification) -> str:
        return Priority(message.priority).name.lower()

    @extend_schema_field(serializers.URLField())
    def get_url(self, message: Notification) -> str:
        return f"{settings.BASE_URL}/{of_page(message.language)}{message.path or '/inbox/'}"


class RoutingSerializer(serializers.Serializer):
    """What was decided for a channel, why, and what became of it there."""

    channel = serializers.CharField(help_text="`in_app` is the inbox.")
    send = serializers.BooleanField()
    reason = serializers.ChoiceField([reason.value for reason in Reason])
    send_at = Moment(allow_null=True, help_text="When it is to be sent; null means at once.")
    state = serializers.ChoiceField(
        Delivery.State.values,
        allow_null=True,
        help_text="Null for the inbox, and for channels that were not used.",
    )
    step = serializers.IntegerField(
        allow_null=True,
        help_text="Its place in the order of the channels, from 0; null goes whatever the others do. A later one is "
        "not sent when the message was read by then, or arrived another way.",
    )
    minutes = serializers.IntegerField(help_text="How long it waits after the step before.")
    wanted_language = serializers.CharField(
        required=False,
        help_text="With the first channel alone: the language that the person wanted, where the message is in another.",
    )


class RoutedMessageSerializer(MessageSerializer):
    routing = serializers.SerializerMethodField()

    @extend_schema_field(RoutingSerializer(many=True))
    def get_routing(self, message: Notification) -> list[dict[str, Any]]:
        states = dict(message.deliveries.values_list("channel", "state"))
        return [
            {"step": None, "minutes": 0, **decision, "state": states.get(decision["channel"])}
            for decision in message.routing
        ]
