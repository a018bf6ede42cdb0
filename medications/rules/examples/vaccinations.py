"""What is said of rotavirus at which age: its late start is a danger."""

from datetime import date, timedelta
from typing import NamedTuple

from medications.rules.vaccinations import State

BORN = date(2026, 1, 15)
VACCINE = "rv"


class Example(NamedTuple):
    """At this age, where the first dose was given at that age or not at all, what is said of doses 1 and 2."""

    age: timedelta
    first_given: timedelta | None
    states: tuple[State, State]


def _age(weeks: int, days: int = 0) -> timedelta:
    return timedelta(weeks=weeks, days=days)


EXAMPLES = (
    Example(_age(19, 6), None, (State.OVERDUE, State.UPCOMING)),
    Example(_age(20), None, (State.OVERDUE, State.NOT_NEEDED)),
    Example(_age(23, 6), None, (State.OVERDUE, State.NOT_NEEDED)),
    Example(_age(24), None, (State.NO_LONGER, State.NO_LONGER)),
    Example(_age(19, 6), _age(19, 6), (State.GIVEN, State.UPCOMING)),
    Example(_age(23, 6), _age(19, 6), (State.GIVEN, State.DUE)),
    Example(_age(24), _age(19, 6), (State.GIVEN, State.NO_LONGER)),
    Example(_age(22), _age(20), (State.GIVEN, State.NOT_NEEDED)),
)
