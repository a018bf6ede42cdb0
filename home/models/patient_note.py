"""A note on a patient's page, as staff wrote it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from home.models.patient import Patient
from notifications.encryption.fields import EncryptedTextField


class PatientNote(models.Model):
    """Never edited: what is wrong in one is put right by a further one."""

    LONGEST = 2000

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="notes", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField()
    text = EncryptedTextField(_("note"))

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["patient", "-at"], name="patient_note_latest")]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.at:%Y-%m-%d %H:%M}"
