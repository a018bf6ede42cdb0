"""What follows a saved vaccination, a changed clock, and that a patient left or is back, wherever it was said."""

from collections.abc import Sequence
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from home.record.departures import Departing, register_departure
from home.signals import patient_clock_changed
from medications.models import Prescription, VaccinationRecord
from medications.services.departures import treatment_pauses, treatment_resumes
from medications.services.replanning import replace_doses
from medications.services.vaccinations import vaccination_reminder_set, vaccination_reminders_move


@receiver(post_save, sender=VaccinationRecord, dispatch_uid="medications.vaccination_saved")
def vaccination_saved(instance: VaccinationRecord, raw: bool, **kwargs: Any) -> None:
    """Runs within `VaccinationRecord.save`'s transaction."""
    if not raw:
        vaccination_reminder_set(record_id=instance.pk, now=timezone.now())


@receiver(patient_clock_changed, dispatch_uid="medications.clock_changed")
def clock_changed(patient_ids: Sequence[int], **kwargs: Any) -> None:
    """Move open doses and reminders to the patient's new zone and slot times."""
    now = timezone.now()
    prescriptions = Prescription.objects.filter(patient_id__in=patient_ids, ended_at__isnull=True)
    replace_doses(prescriptions=list(prescriptions.values_list("id", flat=True)), now=now)
    vaccination_reminders_move(patient_ids=patient_ids, now=now)


def patient_departed(departing: Departing) -> list[str]:
    """The treatment stops, or goes on, with the patient's care."""
    if departing.ends_care:
        return treatment_pauses(patient=departing.patient, now=departing.now)
    if departing.patient.is_in_care:
        return treatment_resumes(patient=departing.patient, now=departing.now)
    return []


register_departure(patient_departed, order=20)
