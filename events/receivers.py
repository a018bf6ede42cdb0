"""What follows from a change of a patient, wherever the change was made."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from events.visits.departures import visits_cancel_all, visits_follow
from home.models import Patient


@receiver(post_save, sender=Patient, dispatch_uid="events.patient_saved")
def patient_saved(instance: Patient, created: bool, raw: bool, **kwargs: Any) -> None:
    """Runs within the transaction that saves the patient."""
    if created or raw:
        return
    if instance.is_here:
        visits_follow(instance.pk, instance.clinic_id)
    else:
        visits_cancel_all(instance.pk, timezone.now())
