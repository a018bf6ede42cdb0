"""What was counted of a clinic for its first page."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from home.models.clinic import Clinic


class ClinicCount(models.Model):
    """The numbers behind one figure (home/dashboard/counts.py), and when they were counted."""

    # No index of its own: that of clinic and name begins with it.
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=40)
    numbers = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("figure of a clinic")
        verbose_name_plural = _("figures of clinics")
        constraints = [models.UniqueConstraint(fields=["clinic", "name"], name="clinic_count_once")]

    def __str__(self) -> str:
        return f"{self.clinic_id}: {self.name}"
