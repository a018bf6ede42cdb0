"""How the providers of the SMS channel are."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SmsProvider(models.Model):
    """How one provider is, for all processes together. A provider that was never down may have no row yet.

    `down_since` is empty while it works. While it doesn't, it is left alone until `probe_at`; then a message tries it.
    `next_slot` (seconds since 1970) is when it may get its next message, so that its rate isn't exceeded.
    """

    name = models.CharField(_("provider"), max_length=40, unique=True)
    down_since = models.DateTimeField(_("down since"), null=True, blank=True)
    probe_at = models.DateTimeField(_("tried again"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, default="", blank=True)
    next_slot = models.FloatField(default=0.0)

    class Meta:
        verbose_name = _("SMS provider")
        verbose_name_plural = _("SMS providers")

    def __str__(self) -> str:
        return self.name
