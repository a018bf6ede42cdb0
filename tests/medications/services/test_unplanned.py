"""Doses besides the plan: extra ones, and those that are taken as needed."""

from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection

from home.models import Relation, User
from medications.models import Dose, Prescription, StockBatch
from medications.rules.errors import RuleError
from medications.selectors.as_needed import as_needed_of, as_needed_today
from medications.selectors.people import Person
from medications.services.answers import AnsweredMeanwhileError, dose_undo
from medications.services.expansion import expand_doses
from medications.services.reminders import send_dose_reminders
from medications.services.replanning import replace_doses
from medications.services.unplanned import LimitReachedError, dose_record, record_correct
from tests.factories import CareRoleFactory, UserFactory
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseFactory,
    DoseScheduleFactory,
    PrescriptionFactory,
    StockBatchFactory,
    times,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
PARACETAMOL = {"kind": "as_needed", "min_hours": 6, "max_per_day": 4, "quantity": "2"}
Kind, State = Dose.Kind, Dose.State


@pytest.fixture
def paracetamol() -> Prescription:
    return DoseScheduleFactory(rule=PARACETAMOL, prescription__medicine__name_en="Paracetamol").prescription


@pytest.fixture
def user(paracetamol: Prescription) -> User:
    return CareRoleFactory(patient=paracetamol.patient).user


@pytest.fixture
def batch(paracetamol: Prescription) -> StockBatch:
    return StockBatchFactory(prescription=paracetamol)


def left(batch: StockBatch) -> Decimal:
    batch.refresh_from_db()
    return batch.quantity


def take(paracetamol: Prescription, user: User, hours: float, quantity: str = "2", **more: bool) -> Dose:
    at = NOW + hours * HOUR
    return dose_record(
        prescription_id=paracetamol.pk, user=user, now=at, taken_at=at, quantity=Decimal(quantity), **more
    )


def test_paracetamol_is_recorded_takes_stock_and_its_limits_hold(
    paracetamol: Prescription, user: User, batch: StockBatch
) -> None:
    for hours in (0, 6, 12, 18):
        dose = take(paracetamol, user, hours)
        assert (dose.kind, dose.state, dose.schedule, dose.over_limit) == (
            Kind.AS_NEEDED,
            State.TAKEN,
            None,
            False,
        )
    assert left(batch) == 20
    with pytest.raises(LimitReachedError) as refused:
        take(paracetamol, user, 23)
    assert refused.value.next_at == NOW + 24 * HOUR
    assert (refused.value.limit.too_early, refused.value.limit.too_many) == (True, True)
    assert Dose.objects.count() == 4
    assert left(batch) == 20


def test_taken_all_the_same_it_is_recorded_and_marked(
    paracetamol: Prescription, user: User, batch: StockBatch
) -> None:
    take(paracetamol, user, 0)
    with pytest.raises(LimitReachedError) as refused:
        take(paracetamol, user, 1)
    assert refused.value.next_at == NOW + 6 * HOUR
    dose = take(paracetamol, user, 1, all_the_same=True)
    assert dose.over_limit
    assert dose.answers.get().over_limit
    assert left(batch) == 24


def test_more_than_a_dose_at_once_is_a_limit_too(paracetamol: Prescription, user: User) -> None:
    with pytest.raises(LimitReachedError) as refused:
        take(paracetamol, user, 0, "4")
    assert refused.value.limit.too_much
    take(paracetamol, user, 0, "4", all_the_same=True)
    [outlook] = as_needed_of([Prescription.objects.get()], now=NOW)
    assert outlook.count == 2


def test_a_part_is_recorded_as_one(paracetamol: Prescription, user: User, batch: StockBatch) -> None:
    dose = take(paracetamol, user, 0, "1")
    assert (dose.quantity, dose.taken_quantity, dose.amount) == (2, 1, 1)
    assert left(batch) == 27


def test_the_next_time_and_the_days_count_are_known_before(paracetamol: Prescription, user: User) -> None:
    take(paracetamol, user, 0)
    [outlook] = as_needed_of([Prescription.objects.get()], now=NOW + HOUR)
    assert (outlook.count, outlook.rule.max_per_day, outlook.last_at) == (1, 4, NOW)
    assert (outlook.next_at, outlook.is_possible) == (NOW + 6 * HOUR, False)
    [outlook] = as_needed_today(Person(paracetamol.patient, True), now=NOW + 7 * HOUR)
    assert outlook.is_possible


def test_what_was_taken_of_the_same_medicine_counts_wherever_it_was_prescribed(
    paracetamol: Prescription, user: User
) -> None:
    other = PrescriptionFactory(patient=paracetamol.patient, medicine=paracetamol.medicine)
    DoseFactory(schedule__prescription=other, state=State.TAKEN, answered_at=NOW)
    with pytest.raises(LimitReachedError):
        take(paracetamol, user, 1)
    stranger = PrescriptionFactory(medicine=paracetamol.medicine)
    DoseFactory(schedule__prescription=stranger, state=State.TAKEN, answered_at=NOW + 8 * HOUR)
    take(paracetamol, user, 9)


def test_an_extra_dose_of_a_scheduled_medicine_counts_in_no_plan(batch: StockBatch) -> None:
    schedule = DoseScheduleFactory(rule=times("08:00"))
    prescription = schedule.prescription
    user = CareRoleFactory(patient=prescription.patient).user
    stock = StockBatchFactory(prescription=prescription)
    expand_doses(now=NOW - HOUR)
    planned = list(Dose.objects.values_list("id", "due_at"))
    dose = dose_record(
        prescription_id=prescription.pk, user=user, now=NOW, taken_at=NOW - HOUR, quantity=Decimal("1.5")
    )
    assert (dose.kind, dose.quantity, dose.is_planned) == (Kind.EXTRA, Decimal("1.5"), False)
    assert left(stock) == Decimal("26.5")
    schedule.rule = times("09:00")
    schedule.save()
    replace_doses(prescriptions=[prescription.pk], now=NOW - HOUR)
    dose.refresh_from_db()
    assert dose.state == State.TAKEN
    assert Dose.objects.filter(kind=Kind.PLANNED).count() == len(planned)


def test_it_is_never_reminded_of_never_missed_and_survives_a_removed_schedule(
    paracetamol: Prescription, user: User
) -> None:
    dose = take(paracetamol, user, 0)
    paracetamol.schedules.all().delete()
    done = send_dose_reminders(now=NOW + 20 * HOUR)
    assert (done.reminded, done.missed) == (0, 0)
    dose.refresh_from_db()
    assert dose.state == State.TAKEN


def test_a_form_sent_twice_records_one(paracetamol: Prescription, user: User, batch: StockBatch) -> None:
    assert take(paracetamol, user, 0) == take(paracetamol, user, 0)
    assert left(batch) == 26


def test_taken_back_it_gives_the_stock_back_and_can_be_recorded_again(
    paracetamol: Prescription, user: User, batch: StockBatch
) -> None:
    dose = take(paracetamol, user, 0)
    undone = dose_undo(dose_id=dose.pk, user=user, now=NOW)
    assert (undone.state, undone.due_at, undone.next_reminder_at) == (State.WITHDRAWN, NOW, None)
    assert left(batch) == 28
    assert [answer.answer for answer in dose.answers.order_by("id")] == ["taken", "undone"]
    take(paracetamol, user, 0)
    assert left(batch) == 26


class TestCorrection:
    def test_another_time_and_amount_keep_what_stood_before(
        self, paracetamol: Prescription, user: User, batch: StockBatch
    ) -> None:
        dose = take(paracetamol, user, 0)
        seen = dose.answers.get().pk
        values = {
            "dose_id": dose.pk,
            "user": user,
            "seen": seen,
            "taken_at": NOW - 9 * HOUR,
            "quantity": Decimal(1),
        }
        for _ in range(2):
            record_correct(now=NOW + HOUR, **values)
        dose.refresh_from_db()
        assert (dose.due_at, dose.local_day, dose.amount) == (NOW - 9 * HOUR, TODAY - timedelta(days=1), 1)
        assert left(batch) == 27
        assert list(dose.answers.order_by("id").values_list("taken_at", "quantity")) == [
            (NOW, 2),
            (NOW - 9 * HOUR, 1),
        ]
        with pytest.raises(AnsweredMeanwhileError):
            record_correct(now=NOW + HOUR, **{**values, "taken_at": NOW})

    def test_the_limits_hold_without_the_dose_itself(self, paracetamol: Prescription, user: User) -> None:
        take(paracetamol, user, -12)
        dose = take(paracetamol, user, 0)
        values = {"dose_id": dose.pk, "user": user, "seen": dose.answers.get().pk, "quantity": Decimal(2)}
        with pytest.raises(LimitReachedError):
            record_correct(now=NOW, taken_at=NOW - 8 * HOUR, **values)
        record_correct(now=NOW, taken_at=NOW - HOUR, **values)

    def test_two_are_not_moved_to_one_minute(self, paracetamol: Prescription, user: User) -> None:
        take(paracetamol, user, -12)
        dose = take(paracetamol, user, 0)
        with pytest.raises(RuleError):
            record_correct(
                dose_id=dose.pk,
                user=user,
                now=NOW,
                seen=dose.answers.get().pk,
                taken_at=NOW - 12 * HOUR,
                quantity=Decimal(2),
                all_the_same=True,
            )


@pytest.mark.parametrize(
    ("hours", "quantity"), [(0.1, "2"), (-9 * 24, "2"), (-24 * 60, "2"), (0, "0"), (0, "-1")]
)
def test_what_cannot_be_is_refused(
    paracetamol: Prescription, user: User, hours: float, quantity: str
) -> None:
    at = NOW + hours * HOUR
    with pytest.raises(RuleError):
        dose_record(
            prescription_id=paracetamol.pk, user=user, now=NOW, taken_at=at, quantity=Decimal(quantity)
        )
    assert not Dose.objects.exists()


def test_what_has_ended_is_not_taken_any_more(paracetamol: Prescription, user: User) -> None:
    paracetamol.ended_at = NOW - HOUR
    paracetamol.save()
    with pytest.raises(RuleError):
        take(paracetamol, user, 0)
    at = NOW - 2 * HOUR
    dose_record(prescription_id=paracetamol.pk, user=user, now=NOW, taken_at=at, quantity=Decimal(2))


def test_somebody_elses_medicine_is_not_there(paracetamol: Prescription) -> None:
    with pytest.raises(Prescription.DoesNotExist):
        take(paracetamol, UserFactory(), 0)


@pytest.mark.django_db(transaction=True)
def test_two_who_record_at_once_hold_the_limit_together() -> None:
    paracetamol = DoseScheduleFactory(rule=PARACETAMOL).prescription
    people = [CareRoleFactory(patient=paracetamol.patient, relation=Relation.CARER).user for _ in range(3)]
    start = Barrier(len(people))

    def record(number: int, user: User) -> None:
        start.wait()
        try:
            take(paracetamol, user, number / 10)
        except LimitReachedError:
            pass
        finally:
            connection.close()

    threads = [Thread(target=record, args=each) for each in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Dose.objects.count() == 1
