"""Factories of medicines, prescriptions, doses, stock and vaccinations."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import factory

from medications.models import (
    Dose,
    DoseSchedule,
    Medicine,
    Prescription,
    StockBatch,
    VaccinationRecord,
    Vaccine,
)
from notifications.models import NotificationPreferences
from tests.factories import PatientFactory, RowFactory

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
"""08:00 in Johannesburg, a Tuesday."""
TODAY = date(2026, 11, 24)


class MedicineFactory(RowFactory[Medicine]):
    class Meta:
        model = Medicine

    name_en = "Metformin"
    name_af = "Metformien"
    strength = "500 mg"


class PrescriptionFactory(RowFactory[Prescription]):
    class Meta:
        model = Prescription

    patient = factory.SubFactory(PatientFactory)
    medicine = factory.SubFactory(MedicineFactory)
    instructions_en = "with food"
    instructions_af = "saam met kos"
    start_date = date(2026, 11, 1)


class DoseScheduleFactory(RowFactory[DoseSchedule]):
    class Meta:
        model = DoseSchedule

    prescription = factory.SubFactory(PrescriptionFactory)
    rule = factory.LazyFunction(lambda: times("08:00"))


class DoseFactory(RowFactory[Dose]):
    """A dose that is due at `NOW`, with its reminder waiting."""

    class Meta:
        model = Dose

    schedule = factory.SubFactory(DoseScheduleFactory)
    prescription = factory.SelfAttribute("schedule.prescription")
    patient = factory.SelfAttribute("prescription.patient")
    due_at = NOW
    quantity = Decimal(1)
    next_reminder_at = factory.SelfAttribute("due_at")
    remind_until = factory.LazyAttribute(lambda dose: dose.due_at + timedelta(hours=4))
    missed_at = factory.LazyAttribute(lambda dose: dose.due_at + timedelta(hours=2))


class StockBatchFactory(RowFactory[StockBatch]):
    """A home supply of a prescription."""

    class Meta:
        model = StockBatch

    prescription = factory.SubFactory(PrescriptionFactory)
    medicine = factory.LazyAttribute(
        lambda batch: batch.prescription.medicine if batch.prescription else MedicineFactory.create()
    )
    batch_number = factory.Sequence(lambda n: f"B{n}")
    quantity = Decimal(28)
    expiry_date = date(2027, 6, 30)
    received_at = NOW


class VaccineFactory(RowFactory[Vaccine]):
    class Meta:
        model = Vaccine

    code = factory.Sequence(lambda n: f"mr-{n}")
    name_en = "Measles and rubella"
    name_af = "Masels en rubella"


class VaccinationRecordFactory(RowFactory[VaccinationRecord]):
    class Meta:
        model = VaccinationRecord

    patient = factory.SubFactory(PatientFactory)
    vaccine = factory.SubFactory(VaccineFactory)
    dose_number = 1


def times(*at: str, quantity: str = "1", **more: Any) -> dict[str, Any]:
    """A rule of doses at these times every day."""
    return {"kind": "times", "times": list(at), "quantity": quantity, **more}


def speaks(user: Any, language: str) -> Any:
    """The person, who from now on reads this language."""
    NotificationPreferences.objects.update_or_create(user=user, defaults={"language": language})
    return user
