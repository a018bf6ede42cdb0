"""The words of the list: why somebody is called, what was tried, and what follows from a call."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from home.models import FollowUp
from home.worklist.entries import Line, Tried
from notifications.texts.formats import weekday_day

Result = FollowUp.Result
_QUOTED = 60
"""A longer message stands below its chip."""
_TWICE = 2


def why_lines(line: Line) -> list[dict[str, Any]]:
    """Each reason as a chip, with what else there is to say below it."""
    lines = []
    for why in line.why:
        short = why.quote if len(why.quote) <= _QUOTED else ""
        chip = f"{why.words}: “{short}”" if short else why.words
        below = [
            why.detail,
            "" if short else why.quote and f"“{why.quote}”",
            since_words(why.since, line.today),
        ]
        lines.append({"chip": chip, "is_urgent": why.is_urgent, "below": [each for each in below if each]})
    return lines


def since_words(since: date, today: date) -> str:
    """ "since today", "since 17 Nov"."""
    if since >= today:
        return _("since today")
    if since == today - timedelta(days=1):
        return _("since yesterday")
    pattern = "j M" if since.year == today.year else "j M Y"
    return _("since %(day)s") % {"day": dateformat.format(since, pattern)}


def tried_words(tried: Tried, zone: ZoneInfo) -> str:
    """ "Mon: no answer", "Mon: no answer, twice"."""
    call = tried.last
    at = call.at.astimezone(zone)
    words = f"{dateformat.format(at, 'D j M')}: {call.get_result_display()}"
    if call.result == Result.WILL_COME and call.until:
        words = f"{words} {dateformat.format(call.until, 'D j M')}"
    if tried.days_in_vain == _TWICE:
        return f"{words}, " + _("twice")
    if tried.days_in_vain > _TWICE:
        return f"{words}, " + _("on %(number)d days") % {"number": tried.days_in_vain}
    return words


def after_words(call: FollowUp) -> str:
    """What follows from a call that was just logged."""
    day = weekday_day(call.back_on)
    if call.result == Result.WILL_COME and call.until:
        words = _("will come on %(day)s") % {"day": weekday_day(call.until)}
        return words if call.visit_id is None else f"{words}. " + _("The visit is planned.")
    if call.result == Result.WRONG_NUMBER:
        return _("the number is wrong. They stay on the list until there is another one.")
    result = call.get_result_display()
    return pgettext("a call", "%(result)s. Off the list until %(day)s.") % {"result": result, "day": day}
