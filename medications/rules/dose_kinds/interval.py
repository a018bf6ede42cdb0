"""Every so many hours from a first dose, regardless of clock changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Self

from medications.rules.dose_fields import DoseFields
from medications.rules.dose_rule import DoseRule, Window, around


@dataclass(frozen=True, kw_only=True)
class IntervalRule(DoseRule):
    """Elapsed hours: the time between two doses never changes, so in a zone with DST their wall time drifts.

    Every 8 hours from 06:00 in winter is 07:00, 15:00 and 23:00 in summer.
    """

    kind: ClassVar[str] = "interval"

    quantity: Decimal
    hours: timedelta
    first: datetime

    @classmethod
    def read(cls, fields: DoseFields) -> Self:
        return cls(
            start_date=fields.day_or_none("start_date"),
            end_date=fields.day_or_none("end_date"),
            quantity=fields.quantity(),
            hours=fields.hours("hours"),
            first=fields.moment("first"),
        )

    def doses(self, window: Window) -> Iterator[tuple[datetime, Decimal]]:
        closes = window.closes
        before_window = -((self.first - window.opens) // self.hours)
        due_at = self.first + max(0, before_window) * self.hours
        while due_at < closes:
            yield due_at, self.quantity
            due_at += self.hours

    def period(self, day: date) -> tuple[date, date]:
        return around(day, self.reach)

    @property
    def elapsed(self) -> timedelta:
        return self.hours

    @property
    def reach(self) -> int:
        return -(-self.hours // timedelta(days=1))


RULE = IntervalRule
