"""Adherence: what became of each dose, and the days that the collected medicine covered."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medications.rules import adherence
from medications.rules.adherence import Counts, DoseOutcome, Outcome
from medications.rules.errors import RuleError

START, END = date(2026, 6, 1), date(2026, 6, 30)
NOW = datetime(2026, 6, 15, 8, tzinfo=UTC)


def june(day: int) -> date:
    return START + timedelta(days=day - 1)


def daily(units: object = 1, *, first: date = date(2026, 4, 1), days: int = 120, every: int = 1):
    """A dose a day, or every so many days, from the first of April."""
    return [(first + timedelta(days=n), Decimal(str(units))) for n in range(0, days, every)]


@pytest.mark.parametrize(
    ("fills", "covered"),
    [
        ([], 0),
        ([(june(1), 30)], 30),
        ([(june(1), 15)], 15),
        ([(june(16), 30)], 15),  # late: half of the month is not covered
        ([(june(1), 10), (june(6), 10)], 20),  # early: carried forward
        ([(june(1), 28), (june(2), 28)], 30),  # at most all of it
        ([(june(6), 10), (june(1), 10)], 20),
        ([(date(2026, 5, 25), 10)], 3),  # collected before the period, as far as it lasts
        ([(date(2026, 5, 25), 10), (date(2026, 5, 30), 10)], 13),
        ([(date(2026, 4, 1), 10)], 0),
        ([(date(2026, 7, 1), 30)], 0),
        ([(june(1), 0)], 0),
    ],
)
def test_days_covered(fills, covered):
    found = adherence.coverage(fills=fills, doses=daily(), start=START, end=END)
    assert (found.days, found.of) == (covered, 30)
    assert found.pdc == Decimal(covered) / 30


@pytest.mark.parametrize(
    ("fills", "doses", "covered"),
    [
        # Two packs of 15 at two a day are 15 days, not twice 7.
        ([(june(1), 15), (june(1), 15)], sorted(daily() + daily()), 15),
        # Half tablets.
        ([(june(1), 10)], daily("0.5"), 20),
        # Weekly, four each Monday: the days between belong to the dose before them.
        ([(june(1), 8)], daily(4, first=june(1), every=7), 14),
        # Every second day, collected on a day without a dose: from the next dose on.
        ([(june(2), 5)], daily(first=june(1), every=2), 10),
        # One left, two due: half of the day's doses don't cover the day, and the one is gone.
        ([(june(1), 3), (june(10), 2)], sorted(daily() + daily()), 2),
        # Half a dose is no dose: what doesn't meet it in full stays for the next refill.
        ([(june(1), 3), (june(10), 1)], daily(2), 2),
        # A taper: 2 for ten days, then 1.
        ([(june(1), 30)], daily(2, first=june(1), days=10) + daily(first=june(11), days=30), 20),
        # Before the first dose of all its days count as the dose does.
        ([(june(1), 30)], daily(first=june(11), days=30), 30),
        ([(june(1), 30)], [], 0),
    ],
)
def test_days_covered_follow_the_plan(fills, doses, covered):
    assert adherence.coverage(fills=fills, doses=doses, start=START, end=END).days == covered


@pytest.mark.parametrize(
    ("fills", "doses", "end", "words"),
    [
        ([], [], date(2026, 5, 31), "end: this must not be before start."),
        ([(START, -1)], [], END, "fills: the quantity must not be negative."),
        ([], [(START, Decimal(-1))], END, "doses: the quantity must not be negative."),
    ],
)
def test_impossible_periods_fills_and_doses_are_refused(fills, doses, end, words):
    with pytest.raises(RuleError) as refused:
        adherence.coverage(fills=fills, doses=doses, start=START, end=end)
    assert str(refused.value) == words
    assert refused.value.field == words.partition(":")[0]


@pytest.mark.parametrize(("collected", "covered"), [(1, 0), (2, 1), (3, 1)])
def test_a_period_of_one_day_has_its_own_dose(collected, covered):
    found = adherence.coverage(
        fills=[(june(1), collected)], doses=[(june(1), Decimal(2))], start=june(1), end=june(1)
    )
    assert (found.days, found.of) == (covered, 1)


def test_the_last_day_of_a_period_is_covered_by_what_is_left_for_it():
    found = adherence.coverage(fills=[(june(1), 29)], doses=daily(), start=START, end=END)
    assert (found.days, found.of) == (29, 30)


DAYS = st.integers(-20, 40).map(lambda n: START + timedelta(days=n))
FILLS = st.lists(st.tuples(DAYS, st.integers(0, 20)))


@given(fills=FILLS, each=st.integers(1, 3), times=st.integers(1, 3), every=st.integers(1, 4))
def test_it_agrees_with_tablets_taken_one_by_one_from_a_jar(fills, each, times, every):
    """The brute force: a jar, in which each tablet is one, and a calendar that is torn off day by day."""
    doses = [(START + timedelta(days=n), Decimal(each)) for n in range(-20, 30, every) for _ in range(times)]
    jar: list[str] = []
    covered = 0
    last: bool | None = None
    waiting = 0  # days before the first dose
    for number in range(-20, 30):
        today = START + timedelta(days=number)
        for filled_on, tablets in fills:
            jar += ["tablet"] * (tablets if filled_on == today else 0)
        todays = [dose for dose in doses if dose[0] == today]
        if todays:
            met = 0
            for _ in todays:
                if len(jar) >= each:
                    del jar[:each]
                    met += 1
            last = met == times
        if last is None:
            waiting += number >= 0
        elif number >= 0:
            covered += last
    assert waiting == 0  # the doses begin before the period
    assert adherence.coverage(fills=fills, doses=doses, start=START, end=END).days == covered


@given(fills=FILLS, more=st.tuples(DAYS, st.integers(0, 20)), every=st.integers(1, 9))
def test_another_refill_never_covers_less_and_never_more_than_all(fills, more, every):
    doses = daily(first=START - timedelta(days=20), days=60, every=every)
    before = adherence.coverage(fills=fills, doses=doses, start=START, end=END)
    after = adherence.coverage(fills=[*fills, more], doses=doses, start=START, end=END)
    assert 0 <= before.days <= after.days <= after.of == 30
    assert 0 <= after.pdc <= 1


@given(fills=FILLS, moved=st.integers(1, 10))
def test_a_refill_fetched_earlier_never_covers_less(fills, moved):
    earlier = [(filled_on - timedelta(days=moved), tablets) for filled_on, tablets in fills]
    doses = daily(first=START, days=60)
    late = adherence.coverage(fills=fills, doses=doses, start=START, end=END)
    assert adherence.coverage(fills=earlier, doses=doses, start=START, end=END).days >= late.days


def outcome(which: Outcome, day: int = 1, **more) -> DoseOutcome:
    taken = {Outcome.TAKEN: 1, Outcome.PART: "0.5"}.get(which, 0)
    return DoseOutcome(day=june(day), outcome=which, planned=Decimal(1), taken=Decimal(str(taken)), **more)


@pytest.mark.parametrize(
    ("answered", "is_over", "planned", "taken", "expected"),
    [
        ("taken", True, 1, None, Outcome.TAKEN),
        ("taken", True, 1, 1, Outcome.TAKEN),
        ("taken", True, 1, "0.5", Outcome.PART),
        ("taken", True, 1, 2, Outcome.TAKEN),  # more than planned is no part
        ("taken", False, 1, None, Outcome.TAKEN),  # before its time
        ("skipped", True, 1, None, Outcome.SKIPPED),
        ("skipped", False, 1, None, Outcome.SKIPPED),
        ("missed", True, 1, None, Outcome.MISSED),
        ("unanswered", True, 1, None, Outcome.UNANSWERED),
        ("scheduled", True, 1, None, Outcome.UNANSWERED),  # it was due a minute ago: not hidden
        ("scheduled", False, 1, None, Outcome.AHEAD),
    ],
)
def test_what_became_of_a_dose(answered, is_over, planned, taken, expected):
    assert (
        adherence.outcome_of(
            answered,
            planned=Decimal(planned),
            taken=None if taken is None else Decimal(taken),
            due_at=NOW if is_over else NOW + timedelta(seconds=1),
            now=NOW,
        )
        == expected
    )


def test_each_dose_is_counted_once_and_parts_are_taken_ones():
    found = [
        *[outcome(Outcome.TAKEN)] * 5,
        *[outcome(Outcome.PART)] * 4,
        *[outcome(Outcome.SKIPPED)] * 3,
        *[outcome(Outcome.MISSED)] * 2,
        outcome(Outcome.UNANSWERED),
        *[outcome(Outcome.AHEAD)] * 9,
        *[outcome(Outcome.TAKEN, as_needed=True)] * 7,
    ]
    assert adherence.count(found) == Counts(
        taken=9, part=4, skipped=3, missed=2, unanswered=1, as_needed=7, ahead=9
    )
    assert adherence.count(found).total == 15


def test_the_units_are_those_that_were_taken():
    found = [outcome(Outcome.TAKEN), outcome(Outcome.PART), outcome(Outcome.MISSED)]
    assert sum(each.taken for each in found) == Decimal("1.5")


@given(st.lists(st.sampled_from(list(Outcome)).map(outcome)))
def test_nothing_is_counted_twice_and_nothing_left_out(found):
    counts = adherence.count(found)
    assert counts.total + counts.ahead + counts.as_needed == len(found)
    assert counts.part <= counts.taken
