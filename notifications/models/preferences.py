"""What a person asked for: language, clock, quiet hours and channels."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.languages.listed import choices
from notifications.models.notification import CategoryChoices
from notifications.signals import preferences_given
from notifications.timezones import validate_timezone
from notifications.types import Detail, EmailTime


class EmailTimeChoices(models.TextChoices):
    IMMEDIATE = EmailTime.IMMEDIATE.value, _("Right away")
    MORNING = EmailTime.MORNING.value, _("In the morning, at 08:00")
    AFTERNOON = EmailTime.AFTERNOON.value, _("In the afternoon, at 14:00")
    EVENING = EmailTime.EVENING.value, _("In the evening, at 20:00")


class DetailChoices(models.TextChoices):
    DISCREET = Detail.DISCREET.value, _("Discreet: “You have a reminder from your clinic”")
    DETAILED = Detail.DETAILED.value, _("Detailed: with the name of the medicine")


class NotificationPreferences(models.Model):
    """One row a person, made when they first choose something; whoever has none gets these defaults."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_preferences"
    )
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    message_language = models.CharField(
        _("messages in another language"),
        max_length=10,
        choices=choices,
        default="",
        db_default="",
        blank=True,
    )
    """Empty is that of pages, which also stands in where this one is off."""
    timezone = models.CharField(
        _("time zone"), max_length=64, default=settings.TIME_ZONE, validators=[validate_timezone]
    )
    quiet_hours_enabled = models.BooleanField(_("quiet hours"), default=False)
    quiet_hours_start = models.TimeField(pgettext_lazy("quiet hours", "from"), default="22:00")
    quiet_hours_end = models.TimeField(pgettext_lazy("quiet hours", "until"), default="06:00")
    email_time = models.CharField(
        _("when e-mail may come"), max_length=10, choices=EmailTimeChoices, default=EmailTimeChoices.IMMEDIATE
    )
    email_enabled = models.BooleanField(_("e-mail"), default=True)
    sms_enabled = models.BooleanField(_("SMS"), default=True)
    push_enabled = models.BooleanField(_("notifications on the phone"), default=True)
    whatsapp_enabled = models.BooleanField(_("WhatsApp"), default=True, db_default=True)
    voice_enabled = models.BooleanField(_("phone calls"), default=False, db_default=False)
    calls_at_night = models.BooleanField(
        _("also call me at night when it can’t wait"), default=False, db_default=False
    )
    paused_until = models.DateField(_("start again on"), null=True, blank=True)
    detail = models.CharField(
        _("what others may see"), max_length=10, choices=DetailChoices, default=DetailChoices.DISCREET
    )

    class Meta:
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.language}"

    def clean(self) -> None:
        if self.quiet_hours_enabled and self.quiet_hours_start == self.quiet_hours_end:
            raise ValidationError(
                {"quiet_hours_end": _("Quiet hours cannot start and end at the same time.")}
            )


_KNOWN_AS = {
    "email_enabled": "email_notifications_enabled",
    "sms_enabled": "sms_notifications_enabled",
    "push_enabled": "push_notifications_enabled",
    "whatsapp_enabled": "whatsapp_notifications_enabled",
    "voice_enabled": "voice_notifications_enabled",
    "email_time": "email_time_preference",
    "detail": "message_detail",
}
"""What other programs call these fields."""


def _renamed(error: ValidationError) -> ValidationError:
    return ValidationError({_KNOWN_AS.get(field, field): said for field, said in error.error_dict.items()})


def _known_as(field: str) -> property:
    """The field under another name, by which it is also said whether a channel is wanted."""

    def get(self: "UserNotificationPreferences") -> Any:
        return getattr(self, field)

    def put(self: "UserNotificationPreferences", value: Any) -> None:
        setattr(self, field, value)
        self.said.add(field)

    return property(get, put)


class UserNotificationPreferences(NotificationPreferences):
    """The preferences under the names that other programs know, as REST has them. Saving is what the person would do on
    their page: a channel that is set to on or off here is agreed to or withdrawn.
    """

    email_notifications_enabled = _known_as("email_enabled")
    sms_notifications_enabled = _known_as("sms_enabled")
    push_notifications_enabled = _known_as("push_enabled")
    whatsapp_notifications_enabled = _known_as("whatsapp_enabled")
    voice_notifications_enabled = _known_as("voice_enabled")
    email_time_preference = _known_as("email_time")
    message_detail = _known_as("detail")

    class Meta:
        proxy = True
        default_permissions = ()

    @cached_property
    def said(self) -> set[str]:
        """The fields that were set by the names that others know."""
        return set()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises ValidationError by field, and then nothing is changed."""
        names = [
            field.attname for field in self._meta.concrete_fields if field.attname not in ("id", "user_id")
        ]
        only = kwargs.get("update_fields")
        values = {name: getattr(self, name) for name in names if only is None or name in only}
        with transaction.atomic():
            if self._state.adding:
                # Who is second here is refused, which `get_or_create` expects.
                NotificationPreferences.objects.create(user_id=self.user_id)
            try:
                preferences_given.send(type(self), user_id=self.user_id, values=values, said=self.said)
            except ValidationError as error:
                raise _renamed(error) from error
        self.pk = type(self).objects.values_list("pk", flat=True).get(user_id=self.user_id)
        self._state.adding = False
        self.refresh_from_db()
        self.said.clear()


class ChannelChoice(models.Model):
    """On or off by one channel, for one type of message or for all others of its category, where `event_type` is empty;
    only where it differs from what would be so without it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="channel_choices", db_index=False
    )
    category = models.CharField(max_length=20, choices=CategoryChoices)
    event_type = models.CharField(max_length=64, default="", db_default="", blank=True)
    channel = models.CharField(max_length=20)
    on = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "category", "event_type", "channel"], name="channel_choice_once"
            ),
        ]

    def __str__(self) -> str:
        about = self.event_type or self.category
        return f"{self.user_id}: {about} {self.channel} {'on' if self.on else 'off'}"
