"""What was done with a patient's record, in one order of time. Each app gives the lines of what it knows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from home.record.sections import Reading


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """What somebody did, at a moment (aware): "Sister Dlamini: tablets counted, 7 → 5". `who` is empty for the site."""

    at: datetime
    who: str
    words: str


LinesBefore = Callable[[Reading, datetime, int], Iterable[HistoryLine]]
"""Takes who reads, a moment and a number: gives the latest lines before that moment, at most that many. By index, in
a constant number of queries, in the reader's language."""

_selectors: list[LinesBefore] = []


def register_history(lines: LinesBefore) -> LinesBefore:
    """Show these lines too."""
    _selectors.append(lines)
    return lines


def history(reading: Reading, *, before: datetime, limit: int) -> list[HistoryLine]:
    """The latest lines before a moment (aware), the latest first. More than `limit` where the last ones are of the same
    moment, so that the next page, before that moment, misses none.
    """
    found = [line for lines in _selectors for line in lines(reading, before, limit)]
    found.sort(key=lambda line: line.at, reverse=True)
    return [line for line in found if line.at >= found[limit - 1].at] if len(found) > limit else found
