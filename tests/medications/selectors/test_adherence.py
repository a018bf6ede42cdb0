"""What became of doses, and the days covered, as they are read from the tables."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.models import Patient
from medications.models import Dose, Prescription
from medications.rules.adherence import Outcome, count
from medications.selectors.adherence import Covered, covered, outcome_of, outcomes_of, refills_of
from medications.services.stock import stock_receive
from medications.services.stock_acts import stock_correct
from tests.factories import PatientFactory
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseFactory,
    DoseScheduleFactory,
    PrescriptionFactory,
    times,
)

pytestmark = pytest.mark.django_db

State = Dose.State
AS_NEEDED = {"kind": "as_needed", "quantity": "2", "min_hours": 6, "max_per_day": 4}
MONTH = {"first": date(2026, 11, 1), "last": date(2026, 11, 30), "now": NOW}


def read(prescription: Prescription) -> Prescription:
    """As pages read it, with what the selectors need."""
    rows = Prescription.objects.select_related("patient__clinic", "medicine").prefetch_related("schedules")
    return rows.get(pk=prescription.pk)


@pytest.fixture
def patient() -> Patient:
    return PatientFactory()


@pytest.fixture
def taken_daily(patient: Patient) -> Callable[..., Prescription]:
    """A medicine with a dose a day for so many days up to today."""

    def make(days: int, quantity: int = 1, **fields: Any) -> Prescription:
        prescription = PrescriptionFactory(patient=patient, start_date=TODAY - timedelta(days=300), **fields)
        schedule = DoseScheduleFactory(prescription=prescription)
        for number in range(days):
            DoseFactory(
                schedule=schedule,
                due_at=NOW - timedelta(days=number),
                quantity=quantity,
                state=State.MISSED,
            )
        return prescription

    return make


def collect(prescription: Prescription, days_ago: int, quantity: int) -> None:
    stock_receive(
        medicine=prescription.medicine,
        prescription=prescription,
        quantity=Decimal(quantity),
        expiry_date=date(2028, 6, 30),
        now=NOW - timedelta(days=days_ago),
    )


def test_each_outcome_is_told_apart_and_what_is_due_now_is_not_hidden(patient: Patient) -> None:
    schedule = DoseScheduleFactory(prescription__patient=patient)
    states = [State.TAKEN, State.SKIPPED, State.MISSED, State.UNANSWERED, State.SCHEDULED, State.SCHEDULED]
    for number, state in enumerate(states):
        DoseFactory(schedule=schedule, due_at=NOW + timedelta(hours=number - 4), state=state)
    prescription = read(schedule.prescription)
    found = outcomes_of([prescription], **MONTH)[prescription.pk]
    assert [each.outcome for each in found] == [
        Outcome.TAKEN,
        Outcome.SKIPPED,
        Outcome.MISSED,
        Outcome.UNANSWERED,
        Outcome.UNANSWERED,
        Outcome.AHEAD,
    ]


@pytest.mark.parametrize(
    ("taken", "outcome", "units"),
    [(None, Outcome.TAKEN, 2), ("1.5", Outcome.PART, "1.5"), ("2", Outcome.TAKEN, 2)],
)
def test_a_part_of_a_dose_counts_as_what_it_is(taken: str | None, outcome: Outcome, units: Any) -> None:
    dose = DoseFactory(state=State.TAKEN, quantity=Decimal(2))
    dose.taken_quantity = None if taken is None else Decimal(taken)
    assert outcome_of(dose, now=NOW) == (outcome, Decimal(units))


def test_as_needed_is_a_count_of_its_own(patient: Patient) -> None:
    schedule = DoseScheduleFactory(prescription__patient=patient, rule=AS_NEEDED)
    for number in range(3):
        DoseFactory(
            schedule=schedule,
            kind=Dose.Kind.AS_NEEDED,
            due_at=NOW - timedelta(hours=number),
            quantity=2,
            state=State.TAKEN,
        )
    prescription = read(schedule.prescription)
    found = outcomes_of([prescription], **MONTH)[prescription.pk]
    assert count(found).as_needed == 3
    assert count(found).total == 0
    assert sum(each.taken for each in found) == 6


def test_a_broken_rule_takes_nothing_with_it(patient: Patient) -> None:
    """One row that can't be read leaves the others as they are."""
    broken = DoseScheduleFactory(prescription__patient=patient)
    type(broken).objects.filter(pk=broken.pk).update(rule=["what", "is", "this"])
    DoseFactory(schedule=broken, state=State.TAKEN)
    whole = DoseScheduleFactory(prescription__patient=patient)
    DoseFactory(schedule=whole, state=State.TAKEN)
    both = [read(broken.prescription), read(whole.prescription)]
    found = outcomes_of(both, **MONTH)
    assert [count(found[each.pk]).taken for each in both] == [1, 1]


def test_a_month_is_that_of_the_patients_wall(patient: Patient) -> None:
    patient.timezone = "America/New_York"
    patient.save()
    schedule = DoseScheduleFactory(prescription__patient=patient)
    for due_at in (
        datetime(2026, 11, 1, 3, 59, tzinfo=UTC),  # still the 31st of October in New York
        datetime(2026, 11, 1, 4, 0, tzinfo=UTC),
        datetime(2026, 12, 1, 4, 59, tzinfo=UTC),  # 23:59 on the 30th, after the clocks went back
        datetime(2026, 12, 1, 5, 0, tzinfo=UTC),
    ):
        DoseFactory(schedule=schedule, due_at=due_at, state=State.TAKEN)
    prescription = read(schedule.prescription)
    found = outcomes_of([prescription], **MONTH)[prescription.pk]
    assert [each.day for each in found] == [date(2026, 11, 1), date(2026, 11, 30)]


def test_what_was_open_when_the_medicine_was_stopped_is_not_held_against_anybody(patient: Patient) -> None:
    schedule = DoseScheduleFactory(
        prescription__patient=patient, prescription__ended_at=NOW - timedelta(hours=3)
    )
    for hours_ago, state in ((5, State.MISSED), (2, State.MISSED), (1, State.TAKEN)):
        DoseFactory(schedule=schedule, due_at=NOW - timedelta(hours=hours_ago), state=state)
    prescription = read(schedule.prescription)
    found = outcomes_of([prescription], **MONTH)[prescription.pk]
    assert [each.outcome for each in found] == [Outcome.MISSED, Outcome.TAKEN]


def test_the_days_covered_are_those_since_the_first_refill(taken_daily: Any) -> None:
    prescription = taken_daily(60)
    collect(prescription, 20, 14)
    assert covered([read(prescription)], until=TODAY, now=NOW) == {
        prescription.pk: Covered(days=14, of=21, start=TODAY - timedelta(days=20), end=TODAY)
    }


def test_an_early_refill_is_carried_forward_and_never_covers_more_than_all(taken_daily: Any) -> None:
    prescription = taken_daily(60)
    for days_ago in (29, 28, 27):
        collect(prescription, days_ago, 28)
    found = covered([read(prescription)], until=TODAY, now=NOW)[prescription.pk]
    assert (found.days, found.of, found.pdc) == (30, 30, 1)


def test_two_packs_at_two_a_day_are_added_before_they_are_divided(taken_daily: Any) -> None:
    prescription = taken_daily(60, quantity=2)
    collect(prescription, 29, 15)
    collect(prescription, 29, 15)
    assert covered([read(prescription)], until=TODAY, now=NOW)[prescription.pk].days == 15


def test_an_earlier_month_is_judged_by_what_was_known_then(taken_daily: Any) -> None:
    prescription = taken_daily(90)
    collect(prescription, 60, 30)
    collect(prescription, 5, 30)
    then = TODAY - timedelta(days=20)
    found = covered([read(prescription)], until=then, now=NOW)[prescription.pk]
    assert (found.days, found.of, found.end) == (30, 41, then)


def test_a_course_that_is_over_is_judged_up_to_its_end(taken_daily: Any) -> None:
    prescription = taken_daily(60, end_date=TODAY - timedelta(days=10))
    collect(prescription, 30, 21)
    found = covered([read(prescription)], until=TODAY, now=NOW)[prescription.pk]
    assert (found.days, found.of) == (21, 21)


@pytest.mark.parametrize("days", [0, 5])
def test_too_few_days_or_no_refill_say_nothing(taken_daily: Any, days: int) -> None:
    prescription = taken_daily(60)
    if days:
        collect(prescription, days, 28)
    assert covered([read(prescription)], until=TODAY, now=NOW) == {}


def test_as_needed_has_no_days_to_cover(patient: Patient) -> None:
    schedule = DoseScheduleFactory(prescription__patient=patient, rule=AS_NEEDED)
    for number in range(30):
        DoseFactory(
            schedule=schedule,
            kind=Dose.Kind.AS_NEEDED,
            due_at=NOW - timedelta(days=number),
            state=State.TAKEN,
        )
    collect(schedule.prescription, 20, 28)
    assert covered([read(schedule.prescription)], until=TODAY, now=NOW) == {}


def test_the_doses_of_a_removed_schedule_stay_part_of_the_plan(patient: Patient) -> None:
    prescription = PrescriptionFactory(patient=patient, start_date=TODAY - timedelta(days=40))
    removed = DoseScheduleFactory(prescription=prescription, rule=times("08:00"))
    for number in range(30):
        DoseFactory(schedule=removed, due_at=NOW - timedelta(days=number), state=State.TAKEN)
    collect(prescription, 20, 7)
    removed.delete()
    assert covered([read(prescription)], until=TODAY, now=NOW)[prescription.pk].days == 7


def test_queries_are_as_many_for_one_medicine_as_for_many(taken_daily: Any) -> None:
    counts = []
    for number in (1, 4):
        made = [taken_daily(10) for _ in range(number)]
        for each in made:
            collect(each, 9, 5)
        several = [read(each) for each in made]
        with CaptureQueriesContext(connection) as queries:
            outcomes_of(several, **MONTH)
            assert len(covered(several, until=TODAY, now=NOW)) == number
        counts.append(len(queries))
    assert counts == [3, 3]


def test_without_prescriptions_nothing_is_asked(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert outcomes_of([], **MONTH) == {}
        assert covered([], until=TODAY, now=NOW) == {}


def test_a_number_that_was_put_right_counts_as_what_it_is(taken_daily: Any) -> None:
    prescription = taken_daily(90)
    collect(prescription, 80, 82)
    [batch] = prescription.batches.all()
    stock_correct(batch_id=batch.pk, difference=Decimal(-54), user=None, now=NOW, why="82 for 28")
    assert covered([read(prescription)], until=TODAY, now=NOW)[prescription.pk].days == 28
    assert [refill.units for refill in refills_of([prescription.pk])] == [28]
