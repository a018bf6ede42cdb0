"""A clock that changed: what hangs on a patient's time zone and slot times is still to be moved."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from home.models.patient import Patient
from notifications.models import Work
from notifications.models.work import POISON


class ClockChange(Work):
    """Of one patient, in the transaction that changed it; unfinished until all is moved.

    A patient has one row. Another change begins it anew, and takes it out of the hands of whoever is at the first.
    """

    HOLDS_BACK: ClassVar[timedelta] = timedelta(minutes=15)
    """So long after a change no dose is reminded of that hasn't been moved; then rather at the old hour than never."""
    GIVEN_UP = {}

    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("changed clock")
        verbose_name_plural = _("changed clocks")
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(finished_at__isnull=True), name="clock_change_unfinished"
            ),
            models.Index(fields=["due_at"], condition=POISON, name="clock_change_poison"),
        ]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.changed_at}"
