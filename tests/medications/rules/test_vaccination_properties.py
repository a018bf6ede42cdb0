"""Whatever a child was given, and whenever: the calendar asks for nothing that the table doesn't.

The table stands here a second time, in other words and read day by day.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from medications.rules.vaccinations import OPEN, Given, PlannedDose, calendar

DAY = timedelta(days=1)
FAR = relativedelta(years=500)


def weeks(number: int) -> relativedelta:
    return relativedelta(weeks=number)


def months(number: int) -> relativedelta:
    return relativedelta(months=number)


BIRTH, FOUR_WEEKS = weeks(0), weeks(4)
Row = tuple[relativedelta, relativedelta, relativedelta, relativedelta]
"""Due at this age; counts from that age; so long after the one before; not from that age on."""


def row(
    age: relativedelta, first: relativedelta, apart: relativedelta = FOUR_WEEKS, until: relativedelta = FAR
) -> Row:
    return age, first, apart, until


TABLE: dict[str, list[tuple[relativedelta, list[Row]]]] = {
    "bcg": [(FAR, [row(BIRTH, BIRTH, until=months(12))])],
    "opv": [(FAR, [row(BIRTH, BIRTH, until=months(6)), row(weeks(6), weeks(6), until=months(6))])],
    "rv": [
        (weeks(20), [row(weeks(6), weeks(6), until=weeks(20)), row(weeks(14), weeks(10), until=weeks(24))]),
        (FAR, [row(weeks(6), weeks(6), until=weeks(24))]),
    ],
    "pcv": [
        (
            months(6),
            [
                row(weeks(6), weeks(6), until=months(72)),
                row(weeks(14), weeks(14), weeks(8), months(72)),
                row(months(9), months(9), weeks(8), months(72)),
            ],
        ),
        (
            months(12),
            [
                row(weeks(6), weeks(6), until=months(72)),
                row(weeks(6), weeks(6), until=months(72)),
                row(weeks(6), weeks(6), weeks(8), months(72)),
            ],
        ),
        (FAR, [row(weeks(6), weeks(6), until=months(72))]),
    ],
    "hexavalent": [
        (
            FAR,
            [
                row(weeks(6), weeks(6), until=months(60)),
                row(weeks(10), weeks(10), until=months(60)),
                row(weeks(14), weeks(14), until=months(60)),
                row(months(18), months(18), months(12), months(60)),
            ],
        )
    ],
    "mr": [
        (months(11), [row(months(6), months(6)), row(months(12), months(12))]),
        (FAR, [row(months(6), months(6)), row(months(11), months(11))]),
    ],
    "td": [(FAR, [row(months(72), months(72)), row(months(144), months(144), months(48))])],
}
NUMBERS = {"opv": (0, 1), "bcg": (1,), "rv": (1, 2), "pcv": (1, 2, 3), "hexavalent": (1, 2, 3, 4)} | {
    "mr": (1, 2),
    "td": (1, 2),
}


def rows_for(vaccine: str, born: date, start: date) -> list[Row]:
    return next(rows for before, rows in TABLE[vaccine] if before == FAR or start < born + before)


def counted(vaccine: str, born: date, days: list[date]) -> tuple[list[Row] | None, int]:
    """The rows of the course that was begun, and how many of its doses were met."""
    rows: list[Row] | None = None
    met = 0
    for index, on in enumerate(days):
        trying = rows or rows_for(vaccine, born, on)
        if met >= len(trying):
            continue
        _age, first, apart, _until = trying[met]
        if on >= born + first and (index == 0 or on >= days[index - 1] + apart):
            rows, met = trying, met + 1
    return rows, met


def next_day(vaccine: str, born: date, days: list[date], today: date) -> date | None:
    """The first day from today on, tried one by one, on which a further dose is due; None is never."""
    rows, met = counted(vaccine, born, days)
    day = today
    while True:
        trying = rows or rows_for(vaccine, born, day)
        if met >= len(trying):
            return None
        age, _first, apart, until = trying[met]
        if until is not FAR and day >= born + until:
            return None
        if day >= born + age and (not days or day >= days[-1] + apart):
            return day
        day += DAY


VACCINES = st.sampled_from(sorted(TABLE))
BORN = st.dates(date(2012, 1, 1), date(2031, 1, 1))
AGES = st.integers(0, 400) | st.integers(0, 5000)


@st.composite
def stories(draw: st.DrawFn) -> tuple[date, list[Given], date]:
    """A birth, what was given under whatever number, and a day after all of it."""
    born = draw(BORN)
    today = born + timedelta(days=draw(AGES))
    days = st.integers(0, (today - born).days).map(lambda age: born + timedelta(days=age))
    shots = []
    for vaccine in draw(st.lists(VACCINES, max_size=7)):
        shots.append(
            Given(vaccine=vaccine, dose_number=draw(st.sampled_from(NUMBERS[vaccine])), on=draw(days))
        )
    return born, shots, today


def of_each(plan: list[PlannedDose]) -> Iterator[tuple[str, list[PlannedDose]]]:
    for vaccine in TABLE:
        yield vaccine, [dose for dose in plan if dose.vaccine == vaccine]


@given(stories())
def test_the_next_dose_is_on_the_first_day_that_enumeration_finds(
    story: tuple[date, list[Given], date],
) -> None:
    born, shots, today = story
    for vaccine, doses in of_each(calendar(born, given=shots, today=today)):
        days = sorted(shot.on for shot in shots if shot.vaccine == vaccine)
        coming = [max(dose.due_on, today) for dose in doses if dose.state in OPEN and dose.due_on]
        assert min(coming, default=None) == next_day(vaccine, born, days, today), vaccine


@given(stories())
def test_a_planned_dose_is_within_its_ages_and_never_nearer_than_its_interval(
    story: tuple[date, list[Given], date],
) -> None:
    born, shots, today = story
    for vaccine, doses in of_each(calendar(born, given=shots, today=today)):
        days = sorted(shot.on for shot in shots if shot.vaccine == vaccine)
        rows, met = counted(vaccine, born, days)
        coming = [max(dose.due_on, today) for dose in doses if dose.state in OPEN and dose.due_on]
        rows = rows or rows_for(vaccine, born, coming[0] if coming else today)
        assert met + len(coming) <= len(rows)
        for (_age, first, apart, until), on in zip(rows[met:], coming, strict=False):
            assert on >= born + first
            assert until is FAR or on < born + until
            assert not days or on >= days[-1] + apart
            days.append(on)


@given(stories())
def test_giving_every_dose_on_the_day_that_it_is_due_completes_the_schedule(
    story: tuple[date, list[Given], date],
) -> None:
    born, shots, today = story
    given_now: list[Given] = []
    for _round in range(20):
        plan = calendar(born, given=[*shots, *given_now], today=today)
        coming = [dose for dose in plan if dose.state in OPEN and dose.due_on]
        if not coming:
            break
        today = min(max(dose.due_on, today) for dose in coming if dose.due_on)
        given_now += [
            Given(vaccine=dose.vaccine, dose_number=dose.dose_number, on=today)
            for dose in coming
            if dose.due_on and dose.due_on <= today
        ]
    assert not coming
    wasted = {(dose.vaccine, dose.dose_number, dose.given_on) for dose in plan if dose.counts_from}
    before = {(shot.vaccine, shot.dose_number, shot.on) for shot in shots}
    assert wasted <= before
    for vaccine, doses in of_each(plan):
        assert {dose.dose_number for dose in doses} == set(NUMBERS[vaccine])


@given(stories())
def test_everything_given_is_shown_once_and_nothing_is_made_up(story: tuple[date, list[Given], date]) -> None:
    born, shots, today = story
    plan = calendar(born, given=shots, today=today)
    shown = sorted((dose.vaccine, dose.dose_number, dose.given_on) for dose in plan if dose.given_on)
    assert shown == sorted((shot.vaccine, shot.dose_number, shot.on) for shot in shots)
