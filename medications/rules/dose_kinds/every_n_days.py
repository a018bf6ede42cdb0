"""Every n-th day, counted from start_date."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from medications.rules.dose_fields import DoseFields
from medications.rules.dose_rule import LONGEST_PERIOD, WallTimeRule, around


@dataclass(frozen=True, kw_only=True)
class EveryNDaysRule(WallTimeRule):
    kind: ClassVar[str] = "every_n_days"

    start_date: date
    quantity: Decimal
    n: int

    @classmethod
    def read(cls, fields: DoseFields) -> Self:
        return cls(
            start_date=fields.day("start_date"),
            end_date=fields.day_or_none("end_date"),
            times=fields.times(),
            quantity=fields.quantity(),
            n=fields.count("n"),
        )

    def days(self, start: date, end: date) -> Iterator[tuple[date, Decimal]]:
        to_next = (self.start_date.toordinal() - start.toordinal()) % self.n
        for ordinal in range(start.toordinal() + to_next, end.toordinal() + 1, self.n):
            yield date.fromordinal(ordinal), self.quantity

    def period(self, day: date) -> tuple[date, date]:
        return around(day, self.reach)

    @property
    def reach(self) -> int:
        return min(self.n - 1, LONGEST_PERIOD)


RULE = EveryNDaysRule
