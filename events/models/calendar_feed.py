"""The address under which a person's calendar app finds their events."""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def new_key() -> str:
    """256 random bits, as the address has them. Whoever knows it may read."""
    return secrets.token_urlsafe(32)


class CalendarFeed(models.Model):
    """One for each person who wanted it. `key` is the secret of its address; another one makes the old address none.

    `digest` is of what was last given out, and `changed_at` (aware) when that was given out first: the answer's
    Last-Modified, since what it holds also changes by a preference, and by time alone.
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
