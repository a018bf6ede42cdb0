"""That a patient needs a call, as it was found; and when it was looked for."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from home.models.clinic import Clinic
from home.models.patient import Patient


class WorklistEntry(models.Model):
    """One reason (home/worklist/reasons.py) to call one patient, for as long as it holds.

    `facts` say why, without anybody's name or words. `found_at` is when it was found first, `happened_at` when it
    happened, where hours count. Rows are made anew from what the apps find: nothing is lost with them.
    """

    # Nobody looks for what refers to them.
    wagtail_reference_index_ignore = True

    patient = models.ForeignKey(
        Patient,
        on_delete=models.CASCADE,
        related_name="worklist_entries",
        db_index=False,
        verbose_name=_("patient"),
    )
    clinic = models.ForeignKey(
        Clinic, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("clinic")
    )
    reason = models.CharField(_("reason"), max_length=40)
    since = models.DateField(_("since"))
    facts = models.JSONField(default=dict)
    pressing = models.PositiveSmallIntegerField(_("pressing"))
    found_at = models.DateTimeField(_("found"))
    happened_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reason for a call")
        verbose_name_plural = _("who needs a call")
        constraints = [
            models.UniqueConstraint(fields=["patient", "reason"], name="worklist_entry_once"),
        ]
        indexes = [
            models.Index(fields=["clinic", "reason", "patient"], name="worklist_entry_clinic"),
        ]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.reason}"


class WorklistRefresh(models.Model):
    """Of when a clinic's list is, null where it was never made; and when somebody last began to make it.

    Whoever moves `begun_at` does it.
    """

    clinic = models.OneToOneField(Clinic, on_delete=models.CASCADE, primary_key=True, related_name="+")
    begun_at = models.DateTimeField(null=True)
    at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.clinic_id}: {self.at:%Y-%m-%d %H:%M}" if self.at else f"{self.clinic_id}"
