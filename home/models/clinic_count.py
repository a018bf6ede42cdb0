"""What was counted of a clinic for its first page and for its manager's."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from home.models.clinic import Clinic


class ClinicCount(models.Model):
    """The numbers behind one figure on one day of the clinic, and when they were counted.

    Of what happens they are those of that day (home/dashboard/days.py), of how things stand those that were counted
    last on it (home/dashboard/counts.py). Nobody is named, so the rows stay when what was counted is deleted.
    """

    # No index of its own: that of clinic, name and day begins with it.
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=40)
    day = models.DateField()
    numbers = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("figure of a clinic")
        verbose_name_plural = _("figures of clinics")
        constraints = [models.UniqueConstraint(fields=["clinic", "name", "day"], name="clinic_count_once")]

    def __str__(self) -> str:
        return f"{self.clinic_id}: {self.name}, {self.day:%Y-%m-%d}"
