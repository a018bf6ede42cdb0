"""Steps of a quantity for a number of days, one after the other from start_date; after the last, nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from medications.rules.dose_fields import DoseFields
from medications.rules.dose_rule import WallTimeRule
from medications.rules.errors import RuleError


@dataclass(frozen=True, kw_only=True)
class TaperStep:
    quantity: Decimal
    days: int


@dataclass(frozen=True, kw_only=True)
class TaperRule(WallTimeRule):
    """`quantity` is accepted because every kind has it, but ignored: each step has its own."""

    kind: ClassVar[str] = "taper"

    start_date: date
    quantity: Decimal | None
    steps: tuple[TaperStep, ...]

    @classmethod
    def read(cls, fields: DoseFields) -> Self:
        return cls(
            start_date=fields.day("start_date"),
            end_date=fields.day_or_none("end_date"),
            times=fields.times(),
            quantity=fields.quantity() if "quantity" in fields else None,
            steps=tuple(_step(number, value) for number, value in enumerate(fields.items("steps"), start=1)),
        )

    def days(self, start: date, end: date) -> Iterator[tuple[date, Decimal]]:
        first = self.start_date.toordinal()
        for step in self.steps:
            after = first + step.days
            for ordinal in range(max(first, start.toordinal()), min(after, end.toordinal() + 1)):
                yield date.fromordinal(ordinal), step.quantity
            first = after


def _step(number: int, value: object) -> TaperStep:
    if not isinstance(value, Mapping):
        raise RuleError(
            "steps",
            "steps: number %(number)s must be a quantity and a number of days.",
            number=number,
        )
    fields = DoseFields(value)
    try:
        fields.refuse_others(frozenset({"quantity", "days"}))
        return TaperStep(quantity=fields.quantity(), days=fields.count("days"))
    except RuleError as error:
        raise RuleError(
            "steps",
            "steps: %(key)s of number %(number)s is not possible.",
            key=error.field,
            number=number,
        ) from error


RULE = TaperRule
