"""Times as people say them, in the active language and on the reader's wall."""

from datetime import date, datetime

from django.utils import dateformat, timezone
from django.utils.translation import gettext as _

from notifications.texts.formats import clock


def dated(day: date, pattern: str, *, today: date) -> str:
    """A day by a pattern of Django's `date` filter, as "j M", with the year after it unless that is today's."""
    return dateformat.format(day, pattern if day.year == today.year else f"{pattern} Y")


def said_shortly(moment: datetime, *, now: datetime) -> str:
    """For a list: "08:00", "Yesterday", "20 Nov", "20 Nov 2025". Both aware."""
    day, today = timezone.localdate(moment), timezone.localdate(now)
    days = (today - day).days
    if days == 0:
        return clock(moment)
    if days == 1:
        return _("Yesterday")
    return dated(day, "j M", today=today)


def said(moment: datetime, *, now: datetime) -> str:
    """For a sentence: "today at 08:00", "tomorrow at 06:00", "on Friday 20 November at 08:00". Both aware."""
    day, today = timezone.localdate(moment), timezone.localdate(now)
    days = (day - today).days
    values = {"time": clock(moment)}
    if days == 0:
        return _("today at %(time)s") % values
    if days == 1:
        return _("tomorrow at %(time)s") % values
    if days == -1:
        return _("yesterday at %(time)s") % values
    return _("on %(day)s at %(time)s") % {**values, "day": dated(day, "l j F", today=today)}


def shown_moment(moment: datetime | None, *, now: datetime) -> str:
    """For staff, to whom Wagtail's own dates only say how long ago: "Tue 24 Nov 08:00"; a dash for none."""
    if moment is None:
        return "–"
    return f"{dated(timezone.localdate(moment), 'D j M', today=timezone.localdate(now))} {clock(moment)}"


def zone_note(zone: str) -> str:
    """The note for a reader whose time zone isn't the clinic's; empty for other readers."""
    if zone == timezone.get_current_timezone_name():
        return ""
    return _("All times are clinic time (%(zone)s).") % {"zone": zone}
