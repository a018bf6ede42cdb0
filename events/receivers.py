"""What follows from a change of a patient, and that they left or are back, wherever it was said."""

from collections.abc import Collection
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from events.visits.departures import patient_departed, visits_follow
from home.models import Patient
from home.record.departures import register_departure


@receiver(post_save, sender=Patient, dispatch_uid="events.patient_saved")
def patient_saved(
    instance: Patient, created: bool, raw: bool, update_fields: Collection[str] | None, **kwargs: Any
) -> None:
    """Runs within the transaction that saves the patient."""
    if not created and not raw and (update_fields is None or "clinic" in update_fields):
        visits_follow(instance.pk, instance.clinic_id)


register_departure(patient_departed, order=100)
