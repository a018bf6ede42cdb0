"""A browser that shows notices: where its push service is, and the keys that it reads them with."""

import hashlib

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.encryption.fields import EncryptedTextField, IndexOf


class PushSubscription(models.Model):
    """One browser of one person (Push API). Who subscribes there next takes it over: an endpoint is one browser."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions"
    )
    endpoint = EncryptedTextField(indexed=True)
    p256dh = EncryptedTextField()
    auth = EncryptedTextField()
    device = models.CharField(_("device"), max_length=60, default="", blank=True)
    created_at = models.DateTimeField(_("created"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    failures = models.PositiveSmallIntegerField(_("failed attempts"), default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    """Since when its service has refused everything for it; `refused_at` is the last time. Empty once it takes one."""
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("device for notifications")
        verbose_name_plural = _("devices for notifications")
        constraints = [models.UniqueConstraint(IndexOf("endpoint"), name="push_subscription_once")]
        indexes = [
            models.Index(
                fields=["failing_since"],
                condition=models.Q(failing_since__isnull=False),
                name="push_failing_since",
            ),
        ]

    @property
    def fingerprint(self) -> str:
        """By which a browser knows itself again, without its address standing in a page."""
        return hashlib.sha256(self.endpoint.encode()).hexdigest()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.device}"
