"""Reads the values of a recurring_config, as JSON or Python has them, and refuses invalid ones by name."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time

from events.rules.errors import ConfigError

_HH_MM = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


class ConfigValues:
    """The keys and values of one recurring_config. A key whose value is None counts as absent."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = {name: value for name, value in values.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def names(self) -> list[str]:
        """The keys, cut to a length that can be shown; of a key that is no text its type."""
        return [name[:40] if isinstance(name, str) else type(name).__name__ for name in self._values]

    def _required(self, name: str) -> object:
        if name not in self._values:
            raise ConfigError(name, "missing")
        return self._values[name]

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self._required(name)
        if not isinstance(value, str) or value not in choices:
            raise ConfigError(name, "choice", choices=", ".join(choices))
        return value

    def time(self, name: str) -> time:
        value = self._required(name)
        if not isinstance(value, str) or not _HH_MM.fullmatch(value):
            raise ConfigError(name, "time")
        return time.fromisoformat(value)

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._values.get(name, default)
        if not isinstance(value, bool):
            raise ConfigError(name, "flag")
        return value

    def whole(self, name: str, *, least: int, most: int) -> int | None:
        number = _whole(self._values.get(name), least, most)
        if number is None and name in self:
            raise ConfigError(name, "whole", least=least, most=most)
        return number

    def whole_or_last(self, name: str, *, most: int) -> int | None:
        value = self._values.get(name)
        number = _whole(value, 1, most) or _whole(value, -1, -1)
        if number is None and name in self:
            raise ConfigError(name, "whole_or_last", most=most)
        return number

    def day(self, name: str) -> date | None:
        day = _day(self._values.get(name))
        if day is None and name in self:
            raise ConfigError(name, "date")
        return day

    def days(self, name: str) -> frozenset[date]:
        values = self._values.get(name, ())
        days = [_day(value) for value in values] if isinstance(values, list | tuple) else [None]
        if None in days:
            raise ConfigError(name, "dates")
        return frozenset(day for day in days if day)

    def weekdays(self) -> tuple[int, ...]:
        """The one of `weekday`, or those of `weekdays` in the order of the week, or none."""
        if "weekday" in self:
            if "weekdays" in self:
                raise ConfigError("weekdays", "not_with", other="weekday")
            weekday = _whole(self._values["weekday"], 0, 6)
            if weekday is None:
                raise ConfigError("weekday", "weekday")
            return (weekday,)
        if "weekdays" not in self:
            return ()
        values = self._values["weekdays"]
        days = [_whole(value, 0, 6) for value in values] if isinstance(values, list | tuple) else []
        known = sorted({day for day in days if day is not None})
        if not known or len(known) < len(days):
            raise ConfigError("weekdays", "weekdays")
        return tuple(known)


def _whole(value: object, least: int, most: int) -> int | None:
    """The value if it is a whole number from least to most. True and 1.0 are none."""
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    return None


def _day(value: object) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    # fromisoformat also takes 20260101 and 2026-W01-1, which nobody means to write here.
    return day if day.isoformat() == value else None
