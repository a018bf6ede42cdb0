"""Times as people say them, in the active language and on the reader's wall."""

from datetime import datetime

from django.utils import dateformat, timezone
from django.utils.translation import gettext as _


def said_shortly(moment: datetime, *, now: datetime) -> str:
    """For a list: "08:00", "Yesterday", "20 Nov", "20 Nov 2025". Both aware."""
    local = timezone.localtime(moment)
    days = (timezone.localdate(now) - local.date()).days
    if days == 0:
        return _clock(local)
    if days == 1:
        return _("Yesterday")
    return dateformat.format(local, "j M" if local.year == timezone.localtime(now).year else "j M Y")


def said(moment: datetime, *, now: datetime) -> str:
    """For a sentence: "today at 08:00", "tomorrow at 06:00", "on Friday 20 November at 08:00". Both aware."""
    local = timezone.localtime(moment)
    days = (local.date() - timezone.localdate(now)).days
    values = {"time": _clock(local)}
    if days == 0:
        return _("today at %(time)s") % values
    if days == 1:
        return _("tomorrow at %(time)s") % values
    if days == -1:
        return _("yesterday at %(time)s") % values
    pattern = "l j F" if local.year == timezone.localtime(now).year else "l j F Y"
    return _("on %(day)s at %(time)s") % {**values, "day": dateformat.format(local, pattern)}


def _clock(local: datetime) -> str:
    return dateformat.format(local, "H:i")
