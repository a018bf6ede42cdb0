"""That a patient was asked how a week went, and what was answered."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class WeeklyCheck(models.Model):
    """One row a patient and week (its Monday, on the patient's wall). An empty answer: none has come."""

    class Answer(models.TextChoices):
        WELL = "well", _("all is well")
        CALL = "call", _("call me")

    patient = models.ForeignKey(
        "home.Patient",
        on_delete=models.CASCADE,
        related_name="weekly_checks",
        db_index=False,  # what is unique about it begins with them
        verbose_name=_("patient"),
    )
    week = models.DateField(_("week"))
    asked_at = models.DateTimeField(_("asked"), db_index=True)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, blank=True, default="")
    call_wanted_by = models.JSONField(default=list, db_default=[], blank=True)
    """The ids of all who want a call. Empty with that answer in rows of before: whoever answered wants it."""
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("who"),
    )

    class Meta:
        verbose_name = _("weekly question")
        verbose_name_plural = _("weekly questions")
        constraints = [
            models.UniqueConstraint(fields=["patient", "week"], name="weekly_check_once"),
        ]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.week}"
