"""Addresses that nothing is sent to any more, because it came back or was unwanted."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.types import Reason


class Suppression(models.Model):
    """One a channel and address. Whoever it belongs to may have it tried again: then it has a `cleared_at`.

    The row stays, so that what was reported before that counts no more. `report` is the reporter's own name for what it
    reported, so that none counts twice.
    """

    class Kind(models.TextChoices):
        BOUNCED = Reason.BOUNCED.value, _("mail comes back")
        COMPLAINED = Reason.COMPLAINED.value, _("marked as unwanted")

    channel = models.CharField(_("channel"), max_length=20)
    address = models.CharField(_("address"), max_length=254)
    reason = models.CharField(_("reason"), max_length=20, choices=Kind)
    since = models.DateTimeField(_("since"))
    report = models.CharField(max_length=100, null=True, blank=True, unique=True)
    cleared_at = models.DateTimeField(_("tried again"), null=True, blank=True)

    class Meta:
        verbose_name = _("address that fails")
        verbose_name_plural = _("addresses that fail")
        constraints = [
            models.UniqueConstraint(fields=["address", "channel"], name="suppression_once"),
        ]
        indexes = [
            models.Index(fields=["since"], condition=Q(cleared_at=None), name="suppression_open"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.address}"
