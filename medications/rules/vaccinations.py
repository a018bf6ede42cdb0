"""A child's vaccination calendar, from the date of birth and what was given.

What it says of each dose follows from medications/rules/vaccine_table.py, in this order: an injection that came too
early doesn't count; the first that counts decides which course the child needs; the next dose is due at its age, and
no sooner than its interval after the last injection; past its last age it is no longer given.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from medications.rules.vaccine_table import CHILDHOOD, DOSE_NUMBERS, Course, TableDose, course_of, has_dose
from medications.rules.wall_time import instant, zone

REMINDER_TIME = time(9)


@dataclass(frozen=True, kw_only=True)
class Given:
    """A vaccination that was given, with the dose number under which it was recorded."""

    vaccine: str
    dose_number: int
    on: date


@dataclass(frozen=True, kw_only=True)
class OpenDose:
    """A dose that a clinic has put down with a due date, and that wasn't given yet."""

    vaccine: str
    dose_number: int
    due_on: date


class State(StrEnum):
    GIVEN = "given"
    NOT_COUNTED = "not_counted"
    DUE = "due"
    OVERDUE = "overdue"
    UPCOMING = "upcoming"
    NO_LONGER = "no_longer"
    NOT_NEEDED = "not_needed"


OPEN = frozenset({State.DUE, State.OVERDUE, State.UPCOMING})
"""The states of a dose that is still to be given."""


@dataclass(frozen=True, kw_only=True)
class PlannedDose:
    """One dose of a child's calendar: `due` on its very day, `overdue` after it, `upcoming` before it.

    `due_on` is there for those only, `given_on` for what was given. `counts_from` is the first day on which the next
    dose counts, and of what was given and doesn't count that on which it would have.
    """

    vaccine: str
    dose_number: int
    state: State
    due_on: date | None = None
    given_on: date | None = None
    counts_from: date | None = None

    @property
    def day(self) -> date | None:
        return self.given_on or self.due_on


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What became of something that was given: it counts, or it would have from `counts_from` on."""

    given: Given
    counts_from: date | None = None
    after_last_age: bool = False
    beyond_course: bool = False

    @property
    def counts(self) -> bool:
        return self.counts_from is None


def judged(vaccine: str, born: date, given: Iterable[Given]) -> list[Judged]:
    """Each of these of one vaccine of the table, by date. The n-th that counts is measured by the course's n-th dose.

    What was given after its last age counts, because it was given; so does what was more than needed.
    """
    found: list[Judged] = []
    counted: list[date] = []
    for each in sorted(given, key=lambda one: (one.on, one.dose_number)):
        course = course_of(vaccine, born, [*counted, each.on][0])
        before = found[-1].given.on if found else None
        if len(counted) == len(course.doses):
            found.append(Judged(given=each, beyond_course=True))
            continue
        dose = course.doses[len(counted)]
        earliest = _earliest(dose, born, before)
        if each.on < earliest:
            found.append(Judged(given=each, counts_from=earliest))
        else:
            late = dose.until is not None and each.on >= dose.until.after(born)
            found.append(Judged(given=each, after_last_age=late))
            counted.append(each.on)
    return found


def calendar(date_of_birth: date, *, given: Iterable[Given], today: date) -> list[PlannedDose]:
    """Every dose of the table, by date, those without one last; and what was given but doesn't count.

    A dose is due at its age or, if that is later, its interval after the injection of its vaccine before it: the day
    that one was given, or else the soonest that it can be given, which is today when it is overdue. So a late dose
    moves those after it. What was given of vaccines that the table doesn't have is left aside.
    """
    by_vaccine: dict[str, list[Given]] = {vaccine: [] for vaccine in DOSE_NUMBERS}
    for each in given:
        if each.vaccine in by_vaccine:
            by_vaccine[each.vaccine].append(each)
    planned = [
        dose
        for vaccine, theirs in by_vaccine.items()
        for dose in _of_vaccine(vaccine, date_of_birth, theirs, today)
    ]
    return sorted(planned, key=lambda dose: dose.day or date.max)


def _of_vaccine(vaccine: str, born: date, given: Sequence[Given], today: date) -> list[PlannedDose]:
    found = judged(vaccine, born, given)
    counted = [each for each in found if each.counts]
    planned = [
        PlannedDose(
            vaccine=vaccine,
            dose_number=each.given.dose_number,
            state=State.GIVEN if each.counts else State.NOT_COUNTED,
            given_on=each.given.on,
            counts_from=each.counts_from,
        )
        for each in found
    ]
    last = found[-1].given.on if found else None
    open_numbers = [
        number
        for number in DOSE_NUMBERS[vaccine]
        if number not in {each.given.dose_number for each in counted}
    ]
    return planned + _still_to_give(vaccine, born, open_numbers, counted, last, today)


def _still_to_give(
    vaccine: str,
    born: date,
    numbers: Sequence[int],
    counted: Sequence[Judged],
    last: date | None,
    today: date,
) -> list[PlannedDose]:
    """A plan for each of these numbers, of which the child may not need all."""
    course = _course(vaccine, born, counted, last, today)
    needed = course.doses[len(counted) :]
    planned = []
    ended = False
    for number, dose in zip(numbers, needed, strict=False):
        due_on = _due_on(dose, born, last)
        soonest = max(due_on, today)
        ended = ended or (dose.until is not None and soonest >= dose.until.after(born))
        if ended:
            planned.append(PlannedDose(vaccine=vaccine, dose_number=number, state=State.NO_LONGER))
            continue
        state = due_state(due_on, today)
        planned.append(
            PlannedDose(
                vaccine=vaccine,
                dose_number=number,
                due_on=due_on,
                state=state,
                counts_from=_earliest(dose, born, last) if not planned else None,
            )
        )
        last = soonest
    # A child that is too old for a whole course is told so of all its doses.
    rest = State.NO_LONGER if ended and not counted else State.NOT_NEEDED
    return planned + [
        PlannedDose(vaccine=vaccine, dose_number=number, state=rest) for number in numbers[len(planned) :]
    ]


def _course(vaccine: str, born: date, counted: Sequence[Judged], last: date | None, today: date) -> Course:
    """The course that was begun, else the one that would begin as soon as it can."""
    if counted:
        return course_of(vaccine, born, counted[0].given.on)
    first = course_of(vaccine, born, born).doses[0]
    return course_of(vaccine, born, max(_due_on(first, born, last), today))


def _due_on(dose: TableDose, born: date, last: date | None) -> date:
    return max(dose.age.after(born), _earliest(dose, born, last))


def _earliest(dose: TableDose, born: date, last: date | None) -> date:
    """The first day on which it counts, after the injection before it, whether that counted or not."""
    earliest = dose.first_age.after(born)
    return earliest if last is None else max(earliest, dose.interval.after(last))


def still_to_give(open_dose: OpenDose, *, born: date | None, given: Iterable[Given], on: date) -> bool:
    """Whether a child may be asked on that day to come for a dose with a due date.

    Not when it was given, is no longer given or isn't needed, nor when it would come too early to count. Where the
    table knows nothing, it is for the clinic to say: of other vaccines and dose numbers, of grown-ups, and of somebody
    whose date of birth isn't known.
    """
    vaccine, number = open_dose.vaccine, open_dose.dose_number
    if born is None or vaccine not in DOSE_NUMBERS or open_dose.due_on >= CHILDHOOD.after(born):
        return True
    planned = _of_vaccine(vaccine, born, [each for each in given if each.vaccine == vaccine], on)
    if not has_dose(vaccine, number):
        return all(dose.state is not State.NO_LONGER for dose in planned)
    return any(
        dose.dose_number == number
        and dose.state in OPEN
        and (dose.counts_from is None or dose.counts_from <= on)
        for dose in planned
    )


def reminder_at(next_due_date: date, timezone: str) -> datetime:
    """When (UTC) people are reminded of it: the day before, at 09:00 on the clock of that time zone."""
    return instant(next_due_date - timedelta(days=1), REMINDER_TIME, zone(timezone))


def due_state(due_on: date, today: date) -> State:
    """What is said on that day of a dose that is due on another."""
    if due_on < today:
        return State.OVERDUE
    return State.DUE if due_on == today else State.UPCOMING
