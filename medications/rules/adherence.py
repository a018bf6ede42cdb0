"""Adherence: what became of each dose, and on how many days there was medicine enough."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from medications.rules.errors import RuleError

Fill = tuple[date, Decimal | int]
"""What was collected on a local date, in units."""
Due = tuple[date, Decimal]
"""What the plan asks for at one time of a local date, in units."""

_ONE_DAY = timedelta(days=1)


class Outcome(StrEnum):
    """What became of a dose. AHEAD is one that isn't due yet."""

    TAKEN = "taken"
    PART = "part"
    SKIPPED = "skipped"
    MISSED = "missed"
    UNANSWERED = "unanswered"
    AHEAD = "ahead"


@dataclass(frozen=True, kw_only=True)
class DoseOutcome:
    """A dose on a local date: what was planned and what was taken of it, in units. `as_needed` ones had no plan."""

    day: date
    outcome: Outcome
    planned: Decimal
    taken: Decimal
    as_needed: bool = False


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Doses by what became of them. Each is counted once; `part` says how many of the taken were so in part only.

    What was taken as needed was never due, so it is in `as_needed` alone; what isn't due yet is in `ahead` alone.
    """

    taken: int = 0
    part: int = 0
    skipped: int = 0
    missed: int = 0
    unanswered: int = 0
    as_needed: int = 0
    ahead: int = 0

    @property
    def total(self) -> int:
        """Of the doses that were due."""
        return self.taken + self.skipped + self.missed + self.unanswered


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """On `days` of the `of` days of a period there was medicine enough."""

    days: int
    of: int

    @property
    def pdc(self) -> Decimal:
        """The proportion of days covered, from 0 to 1."""
        return Decimal(self.days) / Decimal(self.of)


def outcome_of(
    state: str, *, planned: Decimal, taken: Decimal | None, due_at: datetime, now: datetime
) -> Outcome:
    """From the state of a dose ("scheduled", "taken", "skipped", "unanswered", "missed").

    `taken` is how much of it was taken, None for all. A dose is unanswered from its time on, whether anybody was
    reminded or not.
    """
    if state == "taken":
        return Outcome.TAKEN if taken is None or taken >= planned else Outcome.PART
    if state == "scheduled":
        return Outcome.UNANSWERED if due_at <= now else Outcome.AHEAD
    return Outcome(state)


def count(found: Iterable[DoseOutcome]) -> Counts:
    """How many there are of each."""
    numbers = Counter("as_needed" if each.as_needed else each.outcome.value for each in found)
    return Counts(**{**numbers, "taken": numbers["taken"] + numbers["part"]})


def coverage(*, fills: Iterable[Fill], doses: Iterable[Due], start: date, end: date) -> Coverage:
    """The days covered of a period, ends included: PDC is their proportion.

    A day is covered if each of its doses can be met in full from what was collected up to it. What a dose takes is
    gone; a dose that can't be met takes nothing. So a refill collected early is kept until the supply before it is
    used up, one collected before the period counts as far as it lasts into it, and nothing covers a day twice. A day
    without doses is covered as the last dose before it was; before the first of all, as that will be.

    `doses` are those of the plan, in any order, answered or not, and go back as far as the fills. RuleError for a
    period that ends before it starts, and for a quantity below 0.
    """
    if end < start:
        raise RuleError("end", "end: this must not be before start.")
    collected = _by_day(fills, "fills")
    planned = _by_day(doses, "doses")
    met = dict(_met(collected, planned, end))
    last = met[min(met)] if met else False
    days = 0
    for day in _days(min([start, *met]), end):
        last = met.get(day, last)
        days += last and day >= start
    return Coverage(days=days, of=(end - start).days + 1)


def _met(
    collected: dict[date, list[Decimal]], planned: dict[date, list[Decimal]], end: date
) -> Iterator[tuple[date, bool]]:
    """Each day with doses up to the end, and whether all of them were met."""
    at_home = Decimal(0)
    for day in sorted({*collected, *planned}):
        if day > end:
            return
        at_home += sum(collected.get(day, ()))
        if day in planned:
            enough = True
            for quantity in planned[day]:
                if quantity <= at_home:
                    at_home -= quantity
                else:
                    enough = False
            yield day, enough


def _by_day(quantities: Iterable[tuple[date, Decimal | int]], field: str) -> dict[date, list[Decimal]]:
    by_day: dict[date, list[Decimal]] = defaultdict(list)
    for day, quantity in quantities:
        if quantity < 0:
            raise RuleError(field, "%(field)s: the quantity must not be negative.")
        by_day[day].append(Decimal(quantity))
    return by_day


def _days(start: date, end: date) -> Iterator[date]:
    day = start
    while day <= end:
        yield day
        day += _ONE_DAY
