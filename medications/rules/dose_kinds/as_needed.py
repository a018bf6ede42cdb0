"""Doses as needed: none falls due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Self

from medications.rules.dose_fields import DoseFields
from medications.rules.dose_rule import DoseRule, Window


@dataclass(frozen=True, kw_only=True)
class AsNeededRule(DoseRule):
    """At least min_hours between two doses, and at most max_per_day of them in any 24 hours (rules/as_needed.py)."""

    kind: ClassVar[str] = "as_needed"

    quantity: Decimal
    min_hours: timedelta
    max_per_day: int

    @classmethod
    def read(cls, fields: DoseFields) -> Self:
        return cls(
            start_date=fields.day_or_none("start_date"),
            end_date=fields.day_or_none("end_date"),
            quantity=fields.quantity(),
            min_hours=fields.hours("min_hours"),
            max_per_day=fields.count("max_per_day"),
        )

    def doses(self, window: Window) -> Iterator[tuple[datetime, Decimal]]:
        return iter(())


RULE = AsNeededRule
