"""Reads the values of a dose rule from JSON or Python. RuleError names a key that is missing or impossible."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from medications.rules.errors import RuleError
from medications.rules.wall_time import SLOTS, is_time, utc

# Six digits before the point and three after are enough for an eighth of a tablet and for a litre in drops; without
# a limit "1e9999999" would be a number too.
_QUANTITY = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")
_LONGEST_HOURS = 24 * 365


class DoseFields:
    """The keys and values of one rule. A key whose value is None counts as absent."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = {name: value for name, value in values.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def refuse_others(self, known: frozenset[str]) -> None:
        for name in self._values:
            if name not in known:
                raise RuleError(str(name)[:40], "%(field)s: a rule of this kind has no such key.")

    def _required(self, name: str) -> object:
        if name not in self._values:
            raise RuleError(name, "%(field)s: this is missing.")
        return self._values[name]

    def text(self, name: str) -> str:
        value = self._required(name)
        if not isinstance(value, str):
            raise RuleError(name, "%(field)s: this must be text.")
        return value

    def quantity(self, name: str = "quantity") -> Decimal:
        """A positive decimal written as text, because a binary fraction is not what was prescribed."""
        value = self._required(name)
        if not isinstance(value, str) or not _QUANTITY.fullmatch(value) or not Decimal(value):
            raise RuleError(
                name,
                '%(field)s: this must be a positive decimal as text, such as "0.5".',
            )
        return Decimal(value)

    def count(self, name: str) -> int:
        value = self._required(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise RuleError(name, "%(field)s: this must be a whole number, at least 1.")
        return value

    def hours(self, name: str) -> timedelta:
        """A number of hours (8, 0.5) that is a whole number of minutes, at most a year."""
        value = self._required(name)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= _LONGEST_HOURS:
            raise RuleError(name, "%(field)s: this must be more than 0 hours and at most a year.")
        minutes = Decimal(str(value)) * 60
        if minutes != int(minutes):
            raise RuleError(name, "%(field)s: this must be a whole number of minutes.")
        return timedelta(minutes=int(minutes))

    def day(self, name: str) -> date:
        value = self._required(name)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if isinstance(value, str):
            try:
                day = date.fromisoformat(value)
            except ValueError:
                day = None
            # fromisoformat also takes 20260101 and 2026-W01-1, which nobody means to write here.
            if day is not None and day.isoformat() == value:
                return day
        raise RuleError(name, "%(field)s: this must be a date, YYYY-MM-DD.")

    def day_or_none(self, name: str) -> date | None:
        return self.day(name) if name in self else None

    def moment(self, name: str) -> datetime:
        """An instant, in UTC: an aware datetime, or ISO 8601 text with an offset."""
        value = self._required(name)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                value = None
        if not isinstance(value, datetime):
            raise RuleError(name, "%(field)s: this must be a date and time with an offset.")
        return utc(value, name)

    def items(self, name: str) -> list[object]:
        value = self._required(name)
        if not isinstance(value, list | tuple) or not value:
            raise RuleError(name, "%(field)s: this must be a list that is not empty.")
        return list(value)

    def times(self) -> tuple[str, ...]:
        """Times of day, each "HH:MM" or the name of a slot, none twice."""
        times: list[str] = []
        for value in self.items("times"):
            if not isinstance(value, str) or not (value in SLOTS or is_time(value)):
                raise RuleError(
                    "times",
                    "times: each must be HH:MM or a slot (%(slots)s).",
                    slots=", ".join(SLOTS),
                )
            if value in times:
                raise RuleError("times", "times: %(value)s is there twice.", value=value)
            times.append(value)
        return tuple(times)

    def weekdays(self) -> frozenset[int]:
        """Days of the week, 0 is Monday, none twice; all of them when the key is absent."""
        if "weekdays" not in self:
            return frozenset(range(7))
        weekdays: set[int] = set()
        for value in self.items("weekdays"):
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 6:
                raise RuleError("weekdays", "weekdays: each must be from 0 (Monday) to 6 (Sunday).")
            if value in weekdays:
                raise RuleError("weekdays", "weekdays: %(value)s is there twice.", value=value)
            weekdays.add(value)
        return frozenset(weekdays)
