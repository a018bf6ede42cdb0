"""What people, their messages and calls give to the clinic's page."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from home.dashboard.figures import DashboardFigure, Shown, register_dashboard_figure
from home.models import Clinic, User
from home.worklist.entries import listed
from notifications.selectors.reached import Reached, not_understood, reached

WEEK = timedelta(days=7)
KEPT = 300
"""Seconds. The week's figure reads all that went out in it, so it is counted anew no more often than this."""


def _calls(clinics: Sequence[Clinic], user: User, now: datetime) -> Shown:
    found = listed(clinics, now)
    words = _("to call")
    if found.new_today:
        new = ngettext("%(number)d new today", "%(number)d new today", found.new_today)
        words = f"{words} · {new % {'number': found.new_today}}"
    return Shown(str(found.number), words, url=reverse("worklist:index"))


def reached_this_week(clinics: Sequence[Clinic], user: User, now: datetime) -> Shown | None:
    ids = sorted(clinic.pk for clinic in clinics)
    if not ids:
        return None
    key = f"reached:{'all' if user.is_superuser else ','.join(map(str, ids))}"
    found = cache.get(key)
    if found is None:
        found = reached(ids, since=now - WEEK)
        cache.set(key, found, KEPT)
    return _shown(found)


def _shown(week: Reached) -> Shown | None:
    if not week.messages:
        return None
    words = _("reached this week")
    missed = week.people - week.people_reached
    if not missed:
        return Shown(f"{week.percent}%", words)
    people = ngettext("%(count)s person not", "%(count)s people not", missed) % {"count": intcomma(missed)}
    url = reverse("notification_deliveries:index")
    return Shown(f"{week.percent}%", f"{words} · {people}", url=url)


def to_answer(clinics: Sequence[Clinic], user: User, now: datetime) -> Shown | None:
    """SMS of the last week that the site couldn't read: a person should."""
    count = not_understood(user, since=now - WEEK)
    if not count:
        return None
    words = ngettext("SMS we did not understand", "SMS we did not understand", count)
    url = f"{reverse('notification_inbound_sms:index')}?interpretation=unknown_words"
    return Shown(intcomma(count), words, url=url)


register_dashboard_figure(DashboardFigure("calls", 10, "home.view_worklistentry", _calls))
register_dashboard_figure(DashboardFigure("reached", 80, "notifications.view_delivery", reached_this_week))
register_dashboard_figure(DashboardFigure("to_answer", 90, "notifications.view_inboundsms", to_answer))
