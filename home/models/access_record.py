"""That a member of staff looked at a patient's record."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from home.models.patient import Patient


class AccessRecord(models.Model):
    """One page about one patient; whoever comes back to it within `TOGETHER` is on the same row, with the last time.

    Rows are added by home/privacy/access_log.py, and never edited.
    """

    TOGETHER = timedelta(minutes=10)

    class Kind(models.TextChoices):
        LOOKED = "looked", _("looked at")
        LISTED = "listed", _("seen in a list")
        CHANGED = "changed", _("changed")
        EXPORTED = "exported", _("downloaded")
        PRINTED = "printed", _("printed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    patient = models.ForeignKey(
        Patient,
        on_delete=models.CASCADE,
        related_name="access_records",
        db_index=False,
        verbose_name=_("patient"),
    )
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    page = models.CharField(_("page"), max_length=60)
    path = models.CharField(_("address"), max_length=200)
    request_id = models.CharField(_("request"), max_length=64, blank=True, default="")
    slot = models.DateTimeField(editable=False)
    at = models.DateTimeField(_("when"))
    last_at = models.DateTimeField(_("last time"))

    class Meta:
        verbose_name = _("access record")
        verbose_name_plural = _("access records")
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "slot", "user", "kind", "path"], name="access_record_once"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="access_record_at")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.patient_id} {self.kind}"
