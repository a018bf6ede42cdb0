"""What follows a saved vaccination, a changed clock, a run-out that may come nearer, and that a patient left or is
back, wherever it was said.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from home.models import Clinic, Patient
from home.record.departures import Departing, register_departure
from home.signals import patient_clock_changed
from medications.models import Prescription, StockBatch, VaccinationRecord
from medications.services.departures import treatment_pauses, treatment_resumes
from medications.services.replanning import replace_doses
from medications.services.stock_looks import hold_and_look_again
from medications.services.vaccinations import vaccination_reminder_set, vaccination_reminders_move


@receiver(post_save, sender=VaccinationRecord, dispatch_uid="medications.vaccination_saved")
def vaccination_saved(instance: VaccinationRecord, raw: bool, **kwargs: Any) -> None:
    """Runs within `VaccinationRecord.save`'s transaction."""
    if not raw:
        vaccination_reminder_set(record_id=instance.pk, now=timezone.now())


@receiver(post_save, sender=StockBatch, dispatch_uid="medications.batch_saved")
def batch_saved(
    instance: StockBatch, raw: bool, update_fields: Collection[str] | None, **kwargs: Any
) -> None:
    """It may have another last day. What changes its quantity alone says so where its movement is written."""
    if not raw and instance.prescription_id and (update_fields is None or "expiry_date" in update_fields):
        hold_and_look_again(Prescription.objects.filter(id=instance.prescription_id))


@receiver(post_save, sender=Prescription, dispatch_uid="medications.prescription_saved")
def prescription_saved(
    instance: Prescription, raw: bool, created: bool, update_fields: Collection[str] | None, **kwargs: Any
) -> None:
    """Written as a whole, it brings back when it was to be looked at as it was read."""
    if not raw and not created and update_fields is None:
        hold_and_look_again(Prescription.objects.filter(id=instance.pk))


@receiver(post_save, sender=Patient, dispatch_uid="medications.patient_saved")
def patient_saved(
    instance: Patient, raw: bool, created: bool, update_fields: Collection[str] | None, **kwargs: Any
) -> None:
    """Another clinic may warn earlier."""
    if not raw and not created and (update_fields is None or "clinic" in update_fields):
        hold_and_look_again(Prescription.objects.filter(patient=instance.pk))


@receiver(post_save, sender=Clinic, dispatch_uid="medications.clinic_saved")
def clinic_saved(
    instance: Clinic, raw: bool, created: bool, update_fields: Collection[str] | None, **kwargs: Any
) -> None:
    """It may warn earlier from now on."""
    if not raw and not created and (update_fields is None or "low_stock_days" in update_fields):
        hold_and_look_again(Prescription.objects.filter(patient__clinic=instance.pk))


@receiver(patient_clock_changed, dispatch_uid="medications.clock_changed")
def clock_changed(patient_ids: Collection[int], now: datetime, **kwargs: Any) -> set[int]:
    """Move open doses and reminders to the patient's new zone and slot times; of whom not all could be moved."""
    open_ones = Prescription.objects.filter(patient_id__in=patient_ids, ended_at__isnull=True)
    patients = dict(open_ones.values_list("id", "patient_id"))
    replaced = replace_doses(prescriptions=patients, now=now)
    vaccination_reminders_move(patient_ids=patient_ids, now=now)
    return {patients[prescription_id] for prescription_id in replaced.left_out}


def patient_departed(departing: Departing) -> list[str]:
    """The treatment stops, or goes on, with the patient's care."""
    if departing.ends_care:
        return treatment_pauses(patient=departing.patient, now=departing.now)
    if departing.patient.is_in_care:
        return treatment_resumes(patient=departing.patient, now=departing.now)
    return []


register_departure(patient_departed, order=20)
