"""Answers in full: another time, a part, a reason, corrections; and nothing is rewritten silently."""

from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection

from home.models import Relation, User
from medications.models import Dose, DoseAnswer, SkipCode, StockBatch
from medications.rules.errors import RuleError
from medications.services.answers import (
    AnsweredMeanwhileError,
    Skipped,
    Taken,
    dose_correct,
    dose_skip,
    dose_snooze,
    dose_take,
    dose_undo,
)
from medications.services.stock_acts import stock_count
from tests.factories import CareRoleFactory, UserFactory
from tests.medications.factories import NOW, TODAY, DoseFactory, StockBatchFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
HALF = Decimal("0.5")
State = Dose.State


@pytest.fixture
def dose() -> Dose:
    return DoseFactory()


@pytest.fixture
def user(dose: Dose) -> User:
    return CareRoleFactory(patient=dose.patient).user


@pytest.fixture
def batch(dose: Dose) -> StockBatch:
    return StockBatchFactory(prescription=dose.prescription)


def left(batch: StockBatch) -> Decimal:
    batch.refresh_from_db()
    return batch.quantity


def last(dose: Dose) -> int:
    return dose.answers.order_by("id").values_list("id", flat=True).last() or 0


def logged(dose: Dose) -> list[tuple[str, Decimal | None]]:
    return list(dose.answers.order_by("id").values_list("answer", "quantity"))


def test_half_a_tablet_at_another_time_takes_half_from_the_stock(
    dose: Dose, user: User, batch: StockBatch
) -> None:
    taken = dose_take(dose_id=dose.pk, user=user, now=NOW + 26 * HOUR, taken_at=NOW + HOUR, quantity=HALF)
    assert (taken.state, taken.taken_at, taken.taken_quantity) == (State.TAKEN, NOW + HOUR, HALF)
    assert (taken.was_taken_at, taken.amount, taken.answered_at) == (NOW + HOUR, HALF, NOW + 26 * HOUR)
    assert left(batch) == Decimal("27.5")


def test_all_of_it_is_no_part(dose: Dose, user: User) -> None:
    taken = dose_take(dose_id=dose.pk, user=user, now=NOW, quantity=Decimal(1))
    assert (taken.taken_quantity, taken.was_taken_at) == (None, NOW)


@pytest.mark.parametrize(
    "given",
    [
        Taken(at=NOW + HOUR),
        Taken(at=NOW - 13 * HOUR),
        Taken(quantity=Decimal(0)),
        Taken(quantity=Decimal(2)),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    dose: Dose, user: User, batch: StockBatch, given: Taken
) -> None:
    for answer in (
        lambda: dose_correct(dose_id=dose.pk, user=user, now=NOW, given=given, seen=0),
        lambda: dose_take(dose_id=dose.pk, user=user, now=NOW, taken_at=given.at, quantity=given.quantity),
    ):
        with pytest.raises(RuleError):
            answer()
    dose.refresh_from_db()
    assert dose.state == State.SCHEDULED
    assert left(batch) == 28
    assert logged(dose) == []


def test_it_is_taken_from_what_was_usable_on_its_own_day(dose: Dose, user: User) -> None:
    old = StockBatchFactory(prescription=dose.prescription, expiry_date=TODAY, quantity=1)
    StockBatchFactory(prescription=dose.prescription)
    dose_take(dose_id=dose.pk, user=user, now=NOW + 30 * HOUR, taken_at=NOW)
    assert left(old) == 0


def test_a_reason_is_a_code_or_words(dose: Dose, user: User) -> None:
    skipped = dose_skip(dose_id=dose.pk, user=user, now=NOW, code=SkipCode.RAN_OUT, reason=" until Friday ")
    assert (skipped.skip_code, skipped.skip_reason) == ("ran_out", "until Friday")
    answer = dose.answers.get()
    assert (answer.skip_code, answer.skip_reason, answer.by, answer.at) == (
        "ran_out",
        "until Friday",
        user,
        NOW,
    )


class TestCorrection:
    def test_it_keeps_what_stood_before_and_who_said_so(
        self, dose: Dose, user: User, batch: StockBatch
    ) -> None:
        carer = CareRoleFactory(patient=dose.patient, relation=Relation.CARER).user
        dose_take(dose_id=dose.pk, user=user, now=NOW)
        dose_correct(
            dose_id=dose.pk, user=carer, now=NOW + HOUR, given=Taken(at=NOW, quantity=HALF), seen=last(dose)
        )
        assert left(batch) == Decimal("27.5")
        given = Skipped(code=SkipCode.FORGOT)
        dose_correct(dose_id=dose.pk, user=user, now=NOW + 2 * HOUR, given=given, seen=last(dose))
        assert left(batch) == 28
        dose.refresh_from_db()
        assert (dose.state, dose.taken_quantity, dose.taken_at, dose.skip_code) == (
            "skipped",
            None,
            None,
            "forgot",
        )
        rows = dose.answers.order_by("id").values_list("answer", "quantity", "by", "at")
        assert list(rows) == [
            ("taken", 1, user.pk, NOW),
            ("taken", HALF, carer.pk, NOW + HOUR),
            ("skipped", None, user.pk, NOW + 2 * HOUR),
        ]

    def test_two_who_correct_the_same_answer_the_first_wins(
        self, dose: Dose, user: User, batch: StockBatch
    ) -> None:
        dose_take(dose_id=dose.pk, user=user, now=NOW)
        seen = last(dose)
        dose_correct(dose_id=dose.pk, user=user, now=NOW, given=Taken(at=NOW, quantity=HALF), seen=seen)
        with pytest.raises(AnsweredMeanwhileError):
            dose_correct(dose_id=dose.pk, user=user, now=NOW, given=Skipped(), seen=seen)
        assert left(batch) == Decimal("27.5")

    def test_the_same_one_sent_twice_is_one(self, dose: Dose, user: User, batch: StockBatch) -> None:
        for _ in range(2):
            dose_correct(dose_id=dose.pk, user=user, now=NOW, given=Taken(at=NOW, quantity=HALF), seen=0)
        assert logged(dose) == [("taken", HALF)]
        assert left(batch) == Decimal("27.5")

    def test_another_time_moves_no_stock(self, dose: Dose, user: User, batch: StockBatch) -> None:
        dose_take(dose_id=dose.pk, user=user, now=NOW)
        before = batch.movements.count()
        dose_correct(dose_id=dose.pk, user=user, now=NOW, given=Taken(at=NOW - HOUR), seen=last(dose))
        assert batch.movements.count() == before

    def test_after_a_count_nothing_is_taken_twice(self, dose: Dose, user: User, batch: StockBatch) -> None:
        """The count said what is there, whole dose taken or half."""
        dose_take(dose_id=dose.pk, user=user, now=NOW)
        stock_count(counts={batch.pk: Decimal(20)}, user=user, now=NOW + HOUR)
        given = Taken(at=NOW, quantity=HALF)
        dose_correct(dose_id=dose.pk, user=user, now=NOW + 2 * HOUR, given=given, seen=last(dose))
        assert left(batch) == 20
        dose_undo(dose_id=dose.pk, user=user, now=NOW + 2 * HOUR)
        assert left(batch) == 20
        dose_take(dose_id=dose.pk, user=user, now=NOW + 2 * HOUR)
        assert left(batch) == 19  # it was among those that were counted, and is taken now

    def test_what_was_taken_after_a_count_instead_is_taken_from_what_was_counted(
        self, dose: Dose, user: User, batch: StockBatch
    ) -> None:
        dose_take(dose_id=dose.pk, user=user, now=NOW)
        stock_count(counts={batch.pk: Decimal(20)}, user=user, now=NOW + HOUR)
        given = Taken(at=NOW + 2 * HOUR, quantity=HALF)
        dose_correct(dose_id=dose.pk, user=user, now=NOW + 3 * HOUR, given=given, seen=last(dose))
        assert left(batch) == Decimal("19.5")

    def test_it_ends_the_reminders(self, dose: Dose, user: User) -> None:
        corrected = dose_correct(dose_id=dose.pk, user=user, now=NOW, given=Skipped(), seen=0)
        assert corrected.next_reminder_at is None

    def test_somebody_elses_is_not_there(self, dose: Dose) -> None:
        with pytest.raises(Dose.DoesNotExist):
            dose_correct(dose_id=dose.pk, user=UserFactory(), now=NOW, given=Skipped(), seen=0)


def test_undo_clears_the_answer_and_keeps_it_in_the_log(dose: Dose, user: User, batch: StockBatch) -> None:
    dose_take(dose_id=dose.pk, user=user, now=NOW, taken_at=NOW - HOUR, quantity=HALF)
    undone = dose_undo(dose_id=dose.pk, user=user, now=NOW)
    assert (undone.taken_at, undone.taken_quantity, undone.state) == (None, None, State.SCHEDULED)
    assert logged(dose) == [("taken", HALF), ("undone", None)]
    assert left(batch) == 28


def test_later_is_noted_and_an_answer_that_changes_nothing_is_not(dose: Dose, user: User) -> None:
    dose_snooze(dose_id=dose.pk, user=user, now=NOW, minutes=60)
    assert dose.answers.get().remind_at == NOW + HOUR
    dose_take(dose_id=dose.pk, user=user, now=NOW)
    dose_take(dose_id=dose.pk, user=user, now=NOW)
    dose_skip(dose_id=dose.pk, user=user, now=NOW)
    dose_snooze(dose_id=dose.pk, user=user, now=NOW)
    assert [answer for answer, _ in logged(dose)] == ["later", "taken"]


def test_what_was_answered_is_never_rewritten(dose: Dose, user: User) -> None:
    dose_take(dose_id=dose.pk, user=user, now=NOW)
    answer = DoseAnswer.objects.get()
    answer.quantity = 9
    with pytest.raises(TypeError):
        answer.save()


def test_a_dose_of_long_ago_stays_as_it_is(dose: Dose, user: User) -> None:
    late = NOW + timedelta(days=9)
    assert dose_take(dose_id=dose.pk, user=user, now=late).state == State.SCHEDULED
    assert dose_take(dose_id=dose.pk, user=user, now=NOW + timedelta(days=7)).state == State.TAKEN
    assert dose_undo(dose_id=dose.pk, user=user, now=late).state == State.TAKEN
    assert (
        dose_correct(dose_id=dose.pk, user=user, now=late, given=Skipped(), seen=last(dose)).state
        == State.TAKEN
    )


@pytest.mark.django_db(transaction=True)
def test_two_who_correct_at_once_leave_one_answer() -> None:
    dose = DoseFactory()
    batch = StockBatchFactory(prescription=dose.prescription, expiry_date=date(2027, 1, 1))
    people = [CareRoleFactory(patient=dose.patient, relation=Relation.CARER).user for _ in range(3)]
    start = Barrier(len(people))
    refused = []

    def correct(number: int, user: User) -> None:
        start.wait()
        try:
            given = Taken(at=NOW, quantity=Decimal(number + 1) / 4)
            dose_correct(dose_id=dose.pk, user=user, now=NOW, given=given, seen=0)
        except AnsweredMeanwhileError:
            refused.append(number)
        finally:
            connection.close()

    threads = [Thread(target=correct, args=each) for each in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    dose.refresh_from_db()
    assert len(refused) == 2
    assert left(batch) == 28 - dose.amount
    assert dose.answers.count() == 1
