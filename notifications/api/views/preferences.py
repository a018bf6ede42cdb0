"""What a person chose, and how they change it."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from notifications import gate, registry
from notifications.api.openapi import documented
from notifications.api.serializers.preferences import PreferencesSerializer, renamed
from notifications.api.views.base import Call
from notifications.languages.listed import PAGES
from notifications.models import NotificationPreferences
from notifications.preferences.choices import choice_set, choices
from notifications.preferences.settings import preferences_update
from notifications.selectors.people import SWITCHES

TAG = "Preferences"
EXAMPLE = {
    "email_notifications_enabled": True,
    "sms_notifications_enabled": True,
    "push_notifications_enabled": True,
    "whatsapp_notifications_enabled": True,
    "voice_notifications_enabled": False,
    "email_time_preference": "immediate",
    "quiet_hours_enabled": True,
    "quiet_hours_start": "22:00",
    "quiet_hours_end": "06:00",
    "language": PAGES[-1],
    "message_language": "",
    "timezone": "Africa/Johannesburg",
    "paused_until": None,
    "message_detail": "discreet",
    "choices": {"stock": {"in_app": True, "email": False}, "medication.expiring": {"email": True}},
}


class Preferences(Call):
    @documented(
        "preferences_get", "Look at your preferences", PreferencesSerializer, example=EXAMPLE, tag=TAG
    )
    def get(self, request: Request) -> Response:
        """Of whoever chose nothing yet, the defaults. Of `choices` each category, and each event type that has another
        one than its category.
        """
        return _answer(request.user.pk)

    @documented(
        "preferences_put",
        "Change your preferences",
        PreferencesSerializer,
        example=EXAMPLE,
        asks=PreferencesSerializer(partial=True),
        asks_example=EXAMPLE,
        tag=TAG,
    )
    def put(self, request: Request) -> Response:
        """The same as PATCH: what is not given stays as it is, with each of the `choices` too."""
        return self.patch(request)

    @documented(
        "preferences_patch",
        "Change some of your preferences",
        PreferencesSerializer,
        example=EXAMPLE,
        asks=PreferencesSerializer(partial=True),
        asks_example={"quiet_hours_enabled": True, "choices": {"stock": {"email": False}}},
        tag=TAG,
    )
    def patch(self, request: Request) -> Response:
        """All of it is changed or nothing."""
        body = PreferencesSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        changes = dict(body.validated_data)
        _change(request.user.pk, chosen=changes.pop("choices", {}), fields=changes)
        return _answer(request.user.pk)


def _change(user_id: int, *, chosen: Mapping[str, Mapping[str, bool]], fields: Mapping[str, Any]) -> None:
    with transaction.atomic():
        try:
            preferences_update(user_id=user_id, changes=fields, now=timezone.now())
        except ValidationError as error:
            raise renamed(error) from error
        try:
            # The categories first: what is chosen for a type is compared with its category's, whichever came first.
            for about in sorted(chosen, key=lambda about: registry.find(about) is not None):
                for channel, on in chosen[about].items():
                    choice_set(user_id=user_id, about=about, channel=channel, on=on)
        except ValidationError as error:
            raise ValidationError({"choices": error}) from error


def _answer(user_id: int) -> Response:
    found = NotificationPreferences.objects.filter(user_id=user_id).first()
    row = found or NotificationPreferences(user_id=user_id)
    for name in gate.not_agreed(user_id, SWITCHES):
        setattr(row, SWITCHES[name], False)  # as good as off
    grid: dict[str, dict[str, bool]] = {}
    for choice in choices(user_id):
        if choice.event_type is None or choice.own:
            grid.setdefault(choice.about, {})[choice.channel] = choice.on
    row.choices = grid  # type: ignore[attr-defined] # what the serializer looks for
    return Response(PreferencesSerializer(row).data)
