"""Stock that runs out or expires is warned of in days, once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from medications.models import DoseSchedule, Prescription, StockBatch
from medications.selectors.supply import daily_demand, supply_of
from medications.services.expansion import expand_doses
from medications.services.stock import stock_receive
from medications.services.stock_warnings import send_expiry_warnings, send_low_stock_warnings
from notifications.models import EventRecord
from tests.factories import ClinicFactory
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseScheduleFactory,
    MedicineFactory,
    StockBatchFactory,
    times,
)

pytestmark = pytest.mark.django_db

LATER = date(2027, 6, 30)


def at_home(quantity: str, expiry_date: date = LATER, **more: object) -> StockBatch:
    """A batch for a prescription of one tablet every morning, from tomorrow on."""
    prescription = DoseScheduleFactory(**more).prescription
    expand_doses(now=NOW)
    return StockBatchFactory(prescription=prescription, quantity=Decimal(quantity), expiry_date=expiry_date)


def on_shelf(quantity: str, prescription: Prescription, expiry_date: date = LATER) -> StockBatch:
    return StockBatchFactory(
        prescription=None,
        clinic=prescription.patient.clinic,
        medicine=prescription.medicine,
        quantity=Decimal(quantity),
        expiry_date=expiry_date,
    )


def published(name: str) -> list[dict[str, object]]:
    return list(EventRecord.objects.filter(event_type=name).order_by("id").values_list("payload", flat=True))


class TestRunOut:
    def test_it_is_the_first_dose_that_cannot_be_met_in_full(self) -> None:
        batch = at_home("3")
        supply = supply_of([batch.prescription_id], now=NOW)[batch.prescription_id]
        assert supply.run_out_at == NOW + timedelta(days=4)

    def test_expired_stock_is_no_stock(self) -> None:
        batch = at_home("28", TODAY + timedelta(days=2))
        supply = supply_of([batch.prescription_id], now=NOW)[batch.prescription_id]
        assert (supply.days_left, supply.low) == (3, True)

    def test_enough_for_the_horizon_does_not_run_out(self) -> None:
        batch = at_home("14")
        supply = supply_of([batch.prescription_id], now=NOW)[batch.prescription_id]
        assert (supply.run_out_at, supply.days_left, supply.low) == (None, None, False)

    def test_the_number_of_queries_does_not_grow(self) -> None:
        few, many = [at_home("3").prescription_id], [at_home("3").prescription_id for _ in range(8)]

        def count(ids: list[int]) -> int:
            with CaptureQueriesContext(connection) as captured:
                supply_of(ids, now=NOW)
            return len(captured)

        assert count(few) == count(many)


class TestLowAtHome:
    @pytest.mark.parametrize(("quantity", "warned"), [("4", 1), ("5", 0)])
    def test_it_warns_when_the_run_out_is_five_days_away(self, quantity: str, warned: int) -> None:
        batch = at_home(quantity)
        assert send_low_stock_warnings(now=NOW) == warned
        assert published("medication.low_stock") == [{"stock_batch_id": batch.id, "days_left": 5}] * warned

    def test_it_warns_once_and_again_only_after_a_refill(self) -> None:
        batch = at_home("3")
        assert send_low_stock_warnings(now=NOW) == 1
        assert send_low_stock_warnings(now=NOW + timedelta(hours=6)) == 0
        StockBatch.objects.filter(pk=batch.pk).update(quantity=Decimal(2))
        assert send_low_stock_warnings(now=NOW + timedelta(days=1)) == 0
        stock_receive(
            medicine=batch.medicine,
            prescription=batch.prescription,
            quantity=Decimal(1),
            expiry_date=LATER,
            now=NOW + timedelta(days=1),
        )
        assert send_low_stock_warnings(now=NOW + timedelta(days=1)) == 1

    def test_the_clinic_sets_how_many_days(self) -> None:
        clinic = ClinicFactory(low_stock_days=2)
        at_home("3", prescription__patient__clinic=clinic)
        assert send_low_stock_warnings(now=NOW) == 0

    def test_it_says_nothing_of_the_ended_the_deceased_and_what_nobody_counts(self) -> None:
        Prescription.objects.filter(id=at_home("1").prescription_id).update(ended_at=NOW)
        patient = at_home("1").prescription.patient
        patient.deceased_on = TODAY
        patient.save()
        DoseScheduleFactory()
        expand_doses(now=NOW)
        assert send_low_stock_warnings(now=NOW) == 0

    def test_the_number_of_queries_does_not_grow(self) -> None:
        def count(batches: int) -> int:
            for _ in range(batches):
                at_home("1")
            with CaptureQueriesContext(connection) as captured:
                assert send_low_stock_warnings(now=NOW) == batches
            return len(captured)

        assert count(1) == count(10)


class TestExpiringAtHome:
    @pytest.mark.parametrize(("days", "warned"), [(5, 1), (6, 0)])
    def test_it_warns_of_what_will_be_left(self, days: int, warned: int) -> None:
        at_home("28", TODAY + timedelta(days=days))
        assert send_expiry_warnings(now=NOW) == warned
        assert send_expiry_warnings(now=NOW + timedelta(minutes=1)) == 0

    def test_a_batch_that_is_used_up_before_it_expires_is_not_expiring(self) -> None:
        at_home("5", TODAY + timedelta(days=5))
        assert send_expiry_warnings(now=NOW) == 0

    def test_an_expired_batch_is_not_expiring(self) -> None:
        at_home("5", TODAY - timedelta(days=1))
        assert send_expiry_warnings(now=NOW) == 0


class TestShelf:
    @pytest.fixture
    def prescription(self) -> Prescription:
        """Four tablets a day."""
        clinic, medicine = ClinicFactory(), MedicineFactory()
        schedules: list[DoseSchedule] = [
            DoseScheduleFactory(
                prescription__patient__clinic=clinic,
                prescription__medicine=medicine,
                rule=times("06:00", "20:00"),
            )
            for _ in range(2)
        ]
        expand_doses(now=NOW - timedelta(days=1), days=16)
        return schedules[0].prescription

    def test_demand_is_what_the_clinics_prescriptions_take_a_day(self, prescription: Prescription) -> None:
        key = (prescription.patient.clinic_id, prescription.medicine_id)
        assert daily_demand(now=NOW) == {key: 4}

    @pytest.mark.parametrize(("quantity", "warned"), [("23", 1), ("24", 0)])
    def test_it_warns_when_five_days_of_supply_are_left(
        self, prescription: Prescription, quantity: str, warned: int
    ) -> None:
        batch = on_shelf(quantity, prescription)
        assert send_low_stock_warnings(now=NOW) == warned
        assert published("medication.low_stock") == [{"stock_batch_id": batch.id, "days_left": 5}] * warned
        assert send_low_stock_warnings(now=NOW + timedelta(hours=6)) == 0 or not warned

    def test_it_warns_of_a_batch_that_will_expire_unused(self, prescription: Prescription) -> None:
        used = on_shelf("8", prescription, TODAY + timedelta(days=3))
        unused = on_shelf("40", prescription, TODAY + timedelta(days=4))
        assert send_expiry_warnings(now=NOW) == 1
        assert published("medication.expiring") == [{"stock_batch_id": unused.id}]
        assert used.id != unused.id

    def test_a_supply_without_doses_does_not_run_out(self) -> None:
        StockBatchFactory(prescription=None, clinic=ClinicFactory(), quantity=Decimal(0))
        assert send_low_stock_warnings(now=NOW) == 0
