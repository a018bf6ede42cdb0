"""Days and times of events as people say them, in the active language. Pure: `now` and the zone are arguments."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.texts.formats import clock, listed, weekday_day
from notifications.web.moments import dated

# In minutes.
_HOUR = 60
_DAY = 24 * _HOUR
_WEEK = 7 * _DAY


def day(value: date, *, today: date) -> str:
    """As "Today", "Tomorrow", "Tuesday 8 December", with the year if it is another one."""
    named = {-1: _("Yesterday"), 0: _("Today"), 1: _("Tomorrow")}.get((value - today).days)
    return named or dated(value, "l j F", today=today)


def span(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """As "10:00 to 12:00", "22:00 to 02:00 the next day", "10:00 to Wednesday 9 December, 12:00"."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    values = {"start": clock(starts_at, zone), "end": clock(ends_at, zone)}
    nights = (end.date() - start.date()).days
    if not nights:
        return _("%(start)s to %(end)s") % values
    if nights == 1 and end.time() <= start.time():
        return _("%(start)s to %(end)s the next day") % values
    return _("%(start)s to %(day)s, %(end)s") % {**values, "day": weekday_day(end.date())}


def month(value: date) -> str:
    """As "December 2026"."""
    return dateformat.format(value, "F Y")


def before_start(minutes: Iterable[int]) -> str:
    """As "a day and an hour before", the longest first; empty when there are none."""
    spans = listed([_duration(each) for each in sorted(minutes, reverse=True)])
    return _("%(spans)s before") % {"spans": spans} if spans else ""


def zone_to_name(starts_at: datetime, zone: ZoneInfo, reader: ZoneInfo) -> str:
    """The zone's name, where its clock then shows something else than the reader's."""
    return (
        "" if starts_at.astimezone(zone).utcoffset() == starts_at.astimezone(reader).utcoffset() else zone.key
    )


def _duration(minutes: int) -> str:
    if minutes % _WEEK == 0:
        return ngettext("a week", "%(count)d weeks", minutes // _WEEK) % {"count": minutes // _WEEK}
    if minutes % _DAY == 0:
        return ngettext("a day", "%(count)d days", minutes // _DAY) % {"count": minutes // _DAY}
    if minutes % _HOUR == 0:
        return ngettext("an hour", "%(count)d hours", minutes // _HOUR) % {"count": minutes // _HOUR}
    return ngettext("a minute", "%(count)d minutes", minutes) % {"count": minutes}
