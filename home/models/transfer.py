"""A transfer: that one clinic asks another to take over a patient."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from home.models.clinic import Clinic
from home.models.patient import Patient
from notifications.encryption.fields import EncryptedTextField


class Transfer(models.Model):
    """Until it is accepted the patient stays where they are. One that nobody decides on ends after `LIFE`."""

    LIFE = timedelta(days=14)

    class State(models.TextChoices):
        ASKED = "asked", _("to be decided")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("nobody answered")

    patient = models.ForeignKey(
        Patient, on_delete=models.CASCADE, related_name="transfers", verbose_name=_("patient")
    )
    from_clinic = models.ForeignKey(
        Clinic, on_delete=models.PROTECT, related_name="+", verbose_name=_("from")
    )
    to_clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+", verbose_name=_("to"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    asked_at = models.DateTimeField(_("asked"))
    reason = EncryptedTextField(_("reason"), blank=True, default="")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(state="asked"), name="transfer_one_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], condition=Q(state="asked"), name="transfer_waiting")]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.from_clinic_id} → {self.to_clinic_id}"
