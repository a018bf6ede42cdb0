"""The usual times of a periodic task in words, for people who can't read cron. Pure but for the reader's language."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum

from cronsim import CronSim, CronSimError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _


class Repeat(StrEnum):
    """How often; OWN is whatever else cron can say."""

    MINUTE = "minute"
    FIVE_MINUTES = "five_minutes"
    QUARTER = "quarter"
    HOUR = "hour"
    SIX_HOURS = "six_hours"
    DAY = "day"
    WEEK = "week"
    OWN = "own"


NEEDS: dict[Repeat, tuple[str, ...]] = {
    Repeat.MINUTE: (),
    Repeat.FIVE_MINUTES: (),
    Repeat.QUARTER: (),
    Repeat.HOUR: ("minute",),
    Repeat.SIX_HOURS: ("minute",),
    Repeat.DAY: ("at",),
    Repeat.WEEK: ("weekday", "at"),
    Repeat.OWN: ("cron",),
}
"""What must be said besides."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Times that people name in one breath. `weekday` is cron's: 0 is Sunday."""

    repeat: Repeat
    minute: int = 0
    at: time = time(9)
    weekday: int = 1


_FIXED = {"* * * * *": Repeat.MINUTE, "*/5 * * * *": Repeat.FIVE_MINUTES, "*/15 * * * *": Repeat.QUARTER}
_MINUTE, _HOUR = r"(?P<minute>[0-5]?\d)", r"(?P<hour>[01]?\d|2[0-3])"
_PATTERNS = (
    (Repeat.HOUR, re.compile(rf"{_MINUTE} \* \* \* \*")),
    (Repeat.SIX_HOURS, re.compile(rf"{_MINUTE} \*/6 \* \* \*")),
    (Repeat.DAY, re.compile(rf"{_MINUTE} {_HOUR} \* \* \*")),
    (Repeat.WEEK, re.compile(rf"{_MINUTE} {_HOUR} \* \* (?P<weekday>[0-6])")),
)


def read(cron: str) -> Usual:
    """The usual times that a cron of five fields says, or `Repeat.OWN`."""
    if cron in _FIXED:
        return Usual(_FIXED[cron])
    for repeat, pattern in _PATTERNS:
        if found := pattern.fullmatch(cron):
            said = {name: int(value) for name, value in found.groupdict().items()}
            if repeat in (Repeat.HOUR, Repeat.SIX_HOURS):
                return Usual(repeat, minute=said["minute"])
            at = time(said["hour"], said["minute"])
            return Usual(repeat, at=at, weekday=said.get("weekday", 1))
    return Usual(Repeat.OWN)


def write(usual: Usual) -> str:
    """The cron that says these times; ValueError for `Repeat.OWN`, which says none."""
    for cron, repeat in _FIXED.items():
        if repeat == usual.repeat:
            return cron
    match usual.repeat:
        case Repeat.HOUR:
            return f"{usual.minute} * * * *"
        case Repeat.SIX_HOURS:
            return f"{usual.minute} */6 * * *"
        case Repeat.DAY:
            return f"{usual.at.minute} {usual.at.hour} * * *"
        case Repeat.WEEK:
            return f"{usual.at.minute} {usual.at.hour} * * {usual.weekday}"
    raise ValueError("Times of one's own are written as cron.")


def in_words(cron: str) -> str:
    """These times as people say them; as they are written when they can't be read."""
    usual = read(cron)
    match usual.repeat:
        case Repeat.MINUTE:
            return _("Every minute")
        case Repeat.FIVE_MINUTES:
            return _("Every 5 minutes")
        case Repeat.QUARTER:
            return _("Every 15 minutes")
        case Repeat.HOUR:
            return _("Every hour, %(minute)s past") % {"minute": f"{usual.minute:02d}"}
        case Repeat.SIX_HOURS:
            return _("Every 6 hours from %(time)s") % {"time": f"00:{usual.minute:02d}"}
        case Repeat.DAY:
            return _("Every day at %(time)s") % {"time": f"{usual.at:%H:%M}"}
        case Repeat.WEEK:
            return _("%(weekday)s at %(time)s") % {
                "weekday": WEEKDAYS[(usual.weekday - 1) % 7],
                "time": f"{usual.at:%H:%M}",
            }
    try:
        return CronSim(cron, datetime.now(UTC)).explain()
    except CronSimError:
        return cron
