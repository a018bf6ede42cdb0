"""Which doses of which vaccine a child needs, at which ages and intervals. Data, each row with its source.

docs/vaccination-table.md says which editions these are, and that a clinician has yet to sign them off. A test
compares it with what stands here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from medications.rules.spans import Span


class Source(StrEnum):
    """Where a row comes from; docs/vaccination-table.md has the editions."""

    SCHEDULE = "EPI(SA) schedule"
    CATCH_UP = "EPI(SA) catch-up"
    WHO_TABLE_3 = "WHO table 3"
    WHO_TETANUS = "WHO tetanus paper"


@dataclass(frozen=True, kw_only=True)
class TableDose:
    """One dose of a course.

    It is due at `age`. Given before `first_age`, or sooner than `interval` after the injection of its vaccine before
    it, it doesn't count. From the age of `until` on it is no longer given; None is no such age.
    """

    dose_number: int
    age: Span
    first_age: Span
    interval: Span
    until: Span | None
    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True)
class Course:
    """The doses of one vaccine for a child that starts before the age of `starts_before`; None is any age."""

    vaccine: str
    starts_before: Span | None
    doses: tuple[TableDose, ...]


def _weeks(number: int) -> Span:
    return Span(weeks=number)


def _months(number: int) -> Span:
    return Span(months=number)


def _years(number: int) -> Span:
    return Span(months=12 * number)


_BIRTH = Span()
_SCHEDULE, _CATCH_UP = Source.SCHEDULE, Source.CATCH_UP
_WHO, _TETANUS = Source.WHO_TABLE_3, Source.WHO_TETANUS


def _dose(
    dose_number: int,
    age: Span,
    *sources: Source,
    first_age: Span | None = None,
    interval: Span = _weeks(4),  # noqa: B008 - a frozen value
    until: Span | None = None,
) -> TableDose:
    return TableDose(
        dose_number=dose_number,
        age=age,
        first_age=first_age or age,
        interval=interval,
        until=until,
        sources=sources,
    )


COURSES: tuple[Course, ...] = (
    Course(
        vaccine="bcg",
        starts_before=None,
        doses=(_dose(1, _BIRTH, _SCHEDULE, _CATCH_UP, until=_years(1)),),
    ),
    Course(
        vaccine="opv",
        starts_before=None,
        doses=(
            _dose(0, _BIRTH, _SCHEDULE, _CATCH_UP, until=_months(6)),
            _dose(1, _weeks(6), _SCHEDULE, _CATCH_UP, _WHO, until=_months(6)),
        ),
    ),
    Course(
        vaccine="rv",
        starts_before=_weeks(20),
        doses=(
            _dose(1, _weeks(6), _SCHEDULE, _CATCH_UP, until=_weeks(20)),
            _dose(2, _weeks(14), _SCHEDULE, _CATCH_UP, _WHO, first_age=_weeks(10), until=_weeks(24)),
        ),
    ),
    Course(
        vaccine="rv",
        starts_before=None,
        doses=(_dose(1, _weeks(6), _CATCH_UP, until=_weeks(24)),),
    ),
    Course(
        vaccine="pcv",
        starts_before=_months(6),
        doses=(
            _dose(1, _weeks(6), _SCHEDULE, _CATCH_UP, until=_years(6)),
            _dose(2, _weeks(14), _SCHEDULE, _WHO, interval=_weeks(8), until=_years(6)),
            _dose(3, _months(9), _SCHEDULE, _WHO, interval=_weeks(8), until=_years(6)),
        ),
    ),
    Course(
        vaccine="pcv",
        starts_before=_months(12),
        doses=(
            _dose(1, _weeks(6), _CATCH_UP, until=_years(6)),
            _dose(2, _weeks(6), _CATCH_UP, until=_years(6)),
            _dose(3, _weeks(6), _CATCH_UP, interval=_weeks(8), until=_years(6)),
        ),
    ),
    Course(
        vaccine="pcv",
        starts_before=None,
        doses=(_dose(1, _weeks(6), _CATCH_UP, until=_years(6)),),
    ),
    Course(
        vaccine="hexavalent",
        starts_before=None,
        doses=(
            _dose(1, _weeks(6), _SCHEDULE, _CATCH_UP, until=_years(5)),
            _dose(2, _weeks(10), _SCHEDULE, _CATCH_UP, until=_years(5)),
            _dose(3, _weeks(14), _SCHEDULE, _CATCH_UP, until=_years(5)),
            _dose(4, _months(18), _SCHEDULE, _CATCH_UP, interval=_months(12), until=_years(5)),
        ),
    ),
    Course(
        vaccine="mr",
        starts_before=_months(11),
        doses=(_dose(1, _months(6), _SCHEDULE, _CATCH_UP), _dose(2, _months(12), _SCHEDULE, _CATCH_UP, _WHO)),
    ),
    Course(
        vaccine="mr",
        starts_before=None,
        doses=(_dose(1, _months(6), _CATCH_UP), _dose(2, _months(11), _CATCH_UP)),
    ),
    Course(
        vaccine="td",
        starts_before=None,
        doses=(
            _dose(1, _years(6), _SCHEDULE, _CATCH_UP),
            _dose(2, _years(12), _SCHEDULE, _TETANUS, interval=_years(4)),
        ),
    ),
)
"""The courses of a vaccine stand together, the earliest start first, the last without a limit."""

CHILDHOOD = _years(13)
"""The table is of childhood: of what a clinic does from this age on, such as PCV for the old, it knows nothing."""

MOST_OUTSIDE = 30
"""The highest dose number of a vaccine that isn't in the table, such as the yearly one against influenza."""


def _numbers() -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for course in COURSES:
        found.setdefault(course.vaccine, set()).update(dose.dose_number for dose in course.doses)
    return {vaccine: tuple(sorted(numbers)) for vaccine, numbers in found.items()}


DOSE_NUMBERS: Mapping[str, tuple[int, ...]] = _numbers()
"""The dose numbers of each vaccine of the table, in order."""


def has_dose(vaccine: str, dose_number: int) -> bool:
    """Whether the vaccine has a dose of this number."""
    numbers = DOSE_NUMBERS.get(vaccine)
    return dose_number in numbers if numbers else 1 <= dose_number <= MOST_OUTSIDE


def course_of(vaccine: str, born: date, started: date) -> Course:
    """The course of a child that has its first dose of this vaccine on that day. The vaccine is in the table."""
    courses = [course for course in COURSES if course.vaccine == vaccine]
    return next(
        course
        for course in courses
        if course.starts_before is None or started < course.starts_before.after(born)
    )
