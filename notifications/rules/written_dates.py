"""Dates and times as South Africans write them, day first. Pure: no clock, no language, no zone."""

import re
from datetime import date, datetime, time

FIRST_YEAR, LAST_YEAR = 1850, 2150
"""A year outside of these is a slip of the finger."""

_MONTHS = (
    ("january", "januarie"),
    ("february", "februarie"),
    ("march", "maart", "mrt"),
    ("april",),
    ("may", "mei"),
    ("june", "junie"),
    ("july", "julie"),
    ("august", "augustus"),
    ("september",),
    ("october", "oktober"),
    ("november",),
    ("december", "desember"),
)
_SHORTEST = 3
_BY_NAME = {
    name[:length]: number
    for number, names in enumerate(_MONTHS, start=1)
    for name in names
    for length in range(_SHORTEST, len(name) + 1)
}
_NUMBERS = re.compile(r"(\d{1,2}) ?[-/. ] ?(\d{1,2}) ?[-/. ] ?(\d{1,6})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4}) ?[-/. ] ?(\d{1,2}) ?[-/. ] ?(\d{1,2})", re.ASCII)
_TOGETHER = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_DAY_AND_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th|ste|de)?[-/. ]*([a-z]+)[-/. ,]*(\d{1,6})", re.ASCII)
_NAME_AND_DAY = re.compile(r"([a-z]+)[. ]*(\d{1,2})(?:st|nd|rd|th)?[, ]+(\d{1,6})", re.ASCII)
_MOMENT = re.compile(
    r"(?P<day>.+?)(?:,? (?:at |om )?|t|, ?)(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::\d{2})?", re.ASCII
)


class WrittenDateError(ValueError):
    """The text is no date. `code` says why.

    not_a_date; short_year (1961 is not written as 61); no_such_day (31 February, or the month first); year (before
    1850 or after 2150); no_time (a day without a time of day).
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def read_day(text: str) -> date:
    """The day that is written: 12/03/1961, 12.3.1961, 12 March 1961, 12 Mrt 1961, 19610312, 1961-03-12.

    Always the day before the month, unless the year comes first. A year has four digits: nobody can know whether
    12/03/27 is long ago or soon. WrittenDateError for anything else.
    """
    found = _parts(" ".join(text.split()).casefold())
    if found is None:
        raise WrittenDateError("not_a_date")
    year, month, day = found
    if len(year) < len(str(FIRST_YEAR)):
        raise WrittenDateError("short_year")
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise WrittenDateError("year")
    try:
        return date(int(year), month, int(day))
    except ValueError as error:
        raise WrittenDateError("no_such_day") from error


def read_moment(text: str) -> datetime:
    """The day and the time of day that are written, without a zone: 24/11/2026 08:00, 24 November 2026, 8h30.

    WrittenDateError as for `read_day`, or when the time is missing or impossible.
    """
    written = " ".join(text.split()).casefold()
    found = _MOMENT.fullmatch(written)
    if found is None:
        read_day(written)
        raise WrittenDateError("no_time")
    day = read_day(found["day"])
    try:
        return datetime.combine(day, time(int(found["hour"]), int(found["minute"])))
    except ValueError as error:
        raise WrittenDateError("no_time") from error


def _parts(text: str) -> tuple[str, int, str] | None:
    """Year, month and day; None when the text doesn't look like a date."""
    if found := _YEAR_FIRST.fullmatch(text) or _TOGETHER.fullmatch(text):
        return found[1], int(found[2]), found[3]
    if found := _NUMBERS.fullmatch(text):
        return found[3], int(found[2]), found[1]
    if (found := _DAY_AND_NAME.fullmatch(text)) and found[2] in _BY_NAME:
        return found[3], _BY_NAME[found[2]], found[1]
    if (found := _NAME_AND_DAY.fullmatch(text)) and found[1] in _BY_NAME:
        return found[3], _BY_NAME[found[1]], found[2]
    return None
