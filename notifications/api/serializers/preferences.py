"""A person's preferences, under the names that this interface gives them."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import serializers

from notifications.api.fields import Body, ClockTime, Day, Flag, OneOf, Text
from notifications.languages.listed import PAGES, of_messages
from notifications.types import Detail, EmailTime

EMAIL_TIMES = [each.value for each in EmailTime]
DETAILS = [each.value for each in Detail]


class Choices(serializers.DictField):
    """{category or event type: {channel: on}}. Which there are is for `notifications.preferences.choices` to say."""

    child = serializers.DictField(child=Flag())

    def to_internal_value(self, data: Any) -> dict[str, dict[str, bool]]:
        if not isinstance(data, Mapping) or not all(_is_row(row) for row in data.values()):
            raise serializers.ValidationError(_("Write {category: {channel: true or false}}."))
        return {about: dict(row) for about, row in data.items()}


class PreferencesSerializer(Body):
    email_notifications_enabled = Flag(source="email_enabled")
    sms_notifications_enabled = Flag(source="sms_enabled")
    push_notifications_enabled = Flag(source="push_enabled")
    whatsapp_notifications_enabled = Flag(source="whatsapp_enabled")
    voice_notifications_enabled = Flag(source="voice_enabled", help_text="Phone calls.")
    email_time_preference = OneOf(EMAIL_TIMES, source="email_time")
    quiet_hours_enabled = Flag()
    quiet_hours_start = ClockTime()
    quiet_hours_end = ClockTime()
    language = OneOf(PAGES)
    message_language = OneOf(
        ("", *of_messages()), help_text="Of messages, if it isn't that of pages: empty is."
    )
    timezone = Text(help_text="An IANA name.")
    paused_until = Day(allow_null=True, help_text="Until the morning of this day; null ends the pause.")
    message_detail = OneOf(DETAILS, source="detail")
    choices = Choices(
        help_text="By category, or by event type, which goes before its category. Only what is given is changed."
    )


def renamed(error: ValidationError) -> ValidationError:
    """An error of the model, with the fields under the names that the caller knows."""
    if not hasattr(error, "error_dict"):
        return error
    names = {field.source or name: name for name, field in PreferencesSerializer().fields.items()}
    return ValidationError({names.get(field, field): said for field, said in error.error_dict.items()})


def _is_row(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(isinstance(on, bool) for on in value.values())
