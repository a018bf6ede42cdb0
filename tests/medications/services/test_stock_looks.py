"""A home supply is looked at when there may be something new to say, and whatever changes it makes it due at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from home.models import Left, User
from medications.models import Dose, DoseSchedule, Prescription, SkipCode, StockBatch, StockMovement
from medications.rules import stock as rules
from medications.selectors.looks import REMEMBERED
from medications.selectors.refills import Holder, run_out_keys
from medications.services import stock_warnings
from medications.services.answers import Taken, dose_correct, dose_skip, dose_snooze, dose_take, dose_undo
from medications.services.departures import treatment_resumes
from medications.services.expansion import expand_doses
from medications.services.hand_out import Handed, hand_out
from medications.services.prescriptions import prescription_changed
from medications.services.reminders import send_dose_reminders
from medications.services.stock import stock_receive, stock_recorded
from medications.services.stock_acts import stock_correct, stock_count, stock_hand_out, stock_waste
from medications.services.stock_warnings import send_low_stock_warnings
from medications.services.unplanned import dose_record, record_correct
from notifications.models import EventRecord
from tests.at_once import at_once
from tests.factories import CareRoleFactory, ClinicFactory
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseScheduleFactory,
    StockBatchFactory,
    times,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LATER = TODAY + 300 * DAY
MORNING = NOW + DAY + timedelta(minutes=5)
"""When the first dose is due."""


def at_home(quantity: str = "90", **more: object) -> StockBatch:
    """A batch for a prescription of one tablet every morning, from tomorrow on."""
    prescription = DoseScheduleFactory(**more).prescription
    expand_doses(now=NOW)
    return StockBatchFactory(prescription=prescription, quantity=Decimal(quantity), expiry_date=LATER)


def remember(prescription_id: int) -> None:
    Prescription.objects.filter(pk=prescription_id).update(stock_due_at=MORNING + 300 * DAY)


def is_due(prescription_id: int) -> bool:
    return Prescription.objects.filter(pk=prescription_id, stock_due_at__isnull=True).exists()


def first_dose(batch: StockBatch) -> Dose:
    return Dose.objects.filter(prescription=batch.prescription_id).earliest("due_at")


def last_answer(dose: Dose) -> int:
    return dose.answers.latest("id").pk


Act = Callable[[StockBatch, User], object]
NEARER: dict[str, Act] = {}
"""Whatever may bring a run-out nearer, by its name."""
LATER_OR_SAME: dict[str, Act] = {}
"""What only brings it later, or leaves it where it is."""


def nearer(act: Act) -> Act:
    NEARER[act.__name__] = act
    return act


def later_or_same(act: Act) -> Act:
    LATER_OR_SAME[act.__name__] = act
    return act


@nearer
def a_pack_comes(batch: StockBatch, user: User) -> None:
    stock_receive(
        medicine=batch.medicine,
        prescription=batch.prescription,
        quantity=Decimal(1),
        expiry_date=LATER,
        now=NOW,
    )


@nearer
def a_pack_is_handed_out(batch: StockBatch, user: User) -> None:
    prescription = Prescription.objects.select_related("patient").get(pk=batch.prescription_id)
    shelf = StockBatchFactory(
        prescription=None, clinic=prescription.patient.clinic, medicine=batch.medicine, expiry_date=LATER
    )
    stock_hand_out(
        batch_id=shelf.pk, prescription_id=prescription.pk, quantity=Decimal(1), user=user, now=NOW
    )


@nearer
def a_pack_is_handed_out_with_others(batch: StockBatch, user: User) -> None:
    prescription = Prescription.objects.select_related("medicine", "patient").get(pk=batch.prescription_id)
    handed = Handed(prescription=prescription, quantity=Decimal(3), expiry_date=LATER, why="bought")
    hand_out(patient_id=prescription.patient_id, handed=[handed], seen=batch.pk, user=user, now=NOW)


@nearer
def it_is_counted(batch: StockBatch, user: User) -> None:
    stock_count(counts={batch.pk: Decimal(4)}, user=user, now=NOW)


@nearer
def it_is_corrected(batch: StockBatch, user: User) -> None:
    stock_correct(batch_id=batch.pk, difference=Decimal(-4), user=user, now=NOW, why="wrong")


@nearer
def some_is_wasted(batch: StockBatch, user: User) -> None:
    stock_waste(batch_id=batch.pk, quantity=Decimal(4), user=user, now=NOW, why="wet")


@nearer
def it_is_written_by_hand(batch: StockBatch, user: User) -> None:
    StockBatch.objects.filter(pk=batch.pk).update(quantity=Decimal(3))
    stock_recorded(batches=StockBatch.objects.filter(pk=batch.pk), user=user, now=NOW)


@nearer
def it_has_another_last_day(batch: StockBatch, user: User) -> None:
    batch.expiry_date = TODAY + 3 * DAY
    batch.save()


@nearer
def a_dose_is_taken_before_its_time(batch: StockBatch, user: User) -> None:
    dose_take(dose_id=first_dose(batch).pk, user=user, now=MORNING - timedelta(hours=3))


@nearer
def a_dose_that_was_not_counted_on_any_more_is_taken(batch: StockBatch, user: User) -> None:
    dose_take(dose_id=first_dose(batch).pk, user=user, now=MORNING + DAY)


@nearer
def a_dose_that_was_taken_is_not(batch: StockBatch, user: User) -> None:
    dose = first_dose(batch)
    dose_take(dose_id=dose.pk, user=user, now=MORNING)
    remember(batch.prescription_id)
    dose_undo(dose_id=dose.pk, user=user, now=MORNING)


@nearer
def a_dose_that_was_skipped_is_open_again(batch: StockBatch, user: User) -> None:
    dose = first_dose(batch)
    dose_skip(dose_id=dose.pk, user=user, now=MORNING)
    remember(batch.prescription_id)
    dose_undo(dose_id=dose.pk, user=user, now=MORNING)


@nearer
def a_dose_that_was_skipped_is_taken(batch: StockBatch, user: User) -> None:
    dose = first_dose(batch)
    dose_skip(dose_id=dose.pk, user=user, now=MORNING)
    remember(batch.prescription_id)
    dose_correct(dose_id=dose.pk, user=user, now=MORNING, given=Taken(), seen=last_answer(dose))


@nearer
def an_extra_dose_is_taken(batch: StockBatch, user: User) -> None:
    dose_record(prescription_id=batch.prescription_id, user=user, now=NOW, taken_at=NOW, quantity=Decimal(1))


@nearer
def of_an_extra_dose_more_was_taken(batch: StockBatch, user: User) -> None:
    an_extra_dose_is_taken(batch, user)
    remember(batch.prescription_id)
    dose = Dose.objects.get(kind=Dose.Kind.EXTRA)
    record_correct(
        dose_id=dose.pk, user=user, now=NOW, seen=last_answer(dose), taken_at=NOW, quantity=Decimal(2)
    )


@nearer
def an_extra_dose_is_taken_back(batch: StockBatch, user: User) -> None:
    an_extra_dose_is_taken(batch, user)
    remember(batch.prescription_id)
    dose_undo(dose_id=Dose.objects.get(kind=Dose.Kind.EXTRA).pk, user=user, now=NOW)


@nearer
def its_plan_takes_more(batch: StockBatch, user: User) -> None:
    DoseSchedule.objects.update(rule=times("08:00", "20:00"))
    prescription_changed(prescription_id=batch.prescription_id, now=NOW)


@nearer
def it_has_a_second_plan(batch: StockBatch, user: User) -> None:
    DoseScheduleFactory(prescription=batch.prescription, rule=times("10:00"))
    expand_doses(now=NOW)


@nearer
def its_doses_were_not_planned_for_some_nights(batch: StockBatch, user: User) -> None:
    expand_doses(now=NOW + 2 * DAY)


@nearer
def the_prescription_is_saved_as_it_was_read(batch: StockBatch, user: User) -> None:
    Prescription.objects.get(pk=batch.prescription_id).save()


@nearer
def its_patient_is_back(batch: StockBatch, user: User) -> None:
    patient = Prescription.objects.select_related("patient__clinic").get(pk=batch.prescription_id).patient
    treatment_resumes(patient=patient, now=NOW)


@nearer
def its_patient_has_another_clinic(batch: StockBatch, user: User) -> None:
    patient = Prescription.objects.select_related("patient").get(pk=batch.prescription_id).patient
    patient.clinic = ClinicFactory()
    patient.save(update_fields=["clinic"])


@nearer
def its_clinic_warns_earlier(batch: StockBatch, user: User) -> None:
    patient = Prescription.objects.select_related("patient__clinic").get(pk=batch.prescription_id).patient
    patient.clinic.low_stock_days = 9
    patient.clinic.save(update_fields=["low_stock_days"])


@pytest.mark.parametrize("act", NEARER.values(), ids=NEARER.keys())
def test_what_may_bring_a_run_out_nearer_makes_it_due(act: Act) -> None:
    batch, other = at_home(), at_home()
    user = CareRoleFactory(patient=batch.prescription.patient).user
    remember(batch.prescription_id)
    Prescription.objects.filter(pk=other.prescription_id).update(stock_due_at=MORNING + 300 * DAY)
    with time_machine.travel(NOW, tick=False):
        act(batch, user)
    assert is_due(batch.prescription_id)


@pytest.mark.parametrize("changed", ["timezone", "slot_times"])
def test_so_does_another_clock_of_the_patient(changed: str, django_capture_on_commit_callbacks: Any) -> None:
    batch = at_home()
    patient = batch.prescription.patient
    remember(batch.prescription_id)
    with time_machine.travel(NOW, tick=False), django_capture_on_commit_callbacks(execute=True):
        setattr(patient, changed, {"timezone": "Europe/London", "slot_times": {"morning": "06:00"}}[changed])
        patient.save(update_fields=[changed])
    assert is_due(batch.prescription_id)


@later_or_same
def a_dose_is_taken_as_planned(batch: StockBatch, user: User) -> None:
    dose_take(dose_id=first_dose(batch).pk, user=user, now=MORNING)
    assert StockMovement.objects.filter(kind=StockMovement.Kind.TAKEN).exists()


@later_or_same
def half_of_a_dose_is_taken(batch: StockBatch, user: User) -> None:
    dose_take(dose_id=first_dose(batch).pk, user=user, now=MORNING, quantity=Decimal("0.5"))


@later_or_same
def a_dose_is_skipped(batch: StockBatch, user: User) -> None:
    dose_skip(dose_id=first_dose(batch).pk, user=user, now=MORNING, code=SkipCode.AWAY)


@later_or_same
def a_dose_is_put_off(batch: StockBatch, user: User) -> None:
    dose_snooze(dose_id=first_dose(batch).pk, user=user, now=MORNING)


@later_or_same
def doses_are_missed(batch: StockBatch, user: User) -> None:
    send_dose_reminders(now=MORNING)
    assert send_dose_reminders(now=MORNING + timedelta(hours=12)).missed


@later_or_same
def the_next_day_is_planned(batch: StockBatch, user: User) -> None:
    assert expand_doses(now=NOW + DAY)


@pytest.mark.parametrize("act", LATER_OR_SAME.values(), ids=LATER_OR_SAME.keys())
def test_what_does_not_leaves_it_alone(act: Act) -> None:
    batch = at_home()
    user = CareRoleFactory(patient=batch.prescription.patient).user
    remember(batch.prescription_id)
    with time_machine.travel(NOW, tick=False):
        act(batch, user)
    assert not is_due(batch.prescription_id)


def test_a_supply_of_somebody_else_stays_as_it_was() -> None:
    batch, other = at_home(), at_home()
    for each in (batch, other):
        remember(each.prescription_id)
    stock_count(counts={batch.pk: Decimal(4)}, user=None, now=NOW)
    assert (is_due(batch.prescription_id), is_due(other.prescription_id)) == (True, False)


class TestWhenItIsLookedAt:
    def due_at(self, batch: StockBatch) -> datetime | None:
        return Prescription.objects.get(pk=batch.prescription_id).stock_due_at

    def test_a_run_with_nothing_to_do_reads_nobody(self) -> None:
        for quantity in ("3", "9", "90"):
            at_home(quantity)
        DoseScheduleFactory()
        assert send_low_stock_warnings(now=NOW) == 1
        with CaptureQueriesContext(connection) as captured:
            assert send_low_stock_warnings(now=NOW + timedelta(hours=6)) == 0
        assert len(captured) == 2  # whose supply is due, which clinics have shelves

    def test_on_the_day_of_its_warning_by_the_patients_clock(self) -> None:
        batch = at_home("7", prescription__patient__timezone="America/New_York")
        assert send_low_stock_warnings(now=NOW) == 0
        # There it is one in the night of the 24th, and the eighth dose, on the 1st, can't be met.
        midnight = datetime(2026, 11, 26, tzinfo=ZoneInfo("America/New_York"))
        assert self.due_at(batch) == midnight
        StockBatch.objects.filter(pk=batch.pk).update(quantity=Decimal(5))  # two were taken meanwhile
        Dose.objects.filter(due_at__lte=midnight).update(state=Dose.State.TAKEN)
        assert send_low_stock_warnings(now=midnight - timedelta(minutes=1)) == 0
        assert send_low_stock_warnings(now=midnight) == 1

    @pytest.mark.parametrize("quantity", ["90", "10", "2"])
    def test_otherwise_after_some_days(self, quantity: str) -> None:
        batch = at_home(quantity)
        send_low_stock_warnings(now=NOW)
        assert self.due_at(batch) == NOW + REMEMBERED

    def test_one_that_nobody_counts_too(self) -> None:
        prescription = DoseScheduleFactory().prescription
        send_low_stock_warnings(now=NOW)
        prescription.refresh_from_db()
        assert prescription.stock_due_at == NOW + REMEMBERED

    def test_every_day_where_the_clinic_warns_from_further_than_doses_are_rows(self) -> None:
        batch = at_home("90", prescription__patient__clinic=ClinicFactory(low_stock_days=21))
        send_low_stock_warnings(now=NOW)
        assert self.due_at(batch) == NOW + DAY

    def test_whoever_is_not_in_care_is_looked_at_when_they_are_back(self) -> None:
        batch = at_home("1")
        patient = batch.prescription.patient
        patient.left_why = Left.MOVED
        patient.save()
        assert send_low_stock_warnings(now=NOW) == 0
        patient.left_why = ""
        patient.save()
        assert send_low_stock_warnings(now=NOW + DAY) == 1

    def test_one_that_cannot_be_worked_out_stays_due_and_takes_nobody_along(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        bad, good = at_home("2"), at_home("3")
        foresee = rules.foresee

        def refuse(*, batches: Any, **values: Any) -> rules.Foreseen:
            if batches == [(Decimal(2), LATER)]:
                raise ValueError
            return foresee(batches=batches, **values)

        with monkeypatch.context() as patch:
            patch.setattr(rules, "foresee", refuse)
            assert send_low_stock_warnings(now=NOW) == 1
        assert f"prescription {bad.prescription_id} can't be worked out" in caplog.text
        assert (self.due_at(bad), self.due_at(good)) == (None, NOW + REMEMBERED)
        assert send_low_stock_warnings(now=NOW) == 1


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_beside_refills_say_each_run_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock_warnings, "HOMES", 3)
    batches = [at_home("2") for _ in range(8)]

    def refill() -> None:
        for batch in reversed(batches):
            a_pack_comes(batch, None)  # type: ignore[arg-type]

    at_once(lambda: send_low_stock_warnings(now=NOW), lambda: send_low_stock_warnings(now=NOW), refill)
    send_low_stock_warnings(now=NOW)
    told = EventRecord.objects.filter(event_type="medication.low_stock").values_list("dedupe_key", flat=True)
    run_outs = run_out_keys(Holder(prescription_id=batch.prescription_id) for batch in batches)
    assert set(run_outs.values()) <= set(told)
    assert len(told) == len(set(told))
    assert not Prescription.objects.filter(stock_due_at__isnull=True).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [its_clinic_warns_earlier, its_patient_has_another_clinic, it_is_counted])
def test_what_changes_while_somebody_looks_is_not_overlooked(
    act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = at_home("8")
    look_at = stock_warnings.look_at
    with ThreadPoolExecutor(1) as pool:

        def change() -> None:
            try:
                act(batch, None)  # type: ignore[arg-type]
            finally:
                connection.close()

        def looked(ids: Any, *, now: datetime) -> Any:
            looks = look_at(ids, now=now)
            changes.append(pool.submit(change))
            with pytest.raises(TimeoutError):
                changes[0].result(timeout=0.5)  # it waits until what was seen is remembered
            return looks

        changes: list[Any] = []
        monkeypatch.setattr(stock_warnings, "look_at", looked)
        assert send_low_stock_warnings(now=NOW) == 0
        changes[0].result(timeout=60)
    assert is_due(batch.prescription_id)


DAYS = st.lists(
    st.sampled_from(["taken", "late", "skipped", "missed", "extra", "refilled"]), min_size=9, max_size=9
)


@given(quantity=st.integers(2, 16), within=st.sampled_from([1, 5, 12, 21]), days=DAYS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_remembered_delays_no_warning(quantity: int, within: int, days: list[str]) -> None:
    """Of two equal supplies one is looked at when it is due, the other every day: both are warned of on the same."""
    clinic = ClinicFactory(low_stock_days=within)
    twins = [at_home(str(quantity), prescription__patient__clinic=clinic) for _ in range(2)]
    users = [CareRoleFactory(patient=twin.prescription.patient).user for twin in twins]
    for number, what in enumerate(days):
        now = NOW + number * DAY + timedelta(minutes=5)
        expand_doses(now=now)
        for twin, user in zip(twins, users, strict=True):
            doses = Dose.objects.filter(prescription=twin.prescription_id, kind=Dose.Kind.PLANNED)
            late = now - (2 * DAY if what == "late" else DAY)
            for dose in doses.filter(due_at__gt=late, due_at__lte=now, state=Dose.State.SCHEDULED):
                if what in ("taken", "late"):
                    dose_take(dose_id=dose.pk, user=user, now=now)
                elif what == "skipped":
                    dose_skip(dose_id=dose.pk, user=user, now=now)
            if what == "extra":
                dose_record(
                    prescription_id=twin.prescription_id,
                    user=user,
                    now=now,
                    taken_at=now,
                    quantity=Decimal(2),
                )
            if what == "refilled":
                a_pack_comes(twin, user)
        Prescription.objects.filter(pk=twins[1].prescription_id).update(stock_due_at=None)
        send_low_stock_warnings(now=now)
        told = [
            EventRecord.objects.filter(
                payload__stock_batch_id__in=list(
                    StockBatch.objects.filter(prescription=twin.prescription_id).values_list("id", flat=True)
                )
            ).count()
            for twin in twins
        ]
        assert told[0] == told[1], f"on day {number}"
