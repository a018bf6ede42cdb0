"""The figures on the manager's page, each of a month. Each app registers its own, in its module `month_figures`.

They read only what was counted before (`home.dashboard.counts`, `home.dashboard.days`), so they make no query.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Sum

from home.dashboard.counts import Numbers, total
from home.models import ClinicCount
from notifications.models import Spending
from notifications.rules.prices import exact

FORTNIGHT = 14
"""Days of what is shown day by day across the end of a month."""
_A_DAY = timedelta(days=1)


class Part(StrEnum):
    """What a figure stands under, in this order."""

    CARE = "care"
    REMINDING = "reminding"
    STOCK = "stock"
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a figure, in the reader's language: "by SMS", 412 of 520; without `whole` a number alone.

    `name` is the same in each language and month, for files. An amount of rand is a Decimal. A `sensitive` line splits
    people by what they are; its numbers are None where that would say too much of few (`home.dashboard.small_cells`).
    """

    name: str
    label: str
    number: int | Decimal | None
    whole: int | None = None
    sensitive: bool = False

    @property
    def percent(self) -> int | None:
        """Rounded down: 100 is said only of all."""
        if self.number is None or not self.whole:
            return None
        return int(self.number * 100 // self.whole)


@dataclass(frozen=True, slots=True)
class DayLine:
    """What was done on a day, and what else there was."""

    day: date
    done: int
    other: int


@dataclass(frozen=True, slots=True)
class DayLines:
    """Day by day, with the words for what was done and for the rest."""

    heading: str
    done: str
    other: str
    days: Sequence[DayLine]


@dataclass(frozen=True, slots=True)
class MonthShown:
    """A figure as it is shown. Its first line is what clinics are compared by."""

    lines: Sequence[Line]
    by_day: DayLines | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """What was counted of some clinics in a month, both days included; `last` is today in the month that is running.

    `numbers` are by name, then by clinic and day, from a fortnight before the last day on where that is earlier.
    `costs` are in rand, by clinic and channel.
    """

    first: date
    last: date
    is_running: bool
    clinic_ids: frozenset[int]
    numbers: Mapping[str, Mapping[tuple[int, date], Numbers]] = field(default_factory=dict)
    costs: Mapping[tuple[int, str], Decimal] = field(default_factory=dict)

    def of(self, clinic_ids: Collection[int]) -> "Month":
        """The same for some of its clinics."""
        return replace(self, clinic_ids=self.clinic_ids.intersection(clinic_ids))

    def total(self, name: str) -> Counter[str]:
        """What happened in the month."""
        return total(numbers for day, numbers in self._of(name) if self.first <= day <= self.last)

    def by_day(self, name: str, first: date) -> list[tuple[date, Counter[str]]]:
        """What happened on each day from `first` to the last one, those on which nothing did included."""
        found: dict[date, Counter[str]] = {
            first + number * _A_DAY: Counter() for number in range((self.last - first).days + 1)
        }
        for day, numbers in self._of(name):
            if day in found:
                found[day].update(numbers)
        return list(found.items())

    def stands(self, name: str) -> list[Numbers]:
        """How things stood at each clinic when they were counted last in the month."""
        newest: dict[int, tuple[date, Numbers]] = {}
        for (clinic_id, day), numbers in self.numbers.get(name, {}).items():
            if clinic_id in self.clinic_ids and self.first <= day <= self.last:
                newest[clinic_id] = max(
                    newest.get(clinic_id, (day, numbers)), (day, numbers), key=lambda at: at[0]
                )
        return [numbers for _day, numbers in newest.values()]

    @property
    def fortnight(self) -> date:
        """The first of the last days that are shown one by one."""
        return self.last - (FORTNIGHT - 1) * _A_DAY

    def _of(self, name: str) -> Iterable[tuple[date, Numbers]]:
        for (clinic_id, day), numbers in self.numbers.get(name, {}).items():
            if clinic_id in self.clinic_ids:
                yield day, numbers


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """`counts` are the names of what it reads; `show` gives None where there is nothing to say."""

    name: str
    part: Part
    order: int
    heading: Any
    counts: tuple[str, ...]
    show: Callable[[Month], MonthShown | None]


_figures: dict[str, MonthFigure] = {}


def register_month_figure(figure: MonthFigure) -> None:
    """Show this figure; ValueError when there is one of its name."""
    if figure.name in _figures:
        raise ValueError(f"The manager's page has a figure “{figure.name}” already.")
    _figures[figure.name] = figure


def month_figures() -> Sequence[MonthFigure]:
    """All figures in their order."""
    parts = list(Part)
    return sorted(_figures.values(), key=lambda figure: (parts.index(figure.part), figure.order))


def month_of_clinics(clinic_ids: Collection[int], first: date, *, today: date) -> Month:
    """What was counted of these clinics in the month that begins on `first`, which isn't after today. Two queries."""
    next_month = (first + 31 * _A_DAY).replace(day=1)
    month = Month(first, min(next_month - _A_DAY, today), today < next_month, frozenset(clinic_ids))
    names = {name for figure in month_figures() for name in figure.counts}
    rows = ClinicCount.objects.filter(
        clinic__in=clinic_ids, name__in=names, day__gte=min(first, month.fortnight), day__lte=month.last
    )
    numbers: dict[str, dict[tuple[int, date], Numbers]] = {name: {} for name in names}
    for clinic_id, name, day, each in rows.values_list("clinic_id", "name", "day", "numbers"):
        numbers[name][clinic_id, day] = each
    spent = Spending.objects.filter(scope_id__in=clinic_ids, month=first).order_by()
    costs = {
        (clinic_id, channel): exact(cost)
        for clinic_id, channel, cost in spent.values_list("scope_id", "channel").annotate(cost=Sum("cost"))
    }
    return replace(month, numbers=numbers, costs=costs)
