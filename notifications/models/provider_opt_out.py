"""That somebody told a provider itself to send them nothing more."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ProviderOptOut(models.Model):
    """One a person, channel and provider, for as long as the channel is off because of it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="provider_opt_outs",
        verbose_name=_("person"),
        db_index=False,
    )
    channel = models.CharField(_("channel"), max_length=20)
    provider = models.CharField(_("provider"), max_length=40)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("stopped with a provider")
        verbose_name_plural = _("stopped with a provider")
        constraints = [
            models.UniqueConstraint(fields=["user", "channel", "provider"], name="provider_opt_out_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.channel} {self.provider}"
