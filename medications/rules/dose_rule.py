"""The base of every kind of dose rule, and the window for which its doses are expanded."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from medications.rules.dose_fields import DoseFields
from medications.rules.wall_time import instant, is_skipped


@dataclass(frozen=True, kw_only=True)
class Window:
    """Local dates from start to end, both included, in one zone, with the times of the named slots."""

    start: date
    end: date
    tz: ZoneInfo
    slots: Mapping[str, time]

    @property
    def opens(self) -> datetime:
        return instant(self.start, time.min, self.tz)

    @property
    def closes(self) -> datetime:
        """The first instant after the window."""
        return instant(self.end + timedelta(days=1), time.min, self.tz)

    def time_of(self, name: str) -> time:
        """The time of day of a slot or of "HH:MM"."""
        return self.slots[name] if name in self.slots else time.fromisoformat(name)


@dataclass(frozen=True, kw_only=True)
class DoseRule(ABC):
    """One kind of rule, defined in a module of `dose_kinds`. Its keys in JSON are its fields and `kind`."""

    kind: ClassVar[str]
    each_day: ClassVar[bool] = False
    """Whether what was taken on a day that has doses counts for that day alone, whatever the period."""

    start_date: date | None
    end_date: date | None

    @classmethod
    @abstractmethod
    def read(cls, fields: DoseFields) -> Self:
        """The rule of these values; RuleError names the one that is missing or impossible."""

    @abstractmethod
    def doses(self, window: Window) -> Iterator[tuple[datetime, Decimal]]:
        """Due time (UTC) and quantity of each dose of the window, in any order.

        The window is within start_date and end_date. The work done grows with the window, never
        with the time since start_date.
        """

    def period(self, day: date) -> tuple[date, date]:
        """The first and the last day of the period in which a dose counts as the one of this day."""
        return day, day

    @property
    def elapsed(self) -> timedelta | None:
        """For rules that count elapsed time: a dose nearer than this counts as the same one."""
        return None

    @property
    def reach(self) -> int:
        """The furthest, in days, that a period begins before its day or ends after it."""
        return 0


LONGEST_PERIOD = 366
"""Days: so far at most a dose counts for another day."""


def around(day: date, days: int) -> tuple[date, date]:
    """The days at most so many before and after this one."""
    return day - timedelta(days=days), day + timedelta(days=days)


@dataclass(frozen=True, kw_only=True)
class WallTimeRule(DoseRule):
    """A rule of certain days, with a dose at each of the same local times of day."""

    times: tuple[str, ...]

    @abstractmethod
    def days(self, start: date, end: date) -> Iterator[tuple[date, Decimal]]:
        """The days from start to end, both included, that have doses, and the quantity of each dose."""

    def doses(self, window: Window) -> Iterator[tuple[datetime, Decimal]]:
        times = [window.time_of(name) for name in self.times]
        for day, quantity in self.days(window.start, window.end):
            if is_skipped(day, window.tz):
                continue
            for at in times:
                yield instant(day, at, window.tz), quantity
