"""The order of the channels where staff want another one than the usual."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models.notification import CategoryChoices
from notifications.rules import plans


class RoutingPlan(models.Model):
    """By which channels, in which order, the messages of a category go; only where it isn't the usual plan.

    `steps` are a list of a channel and the minutes that it waits for the one before.
    """

    category = models.CharField(_("category"), max_length=20, choices=CategoryChoices)
    steps = models.JSONField(_("steps"))

    class Meta:
        verbose_name = _("order of the channels")
        verbose_name_plural = _("orders of the channels")
        constraints = [models.UniqueConstraint(fields=["category"], name="routing_plan_once_per_category")]

    def __str__(self) -> str:
        return self.get_category_display()

    @property
    def plan(self) -> plans.Plan:
        """ValueError where what is stored is none."""
        return plans.read(self.steps)
