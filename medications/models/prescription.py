"""A prescription: the medicine that a patient takes, and from when until when."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.models import ClusterableModel

from medications.models.medicine import Medicine
from notifications.encryption.fields import EncryptedTextField


class StopReason(models.TextChoices):
    """Why a prescription was stopped before its time."""

    FINISHED = "finished", _("The course is finished")
    SIDE_EFFECT = "side_effect", _("Side effects")
    CHANGED = "changed", _("Changed to another medicine or dose")
    OTHER = "other", _("Another reason")


class Prescription(ClusterableModel):
    """One medicine for one patient. When its doses fall due is in its schedules.

    The dates are local to the patient, both included. `ended_at` is set when it is stopped before its time, with why
    and by whom where staff said so. `plan_from` is set when staff decided that a changed plan begins on the next day:
    until then the doses stay as they were. Instructions ("with food") are translated.

    Of one that `is_silent` no dose falls due: it came in from a file, and nobody has said yet that reminders start.

    `stock_due_at` is when its home supply is to be looked at next (selectors/looks.py), empty for the next time that
    somebody looks; whatever may bring a run-out nearer empties it (services/stock_looks.py).
    """

    objects: ClassVar[models.Manager["Prescription"]]  # of a base without types

    patient = models.ForeignKey(
        "home.Patient", on_delete=models.PROTECT, related_name="prescriptions", verbose_name=_("patient")
    )
    medicine = models.ForeignKey(
        Medicine, on_delete=models.PROTECT, related_name="prescriptions", verbose_name=_("medicine")
    )
    instructions = models.CharField(
        _("instructions"), max_length=200, default="", blank=True, help_text=_("For example: with food.")
    )
    prescriber = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("prescribed by"),
    )
    start_date = models.DateField(_("first day"))
    end_date = models.DateField(_("last day"), null=True, blank=True)
    ended_at = models.DateTimeField(_("stopped"), null=True, blank=True, editable=False)
    stop_reason = models.CharField(
        _("why it was stopped"), max_length=12, choices=StopReason, default="", blank=True, editable=False
    )
    stop_words = EncryptedTextField(_("why, in own words"), default="", blank=True, editable=False)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("stopped by"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    plan_from = models.DateField(null=True, blank=True, editable=False)
    reminders_enabled = models.BooleanField(_("send reminders"), default=True)
    is_silent = models.BooleanField(default=False, db_default=False, editable=False)
    stock_due_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("prescription")
        verbose_name_plural = _("prescriptions")
        constraints = [
            models.CheckConstraint(
                condition=Q(end_date__isnull=True) | Q(end_date__gte=F("start_date")),
                name="prescription_ends_after_start",
                violation_error_message=_("The last day must not be before the first."),
            ),
        ]
        indexes = [
            # Whose home supply is to be looked at: a run with nothing to do reads nothing else.
            models.Index(
                fields=["stock_due_at"], condition=Q(ended_at__isnull=True), name="prescription_stock_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.medicine}: {self.patient}"
