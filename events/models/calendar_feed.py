"""The address under which a person's calendar app finds their events."""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def new_key() -> str:
    """256 random bits for the address. Anybody who knows it may read the calendar."""
    return secrets.token_urlsafe(32)


class CalendarFeed(models.Model):
    """The feed of a person who asked for one. `key` is the secret in its address; with a new one the old address ends.

    `digest` is that of the content last sent, and `changed_at` (aware) when that content was sent first. It is the
    Last-Modified of the response, since the content also changes with a preference, and with time alone.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="calendar_feed",
        verbose_name=_("person"),
    )
    key = models.CharField(max_length=64, unique=True, default=new_key, editable=False)
    digest = models.CharField(max_length=64, default="", editable=False)
    changed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self) -> str:
        return f"{self.user_id}"
