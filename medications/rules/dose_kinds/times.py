"""At times of day, every day or on chosen weekdays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from medications.rules.dose_fields import DoseFields
from medications.rules.dose_rule import WallTimeRule


@dataclass(frozen=True, kw_only=True)
class TimesRule(WallTimeRule):
    kind: ClassVar[str] = "times"

    quantity: Decimal
    weekdays: frozenset[int]

    @classmethod
    def read(cls, fields: DoseFields) -> Self:
        return cls(
            start_date=fields.day_or_none("start_date"),
            end_date=fields.day_or_none("end_date"),
            times=fields.times(),
            quantity=fields.quantity(),
            weekdays=fields.weekdays(),
        )

    def days(self, start: date, end: date) -> Iterator[tuple[date, Decimal]]:
        for ordinal in range(start.toordinal(), end.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if day.weekday() in self.weekdays:
                yield day, self.quantity


RULE = TimesRule
