"""Some days on, some days off, again and again from start_date."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from medications.rules.dose_fields import DoseFields
from medications.rules.dose_rule import LONGEST_PERIOD, WallTimeRule, around


@dataclass(frozen=True, kw_only=True)
class CycleRule(WallTimeRule):
    kind: ClassVar[str] = "cycle"
    each_day: ClassVar[bool] = True

    start_date: date
    quantity: Decimal
    on: int
    off: int

    @classmethod
    def read(cls, fields: DoseFields) -> Self:
        return cls(
            start_date=fields.day("start_date"),
            end_date=fields.day_or_none("end_date"),
            times=fields.times(),
            quantity=fields.quantity(),
            on=fields.count("on"),
            off=fields.count("off"),
        )

    def days(self, start: date, end: date) -> Iterator[tuple[date, Decimal]]:
        first = self.start_date.toordinal()
        for ordinal in range(start.toordinal(), end.toordinal() + 1):
            if (ordinal - first) % (self.on + self.off) < self.on:
                yield date.fromordinal(ordinal), self.quantity

    def period(self, day: date) -> tuple[date, date]:
        return around(day, self.reach)

    @property
    def reach(self) -> int:
        """The days off: across them a dose counts for the other end of the days on."""
        return min(self.off, LONGEST_PERIOD)


RULE = CycleRule
