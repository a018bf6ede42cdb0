"""The dates on which something is told again and again. The app that knows patterns of dates says which they are."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from notifications.exceptions import NotificationError

Pattern = Mapping[str, Any]
"""As it is kept (JSON): a `recurring_config`."""


class PlannedDate(NamedTuple):
    """A local date of a pattern and its moment (aware), at which nothing happens if it is left out."""

    day: date
    at: datetime
    left_out: bool


Dates = Callable[[Pattern, date, date, str], Iterator[PlannedDate]]

_dates: list[Dates] = []


def register_dates(dates: Dates) -> None:
    """Say what the dates of a pattern are, from one to another one (both included) in that zone, one after the other;
    those that are left out too.
    """
    _dates.append(dates)


def dates(pattern: Pattern, start: date, end: date, zone: str) -> Iterator[PlannedDate]:
    """The dates of a pattern, in order, as they are asked for. NotificationError where no app knows any."""
    if not _dates:
        raise NotificationError("No app says what the dates of a pattern are.")
    return _dates[-1](pattern, start, end, zone)
