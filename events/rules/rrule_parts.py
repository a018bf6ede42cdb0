"""The text of an RRULE and its parts (RFC 5545 3.3.10)."""

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from events.rules.errors import ConfigError, NotExpressibleError
from events.rules.pattern import FIRST_DAY, LAST_DAY
from events.rules.wall_time import attach

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_NAMES = frozenset(
    {
        "FREQ",
        "UNTIL",
        "COUNT",
        "INTERVAL",
        "BYSECOND",
        "BYMINUTE",
        "BYHOUR",
        "BYDAY",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYWEEKNO",
        "BYMONTH",
        "BYSETPOS",
        "WKST",
    }
)
_WHOLE = re.compile(r"[+-]?[0-9]{1,4}")
_DAY = re.compile(rf"([+-]?[0-9]{{1,2}})?({'|'.join(WEEKDAYS)})")
_UNTIL = re.compile(r"([0-9]{8})(?:(T[0-9]{6})(Z)?)?")
# "For ever" is sometimes written as the end of the calendar, which other zones have left by then.
_FROM = datetime.combine(FIRST_DAY, time.min)
_FOR_EVER = datetime.combine(LAST_DAY, time.min)


class RRuleParts:
    """The parts of one RRULE value. ConfigError("rrule") names the part that is not as RFC 5545 writes it."""

    def __init__(self, rrule: str) -> None:
        self._parts: dict[str, str] = {}
        for part in rrule.strip().upper().removeprefix("RRULE:").split(";"):
            name, _, value = part.partition("=")
            if name not in _NAMES or name in self._parts or not value:
                raise ConfigError(name[:40] or "RRULE", "rrule")
            self._parts[name] = value
        if self._parts.get("WKST", "MO") not in WEEKDAYS:
            raise ConfigError("WKST", "rrule")

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def text(self, name: str) -> str:
        """The text of a part, empty when it isn't there."""
        return self._parts.get(name, "")

    def only(self, *names: str) -> None:
        """Refuses any BY part but these."""
        for name in self._parts:
            if name.startswith("BY") and name not in names:
                raise NotExpressibleError(name, "no_pattern")

    def wholes(self, name: str) -> list[int]:
        if name not in self._parts:
            return []
        texts = self._parts[name].split(",")
        if not all(_WHOLE.fullmatch(text) for text in texts):
            raise ConfigError(name, "rrule")
        return [int(text) for text in texts]

    def whole(self, name: str) -> int | None:
        """The one positive number of a part, None when it isn't there."""
        numbers = self.wholes(name)
        if numbers and (len(numbers) > 1 or numbers[0] < 1):
            raise ConfigError(name, "rrule")
        return next(iter(numbers), None)

    def days(self) -> list[tuple[int | None, int]]:
        """Which of them (None for each) and the day of the week, of each entry of BYDAY."""
        if "BYDAY" not in self._parts:
            return []
        entries = [_DAY.fullmatch(text) for text in self._parts["BYDAY"].split(",")]
        days = [(int(entry[1]) if entry[1] else None, WEEKDAYS.index(entry[2])) for entry in entries if entry]
        if len(days) < len(entries) or any(nth == 0 for nth, _ in days):
            raise ConfigError("BYDAY", "rrule")
        return days

    def week_start(self) -> int:
        """The day on which weeks begin, Monday unless WKST says otherwise."""
        return WEEKDAYS.index(self._parts.get("WKST", "MO"))

    def until(self, tz: ZoneInfo) -> datetime | None:
        """UNTIL in UTC, None when it isn't there. A date means all of that day, a time without Z that zone's."""
        if "UNTIL" not in self._parts:
            return None
        form = _UNTIL.fullmatch(self._parts["UNTIL"])
        try:
            until = datetime.fromisoformat(f"{form[1]}{form[2] or 'T235959'}" if form else "")
        except ValueError as error:
            raise ConfigError("UNTIL", "rrule") from error
        until = min(max(until, _FROM), _FOR_EVER)
        if form and form[3]:
            return until.replace(tzinfo=UTC)
        return attach(until.date(), until.time(), tz).astimezone(UTC)
