"""Times, dates and ages as people say them, in the active language. Pure: `now` and the zone are arguments."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medications.rules.spans import Span
from notifications.texts.formats import clock, isolated, weekday_day


def greeting(now: datetime, name: str) -> str:
    """As "Good morning, Thandi"; `now` is local, the name may be empty."""
    name = isolated(name)
    if 4 <= now.hour < 12:
        return _("Good morning, %(name)s") % {"name": name} if name else _("Good morning")
    if 12 <= now.hour < 18:
        return _("Good afternoon, %(name)s") % {"name": name} if name else _("Good afternoon")
    return _("Good evening, %(name)s") % {"name": name} if name else _("Good evening")


def part_of_day(local: datetime) -> str:
    """As "this morning", "tonight"."""
    if local.hour < 4:
        return _("during the night")
    if local.hour < 12:
        return _("this morning")
    if local.hour < 17:
        return _("this afternoon")
    return _("this evening") if local.hour < 21 else _("tonight")


def in_time(wait: timedelta) -> str:
    """As "in 40 min", "in 11 h": minutes are rounded up, hours to the nearest."""
    minutes = -(-wait // timedelta(minutes=1))
    if minutes < 60:
        return _("in %(minutes)d min") % {"minutes": max(minutes, 1)}
    return _("in %(hours)d h") % {"hours": (minutes + 30) // 60}


def wait_words(minutes: int) -> str:
    """As "15 minutes", "1 hour"."""
    if minutes % 60:
        return ngettext("%(minutes)d minute", "%(minutes)d minutes", minutes) % {"minutes": minutes}
    hours = minutes // 60
    return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}


def day_words(day: date, *, today: date) -> str:
    """As "today", "yesterday", "Monday 23 November"."""
    if day == today:
        return _("today")
    return _("yesterday") if (today - day).days == 1 else weekday_day(day)


def clock_or_day(moment: datetime, zone: ZoneInfo, *, today: date) -> str:
    """As "23:50", with the day before it unless that is today: "22 Nov, 23:50"."""
    day, time = moment.astimezone(zone).date(), clock(moment, zone)
    return time if day == today else f"{dateformat.format(day, 'j M')}, {time}"


def age(born: date, today: date) -> str:
    """As "3 weeks", "14 months", "6 years"."""
    if today < Span(months=2).after(born):
        weeks = max((today - born).days // 7, 0)
        return ngettext("%(count)d week", "%(count)d weeks", weeks) % {"count": weeks}
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months < 24:
        return ngettext("%(count)d month", "%(count)d months", months) % {"count": months}
    years = months // 12
    return ngettext("%(count)d year", "%(count)d years", years) % {"count": years}
