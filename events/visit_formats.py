"""How the values of messages about visits are written, in the active language. Each is the `format` of a `Param`."""

from datetime import date, time
from typing import NamedTuple

from django.utils.translation import gettext, pgettext

from notifications.texts.formats import day as written_day
from notifications.texts.formats import isolated, weekday_day

When = tuple[date, time | None]


class PatientValue(NamedTuple):
    """A patient, and the date of birth where the name alone doesn't say who is meant."""

    name: str
    born: date | None = None


class ChangeValue(NamedTuple):
    """What became of a visit: "moved", "cancelled" or "restored"; its day before, and when it is now."""

    change: str
    before: date
    day: date
    at: time | None


def what(kind: str) -> str:
    """What a visit is for, as "Collect medicine"."""
    return {
        "collection": gettext("Collect medicine"),
        "check_up": gettext("Check-up"),
        "vaccination": gettext("Vaccination"),
    }.get(kind) or gettext("Visit")


def when(value: When) -> str:
    """As "Thursday 3 December", or "Thursday 3 December, 09:30"."""
    day, at = value
    said = weekday_day(day)
    return gettext("%(day)s, %(time)s") % {"day": said, "time": f"{at:%H:%M}"} if at else said


def for_whom(value: PatientValue | str) -> str:
    """As "you", or "Sipho Nkosi"; an empty name means the reader."""
    if isinstance(value, str):
        return isolated(value) or pgettext("for whom", "you")
    name = isolated(value.name)
    if value.born is None:
        return name
    return gettext("%(name)s, born %(day)s") % {"name": name, "day": written_day(value.born)}


def change(value: ChangeValue) -> str:
    """As "Thursday 3 December is now Monday 7 December, 09:30"."""
    before, now = weekday_day(value.before), when((value.day, value.at))
    if value.change == "moved":
        if value.before == value.day:
            return now
        return gettext("%(before)s is now %(when)s") % {"before": before, "when": now}
    if value.change == "cancelled":
        return gettext("%(day)s is cancelled") % {"day": before}
    return gettext("%(when)s goes ahead after all") % {"when": now}
