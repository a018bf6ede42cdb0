"""A month of doses as the cells of an SVG, a week a row, Monday first. Pure.

Each dose is a mark of its own in the cell of its day, so that no colour is the only sign.
"""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from medications.rules.adherence import DoseOutcome, Outcome

WIDTH = 322
_STEP_X, _STEP_Y = 46, 56
_CELL, _CELL_HEIGHT = 44, 54
_HEAD = 28
"""The row of the weekdays."""
_MARKS_TOP, _MARKS_HEIGHT = 26, 24
_LARGEST = 18
_MOST_IN_A_ROW = 3

PRESSING = (Outcome.MISSED, Outcome.UNANSWERED, Outcome.SKIPPED, Outcome.PART, Outcome.TAKEN)
"""What the colour of a day says: the first of these that is among its doses."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One dose: the name of its sign, and the square that it fills."""

    name: str
    x: str
    y: str
    size: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One day. `look` is what its colour says: an outcome, "as_needed", "ahead", or "none" for a day without doses."""

    day: date
    look: str
    is_today: bool
    x: int
    y: int
    marks: tuple[Mark, ...]

    @property
    def number_x(self) -> int:
        return self.x + _CELL // 2

    @property
    def number_y(self) -> int:
        return self.y + 21


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The cells of the month in their order; `weekdays` are the middles of the columns."""

    cells: tuple[Cell, ...]
    weekdays: tuple[int, ...]
    height: int

    @property
    def view_box(self) -> str:
        return f"0 0 {WIDTH} {self.height}"


def heat_map(month: date, outcomes: Iterable[DoseOutcome], *, today: date) -> HeatMap:
    """The month of that first day. Doses of other days are ignored; those of one day are in the order given."""
    by_day: dict[date, list[DoseOutcome]] = defaultdict(list)
    for each in outcomes:
        by_day[each.day].append(each)
    weeks = Calendar().monthdatescalendar(month.year, month.month)
    cells = [
        _cell(day, by_day[day], column * _STEP_X, _HEAD + row * _STEP_Y, is_today=day == today)
        for row, week in enumerate(weeks)
        for column, day in enumerate(week)
        if day.month == month.month
    ]
    return HeatMap(
        cells=tuple(cells),
        weekdays=tuple(column * _STEP_X + _CELL // 2 for column in range(7)),
        height=_HEAD + len(weeks) * _STEP_Y,
    )


def _cell(day: date, doses: Sequence[DoseOutcome], x: int, y: int, *, is_today: bool) -> Cell:
    names = ["as_needed" if each.as_needed else each.outcome.value for each in doses]
    return Cell(day, _look(doses), is_today, x, y, _marks(names, x, y + _MARKS_TOP))


def _look(doses: Sequence[DoseOutcome]) -> str:
    planned = {each.outcome for each in doses if not each.as_needed}
    pressing = next((each for each in PRESSING if each in planned), None)
    if pressing:
        return pressing.value
    if planned:
        return "ahead"
    return "as_needed" if doses else "none"


def _marks(names: Sequence[str], x: int, y: int) -> tuple[Mark, ...]:
    """In one row, or in two from four doses on; the more doses, the smaller the marks."""
    if not names:
        return ()
    rows = 1 if len(names) <= _MOST_IN_A_ROW else 2
    columns = -(-len(names) // rows)
    size = min(_LARGEST, (_CELL - 2) / columns, _MARKS_HEIGHT / rows)
    marks = []
    for number, name in enumerate(names):
        row, column = divmod(number, columns)
        in_row = min(columns, len(names) - row * columns)
        left = x + (_CELL - in_row * size) / 2 + column * size
        top = y + (_MARKS_HEIGHT - rows * size) / 2 + row * size
        marks.append(Mark(name, _text(left), _text(top), _text(size)))
    return tuple(marks)


def _text(coordinate: float) -> str:
    """A template would write 1.5 as 1,5 in Afrikaans."""
    return f"{coordinate:.1f}"
