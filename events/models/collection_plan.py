"""Where a patient's medicine is collected, and by whom beside the patient."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from home.models import Patient
from notifications.encryption.fields import EncryptedTextField


class CollectionPlan(models.Model):
    """A pick-up point outside the clinic, and two people whom the patient named. All of it may be empty."""

    patient = models.OneToOneField(
        Patient, on_delete=models.CASCADE, related_name="collection_plan", verbose_name=_("patient")
    )
    pickup_point = models.CharField(
        _("pick-up point"),
        max_length=120,
        blank=True,
        default="",
        help_text=_("Where the medicine is collected, if not at the clinic."),
    )
    collector_one = EncryptedTextField(_("first person who may collect"), blank=True, default="")
    collector_two = EncryptedTextField(_("second person who may collect"), blank=True, default="")

    class Meta:
        verbose_name = _("collection plan")
        verbose_name_plural = _("collection plans")

    def __str__(self) -> str:
        return f"{self.patient_id}"

    @property
    def collectors(self) -> list[str]:
        """The names that were given."""
        return [name for name in (self.collector_one, self.collector_two) if name]
