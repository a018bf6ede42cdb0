"""Adherence: by the answers to doses, and by the refills that were collected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from medications.rules.errors import RuleError

Fill = tuple[date, int]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Doses by their final state. Each is counted once, under its own state."""

    taken: int = 0
    skipped: int = 0
    missed: int = 0
    unanswered: int = 0

    @property
    def total(self) -> int:
        return self.taken + self.skipped + self.missed + self.unanswered


def pdc(*, fills: Iterable[Fill], start: date, end: date) -> Decimal:
    """Proportion of days covered, from 0 to 1: days of the period with supply / days of the period, ends
    included.

    A fill is (local date, days of supply). A refill collected early is kept until the supply before it is used
    up, and one collected before the period counts as far as it lasts into it.
    """
    first, after = start.toordinal(), start.toordinal() + _days(start, end)
    covered = 0
    supplied_until = 0
    for filled_on, days in sorted(fills):
        begins = max(filled_on.toordinal(), supplied_until)
        supplied_until = begins + _supply(days)
        covered += max(0, min(supplied_until, after) - max(begins, first))
    return Decimal(covered) / Decimal(after - first)


def _days(start: date, end: date) -> int:
    if end < start:
        raise RuleError("end", "end: this must not be before start.")
    return (end - start).days + 1


def _supply(days: int) -> int:
    if days < 0:
        raise RuleError("fills", "fills: the days of supply must not be negative.")
    return days
