"""What was answered to a dose, one row an answer."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from medications.models.dose import Dose, SkipCode


class DoseAnswer(models.Model):
    """One answer to a dose, with who gave it and when. Answers are added and never changed.

    The dose has its state of now; the answers are how it came to be. `quantity` and `taken_at` are what was taken
    and when, `remind_at` when it was to be reminded of again; each is empty where it doesn't apply.
    """

    class Answer(models.TextChoices):
        TAKEN = "taken", _("taken")
        SKIPPED = "skipped", _("skipped")
        LATER = "later", pgettext_lazy("an answer", "later")
        UNDONE = "undone", _("taken back")

    dose = models.ForeignKey(Dose, on_delete=models.CASCADE, related_name="answers", verbose_name=_("dose"))
    answer = models.CharField(_("answer"), max_length=10, choices=Answer)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("who"),
    )
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=3, null=True, blank=True)
    skip_code = models.CharField(_("reason"), max_length=16, choices=SkipCode, default="", blank=True)
    skip_reason = models.CharField(_("reason in own words"), max_length=200, default="", blank=True)
    over_limit = models.BooleanField(_("taken all the same"), default=False)
    remind_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("answer to a dose")
        verbose_name_plural = _("answers to doses")

    def __str__(self) -> str:
        return f"{self.dose_id}: {self.answer}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Answers are added and never changed.")
        super().save(*args, **kwargs)
