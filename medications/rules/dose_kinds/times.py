"""At times of day, every day or on chosen weekdays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar, Self

from medications.rules.dose_fields import DoseFields
from medications.rules.dose_rule import WallTimeRule

_WEEK = 7


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

    def period(self, day: date) -> tuple[date, date]:
        """Of chosen weekdays the ISO week, else the day."""
        if not self.reach:
            return day, day
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=_WEEK - 1)

    @property
    def reach(self) -> int:
        return _WEEK - 1 if len(self.weekdays) < _WEEK else 0


RULE = TimesRule
