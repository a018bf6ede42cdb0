"""Stock in and out, and what the ledger says of it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from medications.models import DoseSchedule, Prescription, StockBatch, StockMovement
from medications.selectors.supply import supply_of
from medications.services.answers import dose_take, dose_undo
from medications.services.stock import stock_receive, stock_recorded
from tests.factories import CareRoleFactory, ClinicFactory
from tests.medications.factories import (
    NOW,
    DoseFactory,
    DoseScheduleFactory,
    MedicineFactory,
    StockBatchFactory,
)

pytestmark = pytest.mark.django_db

LATER = date(2027, 6, 30)


@pytest.fixture
def schedule() -> DoseSchedule:
    schedule = DoseScheduleFactory()
    CareRoleFactory(patient=schedule.prescription.patient)
    return schedule


def take(schedule: DoseSchedule, number: int) -> list[int]:
    user = schedule.prescription.patient.care_roles.get().user
    ids = []
    for each in range(number):
        dose = DoseFactory(schedule=schedule, due_at=NOW + timedelta(minutes=each))
        dose_take(dose_id=dose.id, user=user, now=NOW + timedelta(hours=1))
        ids.append(dose.id)
    return ids


def receive(prescription: Prescription, quantity: str = "28") -> StockBatch:
    return stock_receive(
        medicine=prescription.medicine,
        prescription=prescription,
        quantity=Decimal(quantity),
        expiry_date=LATER,
        now=NOW + timedelta(hours=2),
    )


def test_a_refill_is_a_batch_with_a_movement() -> None:
    prescription = DoseScheduleFactory().prescription
    batch = receive(prescription)
    assert batch.quantity == 28
    movement = StockMovement.objects.get()
    assert (movement.batch, movement.prescription, movement.quantity, movement.kind) == (
        batch,
        prescription,
        28,
        "received",
    )


def test_a_refill_logged_late_makes_good_what_was_taken_since(schedule: DoseSchedule) -> None:
    StockBatchFactory(prescription=schedule.prescription, quantity=Decimal(1))
    take(schedule, 4)
    assert supply_of([schedule.prescription_id], now=NOW)[schedule.prescription_id].shortfall == 3
    batch = receive(schedule.prescription)
    assert batch.quantity == 25
    supply = supply_of([schedule.prescription_id], now=NOW)[schedule.prescription_id]
    assert (supply.quantity, supply.shortfall) == (25, 0)


def test_a_dose_made_good_by_a_refill_can_be_undone(schedule: DoseSchedule) -> None:
    StockBatchFactory(prescription=schedule.prescription, quantity=Decimal(0))
    [dose_id] = take(schedule, 1)
    batch = receive(schedule.prescription)
    dose_undo(dose_id=dose_id, user=schedule.prescription.patient.care_roles.get().user, now=NOW)
    batch.refresh_from_db()
    assert batch.quantity == 28


def test_an_undone_shortfall_is_owed_no_more(schedule: DoseSchedule) -> None:
    StockBatchFactory(prescription=schedule.prescription, quantity=Decimal(0))
    [dose_id] = take(schedule, 1)
    dose_undo(dose_id=dose_id, user=schedule.prescription.patient.care_roles.get().user, now=NOW)
    assert receive(schedule.prescription).quantity == 28


def test_the_first_batch_owes_nothing_for_what_nobody_counted(schedule: DoseSchedule) -> None:
    take(schedule, 5)
    assert supply_of([schedule.prescription_id], now=NOW) == {}
    assert receive(schedule.prescription).quantity == 28


def test_a_batch_written_by_hand_gets_its_movements() -> None:
    batch = StockBatchFactory(quantity=Decimal(30))
    mine = StockBatch.objects.filter(id=batch.id)
    stock_recorded(batches=mine, user=None, now=NOW)
    mine.update(quantity=Decimal("27.5"))
    stock_recorded(batches=mine, user=None, now=NOW)
    stock_recorded(batches=mine, user=None, now=NOW)
    assert list(StockMovement.objects.order_by("id").values_list("quantity", "kind")) == [
        (Decimal(30), "received"),
        (Decimal("-2.5"), "counted"),
    ]


def test_a_batch_has_exactly_one_holder() -> None:
    prescription = DoseScheduleFactory().prescription
    clinic = ClinicFactory()
    for holders in ({}, {"prescription": prescription, "clinic": clinic}):
        with pytest.raises(ValidationError):
            stock_receive(
                medicine=MedicineFactory(), quantity=Decimal(1), expiry_date=LATER, now=NOW, **holders
            )
        with pytest.raises(IntegrityError), transaction.atomic():
            StockBatch.objects.create(medicine=MedicineFactory(), quantity=1, expiry_date=LATER, **holders)


def test_a_batch_is_never_negative() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        StockBatchFactory(quantity=Decimal(-1))
