"""What people answer is kept once, and only theirs to give."""

from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection

from home.models import Relation, User
from medications.models import Dose, StockBatch, StockMovement
from medications.services.answers import dose_skip, dose_snooze, dose_take, dose_undo
from medications.services.reminders import send_dose_reminders
from notifications.models import EventRecord
from tests.factories import CareRoleFactory, PatientFactory, UserFactory
from tests.medications.factories import NOW, TODAY, DoseFactory, StockBatchFactory

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
State = Dose.State


@pytest.fixture
def dose() -> Dose:
    return DoseFactory(quantity=Decimal(2))


@pytest.fixture
def user(dose: Dose) -> User:
    return CareRoleFactory(patient=dose.patient).user


def quantities(dose: Dose) -> list[Decimal]:
    return list(
        StockBatch.objects.filter(prescription=dose.prescription)
        .order_by("id")
        .values_list("quantity", flat=True)
    )


def ledger(dose: Dose) -> list[tuple[int | None, Decimal, str]]:
    return list(
        StockMovement.objects.filter(dose=dose).order_by("id").values_list("batch_id", "quantity", "kind")
    )


def test_taken_is_kept_with_who_and_when_and_ends_the_reminders(dose: Dose, user: User) -> None:
    taken = dose_take(dose_id=dose.id, user=user, now=NOW)
    assert (taken.state, taken.answered_by, taken.answered_at, taken.next_reminder_at) == (
        State.TAKEN,
        user,
        NOW,
        None,
    )


def test_taken_takes_from_the_batch_that_expires_first_and_never_from_an_expired_one(
    dose: Dose, user: User
) -> None:
    StockBatchFactory(prescription=dose.prescription, expiry_date=date(2027, 6, 1))
    StockBatchFactory(prescription=dose.prescription, expiry_date=TODAY, quantity=Decimal(1))
    StockBatchFactory(prescription=dose.prescription, expiry_date=TODAY - timedelta(days=1))
    dose_take(dose_id=dose.id, user=user, now=NOW)
    assert quantities(dose) == [27, 0, 28]


def test_taking_twice_takes_stock_once(dose: Dose, user: User) -> None:
    StockBatchFactory(prescription=dose.prescription)
    dose_take(dose_id=dose.id, user=user, now=NOW)
    again = dose_take(dose_id=dose.id, user=user, now=NOW + MINUTE)
    assert quantities(dose) == [26]
    assert again.answered_at == NOW


def test_the_first_answer_wins(dose: Dose, user: User) -> None:
    StockBatchFactory(prescription=dose.prescription)
    dose_skip(dose_id=dose.id, user=user, now=NOW, reason=" felt sick ")
    assert dose_take(dose_id=dose.id, user=user, now=NOW).state == State.SKIPPED
    assert quantities(dose) == [28]
    dose.refresh_from_db()
    assert dose.skip_reason == "felt sick"


def test_half_a_tablet_again_and_again_leaves_no_crumbs(user: User, dose: Dose) -> None:
    batch = StockBatchFactory(prescription=dose.prescription, quantity=Decimal("0.3"))
    for number in range(3):
        third = DoseFactory(
            schedule=dose.schedule, due_at=NOW + (number + 1) * MINUTE, quantity=Decimal("0.1")
        )
        dose_take(dose_id=third.id, user=user, now=NOW)
    batch.refresh_from_db()
    assert batch.quantity == 0
    assert not StockMovement.objects.filter(batch__isnull=True).exists()


def test_taken_from_an_empty_stock_is_a_shortfall(dose: Dose, user: User) -> None:
    batch = StockBatchFactory(prescription=dose.prescription, quantity=Decimal("0.5"))
    dose_take(dose_id=dose.id, user=user, now=NOW)
    assert ledger(dose) == [(batch.id, Decimal("-0.5"), "taken"), (None, Decimal("-1.5"), "taken")]


def test_undo_gives_the_stock_back_where_it_came_from(dose: Dose, user: User) -> None:
    StockBatchFactory(prescription=dose.prescription, quantity=Decimal("0.5"))
    dose_take(dose_id=dose.id, user=user, now=NOW)
    undone = dose_undo(dose_id=dose.id, user=user, now=NOW + MINUTE)
    assert quantities(dose) == [Decimal("0.5")]
    assert sum(quantity for _, quantity, _ in ledger(dose)) == 0
    assert (undone.state, undone.answered_at, undone.answered_by) == (State.SCHEDULED, None, None)
    dose_undo(dose_id=dose.id, user=user, now=NOW + MINUTE)
    assert quantities(dose) == [Decimal("0.5")]


def test_taken_undone_and_taken_again_takes_stock_once(dose: Dose, user: User) -> None:
    StockBatchFactory(prescription=dose.prescription)
    for _ in range(2):
        dose_take(dose_id=dose.id, user=user, now=NOW)
        dose_undo(dose_id=dose.id, user=user, now=NOW)
    dose_take(dose_id=dose.id, user=user, now=NOW)
    assert quantities(dose) == [26]


def test_an_undone_dose_is_reminded_of_again(dose: Dose, user: User) -> None:
    send_dose_reminders(now=NOW)
    dose_skip(dose_id=dose.id, user=user, now=NOW + MINUTE)
    undone = dose_undo(dose_id=dose.id, user=user, now=NOW + 2 * MINUTE)
    assert undone.next_reminder_at == NOW + 17 * MINUTE
    assert send_dose_reminders(now=NOW + 17 * MINUTE).reminded == 1


def test_a_dose_undone_before_its_time_is_reminded_of_at_its_time(user: User, dose: Dose) -> None:
    ahead = NOW - timedelta(hours=1)
    dose_take(dose_id=dose.id, user=user, now=ahead)
    assert dose_undo(dose_id=dose.id, user=user, now=ahead).next_reminder_at == NOW


def test_a_dose_undone_long_after_is_unanswered_and_then_missed(dose: Dose, user: User) -> None:
    dose_take(dose_id=dose.id, user=user, now=NOW)
    undone = dose_undo(dose_id=dose.id, user=user, now=NOW + timedelta(hours=9))
    assert (undone.state, undone.next_reminder_at) == (State.UNANSWERED, None)
    assert send_dose_reminders(now=NOW + timedelta(hours=9)).missed == 1


def test_an_answer_after_midnight_binds_to_its_dose(dose: Dose, user: User) -> None:
    dose_take(dose_id=dose.id, user=user, now=NOW + timedelta(hours=20))
    dose.refresh_from_db()
    assert dose.state == State.TAKEN


def test_a_missed_dose_can_still_be_answered(user: User, dose: Dose) -> None:
    Dose.objects.filter(id=dose.id).update(state=State.MISSED)
    assert dose_take(dose_id=dose.id, user=user, now=NOW + timedelta(hours=3)).state == State.TAKEN


class TestSnooze:
    def test_later_reminds_after_fifteen_minutes(self, dose: Dose, user: User) -> None:
        send_dose_reminders(now=NOW)
        assert dose_snooze(dose_id=dose.id, user=user, now=NOW + MINUTE).next_reminder_at == NOW + 16 * MINUTE
        assert send_dose_reminders(now=NOW + 15 * MINUTE).reminded == 0
        assert send_dose_reminders(now=NOW + 16 * MINUTE).reminded == 1

    def test_a_person_who_asks_for_a_reminder_gets_one_whatever_was_sent_before(
        self, dose: Dose, user: User
    ) -> None:
        for minutes in (0, 15, 30, 45):
            send_dose_reminders(now=NOW + minutes * MINUTE)
        snoozed = dose_snooze(dose_id=dose.id, user=user, now=NOW + 110 * MINUTE, minutes=30)
        assert snoozed.state == State.SCHEDULED
        assert send_dose_reminders(now=NOW + 125 * MINUTE).missed == 0
        assert send_dose_reminders(now=NOW + 140 * MINUTE).reminded == 1
        assert send_dose_reminders(now=NOW + 155 * MINUTE).missed == 1

    def test_it_never_reminds_when_the_next_dose_is_nearer(self, user: User, dose: Dose) -> None:
        late = NOW + timedelta(hours=3, minutes=50)
        snoozed = dose_snooze(dose_id=dose.id, user=user, now=late)
        assert snoozed.next_reminder_at == NOW + timedelta(hours=3, minutes=59)
        too_late = dose_snooze(dose_id=dose.id, user=user, now=NOW + timedelta(hours=4))
        assert too_late.next_reminder_at == snoozed.next_reminder_at

    def test_an_answered_dose_stays_answered(self, dose: Dose, user: User) -> None:
        dose_take(dose_id=dose.id, user=user, now=NOW)
        assert dose_snooze(dose_id=dose.id, user=user, now=NOW).state == State.TAKEN


@pytest.mark.parametrize("answer", [dose_take, dose_skip, dose_snooze, dose_undo])
def test_somebody_elses_dose_is_not_there(answer, dose: Dose, user: User) -> None:
    stranger = CareRoleFactory(patient=PatientFactory(clinic=dose.patient.clinic)).user
    for other in (stranger, UserFactory()):
        with pytest.raises(Dose.DoesNotExist):
            answer(dose_id=dose.id, user=other, now=NOW)
    dose.refresh_from_db()
    assert dose.state == State.SCHEDULED


def test_a_carer_may_answer(dose: Dose) -> None:
    carer = CareRoleFactory(patient=dose.patient, relation=Relation.CARER).user
    assert dose_take(dose_id=dose.id, user=carer, now=NOW).answered_by == carer


def test_a_dose_answered_before_its_reminder_is_published_has_none(dose: Dose, user: User) -> None:
    dose_take(dose_id=dose.id, user=user, now=NOW - MINUTE)
    send_dose_reminders(now=NOW)
    assert not EventRecord.objects.filter(event_type="medication.dose_due").exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_take_at_once_take_stock_once() -> None:
    dose = DoseFactory()
    batch = StockBatchFactory(prescription=dose.prescription)
    people = [CareRoleFactory(patient=dose.patient, relation=Relation.CARER).user for _ in range(4)]
    start = Barrier(len(people))

    def take(user: User) -> None:
        start.wait()
        try:
            dose_take(dose_id=dose.id, user=user, now=NOW)
        finally:
            connection.close()

    threads = [Thread(target=take, args=[user]) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    batch.refresh_from_db()
    assert batch.quantity == 27
    assert StockMovement.objects.count() == 1
