"""How the values of messages about events are written, in the active language and the reader's time zone.

Each is the `format` of a `Param`. A text in both languages is a pair (English, Afrikaans); if one is empty the
other is used.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext

from notifications.texts.formats import Bilingual, bilingual, clock, weekday_day

Span = tuple[datetime, datetime]


class MovedValue(NamedTuple):
    """An event at a new time or place: its old start, its new start and end, and its place."""

    before: datetime
    span: Span
    place: str


def titles(value: Sequence[Bilingual]) -> str:
    """As "Diabetes club, Walking group"; each once."""
    return ", ".join(dict.fromkeys(bilingual(each) for each in value))


def moment(value: datetime) -> str:
    """As "Tuesday 24 November, 10:00"."""
    return gettext("%(day)s, %(time)s") % {"day": weekday_day(value), "time": clock(value)}


def when(value: Span) -> str:
    """As "Tuesday 24 November, 10:00 to 12:00"; the end is on another day when it is not after the start."""
    return gettext("%(start)s to %(end)s") % {"start": moment(value[0]), "end": clock(value[1])}


def where(value: tuple[str, str]) -> str:
    """A pair of place and clinic, as "Hall, Delft Clinic"."""
    return ", ".join(filter(None, value))


def spans(value: Sequence[Span]) -> str:
    """A line for each, as `when`."""
    return "\n".join(when(each) for each in value)


def moved(value: Sequence[MovedValue]) -> str:
    """A line for each, as "Tuesday 24 November, 10:00 is now Wednesday 25 November, 10:00 to 12:00 (Hall)"."""
    return "\n".join(_moved(each) for each in value)


def _moved(value: MovedValue) -> str:
    now = when(value.span)
    if value.place:
        now = gettext("%(when)s (%(place)s)") % {"when": now, "place": value.place}
    if value.before == value.span[0]:
        return now
    return gettext("%(before)s is now %(when)s") % {"before": moment(value.before), "when": now}


def reason(value: str) -> str:
    """A paragraph of its own, or nothing."""
    return "\n\n" + gettext("Reason: %(reason)s") % {"reason": value} if value else ""
