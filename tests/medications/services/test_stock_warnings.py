"""Stock that runs out or expires is warned of in days, once."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from home.models import Clinic, Patient
from medications.models import Dose, DoseSchedule, Prescription, StockBatch
from medications.selectors import shortages
from medications.selectors.expiries import may_expire
from medications.selectors.supply import daily_demand, supply_of
from medications.services import stock_warnings
from medications.services.answers import dose_take, dose_undo
from medications.services.expansion import expand_doses
from medications.services.stock import stock_receive
from medications.services.stock_acts import stock_correct, stock_count, stock_hand_out
from medications.services.stock_warnings import send_expiry_warnings, send_low_stock_warnings
from notifications import registry
from notifications.models import EventRecord, Notification
from notifications.pipeline.fan_out import fan_out
from tests.factories import CareRoleFactory, ClinicFactory
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


class TestOpenDosesOfThePast:
    """1 tablet, doses at 08:00 and 20:00: while the one of 08:00 is open, the one of 20:00 can't be met."""

    @pytest.fixture
    def batch(self) -> StockBatch:
        prescription = DoseScheduleFactory(rule=times("08:00", "20:00")).prescription
        expand_doses(now=NOW - timedelta(minutes=5))
        return StockBatchFactory(prescription=prescription, quantity=Decimal(1))

    @pytest.mark.parametrize("state", ["scheduled", "unanswered", "missed"])
    def test_they_are_demand(self, batch: StockBatch, state: str) -> None:
        Dose.objects.filter(due_at=NOW).update(state=state)
        supply = supply_of([batch.prescription_id], now=NOW + timedelta(minutes=5))[batch.prescription_id]
        assert (supply.run_out_at, supply.days_left) == (NOW + timedelta(hours=12), 0)

    @pytest.mark.parametrize("state", ["taken", "skipped"])
    def test_answered_ones_are_not(self, batch: StockBatch, state: str) -> None:
        Dose.objects.filter(due_at=NOW).update(state=state)
        supply = supply_of([batch.prescription_id], now=NOW + timedelta(minutes=5))[batch.prescription_id]
        assert (supply.run_out_at, supply.days_left) == (NOW + timedelta(days=1), 1)

    def test_one_that_nobody_can_answer_any_more_is_not(self, batch: StockBatch) -> None:
        Dose.objects.filter(due_at__gt=NOW).delete()
        later = NOW + timedelta(hours=24, minutes=1)
        assert supply_of([batch.prescription_id], now=later)[batch.prescription_id].run_out_at is None

    def test_one_of_yesterday_that_cannot_be_met_is_todays_run_out(self, batch: StockBatch) -> None:
        StockBatch.objects.update(quantity=Decimal(0))
        supply = supply_of([batch.prescription_id], now=NOW + timedelta(hours=23))[batch.prescription_id]
        assert (supply.run_out_at, supply.days_left) == (NOW, 0)


class TestFurtherThanRows:
    """Doses are rows for 14 days; a clinic may want to know earlier."""

    def test_it_warns_as_far_ahead_as_the_clinic_says(self) -> None:
        batch = at_home("18", prescription__patient__clinic=ClinicFactory(low_stock_days=21))
        supply = supply_of([batch.prescription_id], now=NOW)[batch.prescription_id]
        assert (supply.days_left, supply.low) == (19, True)
        assert send_low_stock_warnings(now=NOW) == 1

    def test_18_tablets_of_which_the_first_is_taken_today_last_18_days(self) -> None:
        prescription = DoseScheduleFactory(
            rule=times("09:00"), prescription__patient__clinic=ClinicFactory(low_stock_days=21)
        ).prescription
        expand_doses(now=NOW)
        batch = StockBatchFactory(prescription=prescription, quantity=Decimal(18))
        assert send_low_stock_warnings(now=NOW) == 1
        assert published("medication.low_stock") == [{"stock_batch_id": batch.id, "days_left": 18}]

    @pytest.mark.parametrize(("days", "warned"), [(180, 1), (179, 0)])
    def test_to_the_furthest_that_it_may_say(self, days: int, warned: int) -> None:
        at_home("179", prescription__patient__clinic=ClinicFactory(low_stock_days=days))
        assert send_low_stock_warnings(now=NOW) == warned

    def test_a_setting_of_before_the_limit_is_cut_to_it(self) -> None:
        at_home("179", prescription__patient__clinic=ClinicFactory(low_stock_days=30_000))
        assert send_low_stock_warnings(now=NOW) == 1

    def test_a_batch_that_expires_then_is_told(self) -> None:
        clinic = ClinicFactory(expiry_days=60)
        at_home("100", TODAY + timedelta(days=50), prescription__patient__clinic=clinic)
        at_home("40", TODAY + timedelta(days=50), prescription__patient__clinic=clinic)
        assert send_expiry_warnings(now=NOW) == 1

    def test_the_number_of_queries_does_not_grow(self) -> None:
        clinic = ClinicFactory(low_stock_days=21)

        def count(number: int) -> int:
            ids = [at_home("18", prescription__patient__clinic=clinic).prescription_id for _ in range(number)]
            with CaptureQueriesContext(connection) as captured:
                assert len(supply_of(ids, now=NOW)) == number
            return len(captured)

        assert count(1) == count(8) == 5


class TestEachRunOut:
    """One warning each; any refill ends a run-out."""

    def refilled(self, batch: StockBatch, quantity: str) -> None:
        stock_count(counts={batch.pk: Decimal(quantity)}, user=None, now=NOW)

    def test_a_count_upwards_in_the_same_line_is_a_refill(self) -> None:
        batch = at_home("3")
        assert send_low_stock_warnings(now=NOW) == 1
        self.refilled(batch, "31")
        assert send_low_stock_warnings(now=NOW) == 0
        later = NOW + timedelta(days=28)
        expand_doses(now=later)
        StockBatch.objects.filter(pk=batch.pk).update(quantity=Decimal(3))
        assert send_low_stock_warnings(now=later) == 1
        assert send_low_stock_warnings(now=later + timedelta(hours=6)) == 0

    def test_a_count_downwards_and_an_undo_are_none(self) -> None:
        batch = at_home("4")
        user = CareRoleFactory(patient=batch.prescription.patient).user
        assert send_low_stock_warnings(now=NOW) == 1
        self.refilled(batch, "3")
        dose = Dose.objects.earliest("due_at")
        dose_take(dose_id=dose.pk, user=user, now=NOW)
        dose_undo(dose_id=dose.pk, user=user, now=NOW)
        assert send_low_stock_warnings(now=NOW) == 0

    def test_a_correction_upwards_and_what_is_handed_out_are(self) -> None:
        batch = at_home("1")
        assert send_low_stock_warnings(now=NOW) == 1
        stock_correct(batch_id=batch.pk, difference=Decimal(1), user=None, now=NOW, why="2, not 1")
        assert send_low_stock_warnings(now=NOW) == 1
        shelf = on_shelf("9", batch.prescription)
        stock_hand_out(
            batch_id=shelf.pk, prescription_id=batch.prescription_id, quantity=Decimal(1), user=None, now=NOW
        )
        assert [each["stock_batch_id"] for each in published("medication.low_stock")] == [batch.pk, batch.pk]
        assert send_low_stock_warnings(now=NOW) >= 1

    def test_each_reaches_the_inbox_and_the_old_message_is_not_relevant_any_more(self) -> None:
        batch = at_home("3")
        user = CareRoleFactory(patient=batch.prescription.patient).user
        send_low_stock_warnings(now=NOW)
        fan_out(now=NOW)
        first = Notification.objects.get(recipient=user, event_type="medication.low_stock")
        still_relevant = registry.get("medication.low_stock").still_relevant
        assert still_relevant([first.data]) == [True]
        self.refilled(batch, "4")
        assert still_relevant([first.data]) == [False]
        send_low_stock_warnings(now=NOW)
        fan_out(now=NOW)
        second = Notification.objects.filter(recipient=user, event_type="medication.low_stock").latest("id")
        assert second.pk != first.pk
        assert still_relevant([first.data, second.data]) == [False, True]

    def test_a_message_of_before_the_ledger_named_no_run_out(self) -> None:
        """It was about the newest batch, and is relevant until something is added."""
        batch = at_home("3")
        still_relevant = registry.get("medication.low_stock").still_relevant
        assert still_relevant([{"stock_batch_id": batch.pk}]) == [True]
        self.refilled(batch, "4")
        assert still_relevant([{"stock_batch_id": batch.pk}]) == [False]

    def test_of_a_shelf_likewise(self) -> None:
        prescription = DoseScheduleFactory(rule=times("06:00", "20:00")).prescription
        expand_doses(now=NOW)
        batch = on_shelf("4", prescription)
        assert send_low_stock_warnings(now=NOW) == 1
        assert send_low_stock_warnings(now=NOW) == 0
        self.refilled(batch, "6")
        assert send_low_stock_warnings(now=NOW) == 1
        assert send_low_stock_warnings(now=NOW) == 0


class TestOneThatCannotBeRead:
    """A zone that this machine doesn't know, or a rule that can't be read, stops nobody's warnings but its own."""

    def test_at_home(self) -> None:
        bad, good = at_home("1"), at_home("1")
        Patient.objects.filter(pk=bad.prescription.patient_id).update(timezone="Mars/Olympus")
        assert send_low_stock_warnings(now=NOW) == 2
        warned = {each["stock_batch_id"] for each in published("medication.low_stock")}
        assert warned == {bad.pk, good.pk}

    def test_on_a_shelf(self) -> None:
        batches = [on_shelf("1", at_home("90").prescription) for _ in range(2)]
        Clinic.objects.filter(pk=batches[0].clinic_id).update(timezone="Mars/Olympus")
        assert send_low_stock_warnings(now=NOW) == 2
        warned = [each["stock_batch_id"] for each in published("medication.low_stock")]
        assert warned == [batch.pk for batch in batches]

    def test_a_rule_that_cannot_be_read(self) -> None:
        clinic = ClinicFactory(low_stock_days=21)
        bad, good = (at_home("18", prescription__patient__clinic=clinic) for _ in range(2))
        DoseSchedule.objects.filter(prescription=bad.prescription_id).update(rule={"kind": "whenever"})
        assert send_low_stock_warnings(now=NOW) == 1
        assert published("medication.low_stock")[0]["stock_batch_id"] == good.pk


SUPPLY = st.tuples(
    st.sampled_from([1, 5, 12, 13, 14, 21]),
    st.lists(st.tuples(st.integers(0, 40), st.integers(-2, 40)), min_size=1, max_size=3),
    st.sampled_from([("08:00",), ("08:00", "20:00"), ("23:30",)]),
)


@given(supplies=st.lists(SUPPLY, min_size=1, max_size=4), hours=st.integers(0, 47))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_left_to_the_database_leaves_out_nobody(supplies: list[Any], hours: int) -> None:
    """And run-outs are those of counting day by day: whole doses, the soonest expiry first, nothing expired."""
    now = NOW + timedelta(hours=hours)
    expected = {}
    for days, batches, at in supplies:
        clinic = ClinicFactory(low_stock_days=days, expiry_days=days)
        prescription = DoseScheduleFactory(rule=times(*at), prescription__patient__clinic=clinic).prescription
        expand_doses(now=now, prescriptions=[prescription.pk])
        for quantity, expires in batches:
            expiry_date = TODAY + timedelta(days=expires)
            StockBatchFactory(prescription=prescription, quantity=Decimal(quantity), expiry_date=expiry_date)
        expected[prescription.pk] = _run_out_day(now, at, batches, furthest=max(days, 14))
    found = supply_of(list(expected), now=now)
    assert {id_: supply.days_left for id_, supply in found.items()} == expected
    low = {id_ for id_, supply in found.items() if supply.low}
    assert low <= shortages.may_run_low(list(expected), now=now, ahead=timedelta(0))
    patients = Patient.objects.filter(prescriptions__in=expected)
    assert low <= set(shortages.may_run_low_at(patients, now=now))
    expiring = {id_ for id_, supply in found.items() if supply.expiring}
    assert expiring <= set(may_expire(now=now).prescriptions)


def _run_out_day(now: datetime, at: tuple[str, ...], batches: list[Any], *, furthest: int) -> int | None:
    """In local days from now: one tablet at each of these times, day after day."""
    zone = ZoneInfo("Africa/Johannesburg")
    local = now.astimezone(zone)
    left = [
        [TODAY + timedelta(days=expires), quantity]
        for quantity, expires in sorted(batches, key=lambda b: b[1])
    ]
    for number in range(furthest + 1):
        day = local.date() + timedelta(days=number)
        for clock in at:
            if datetime.combine(day, time.fromisoformat(clock), zone) <= local:
                continue
            usable = next((batch for batch in left if batch[0] >= day and batch[1]), None)
            if usable is None:
                return number
            usable[1] -= 1
    return None


class TestChunks:
    def test_all_are_looked_at_a_chunk_at_a_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stock_warnings, "HOMES", 2)
        monkeypatch.setattr(stock_warnings, "CLINICS", 1)
        for _ in range(5):
            at_home("1", TODAY + timedelta(days=5))
            on_shelf("1", DoseScheduleFactory().prescription)
        expand_doses(now=NOW)
        assert send_low_stock_warnings(now=NOW) == 10
        assert send_low_stock_warnings(now=NOW) == 0


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

    def test_each_clinic_says_how_far_ahead(self) -> None:
        at_home("90", TODAY + timedelta(days=40), prescription__patient__clinic=ClinicFactory(expiry_days=60))
        at_home("90", TODAY + timedelta(days=40))
        at_home("90", TODAY + timedelta(days=40), prescription__patient__clinic=ClinicFactory(expiry_days=3))
        assert len(may_expire(now=NOW).prescriptions) == 1
        assert send_expiry_warnings(now=NOW) == 1

    def test_who_was_told_is_not_worked_out_again_until_there_is_another_last_day(self) -> None:
        batch = at_home("28", TODAY + timedelta(days=4))
        assert send_expiry_warnings(now=NOW) == 1
        with CaptureQueriesContext(connection) as captured:
            assert send_expiry_warnings(now=NOW + timedelta(days=1)) == 0
        assert len(captured) == 3  # how far ahead clinics warn, what expires, what was told
        StockBatch.objects.filter(pk=batch.pk).update(expiry_date=TODAY + timedelta(days=5))
        assert send_expiry_warnings(now=NOW + timedelta(days=1)) == 1

    def test_it_says_nothing_of_the_ended_and_the_deceased(self) -> None:
        Prescription.objects.filter(id=at_home("28", TODAY).prescription_id).update(ended_at=NOW)
        Patient.objects.filter(id=at_home("28", TODAY).prescription.patient_id).update(deceased_on=TODAY)
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
