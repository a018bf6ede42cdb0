"""What messages cost, summed: these rows stay when the messages are deleted."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models.notification import CategoryChoices

NOBODYS = 0
"""The `scope_id` of what belongs to no part of the world. To a database two empty ones wouldn't be the same."""


class Spending(models.Model):
    """What one scope spent in one month of its zone, on one category, by one channel. Only added to.

    `unpriced` counts those of its messages whose price nobody knows; they add nothing to `cost`, which is in rand.
    """

    class Kind(models.TextChoices):
        """What isn't of a category of messages."""

        REPLY = "reply", _("Replies")
        ACCOUNT = "account", _("Codes and invitations")

    scope_id = models.BigIntegerField(default=NOBODYS)
    month = models.DateField(_("month"))
    category = models.CharField(_("about"), max_length=20, choices=[*CategoryChoices.choices, *Kind.choices])
    channel = models.CharField(_("channel"), max_length=20)
    messages = models.PositiveIntegerField(_("messages"), default=0)
    parts = models.PositiveIntegerField(_("parts"), default=0)
    unpriced = models.PositiveIntegerField(_("without a price"), default=0)
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=4, default=0)

    class Meta:
        verbose_name = _("cost of messages")
        verbose_name_plural = _("costs of messages")
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "month", "category", "channel"], name="spending_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope_id} {self.month:%Y-%m} {self.category} {self.channel}"


class SpendingMonth(models.Model):
    """A month of a scope with a budget. Whoever lets messages go on it locks the row, so that no two do at once."""

    scope_id = models.BigIntegerField()
    month = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope_id", "month"], name="spending_month_once")]

    def __str__(self) -> str:
        return f"{self.scope_id} {self.month:%Y-%m}"
