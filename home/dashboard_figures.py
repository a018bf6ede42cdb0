"""What people, their messages and calls give to the clinic's page."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from home.conversations.threads import waiting_conversations
from home.dashboard.counts import Numbers, counted, register_count
from home.dashboard.days import Days, register_day_count
from home.dashboard.figures import DashboardFigure, Shown, register_dashboard_figure
from home.models import Clinic, User
from home.reach.figures import reached_patients
from home.worklist.of_staff import listed_for
from notifications.selectors.figures import deliveries_by_day, overdue
from notifications.selectors.reached import Reached, reached

WEEK = timedelta(days=7)
LATELY = timedelta(hours=1)
"""What was counted before isn't shown."""
REACHED, PATIENTS, OVERDUE, DELIVERIES = "reached", "patients", "overdue", "deliveries"


def _calls(clinics: Sequence[Clinic], user: User, now: datetime) -> Shown | None:
    found = listed_for(user, clinics, now)
    if found is None:
        return None
    words = _("to call")
    if found.new_today:
        new = ngettext("%(number)d new today", "%(number)d new today", found.new_today)
        words = f"{words} · {new % {'number': found.new_today}}"
    return Shown(str(found.number), words, url=reverse("worklist:index"))


def count_reached(clinics: Sequence[Clinic], now: datetime) -> Mapping[int, Numbers]:
    """Of all that went out in a week. One query."""
    found = reached([clinic.pk for clinic in clinics], since=now - WEEK)
    return {clinic.pk: asdict(found.get(clinic.pk, Reached(0, 0, 0, 0))) for clinic in clinics}


def count_patients(clinics: Sequence[Clinic], now: datetime) -> Mapping[int, Numbers]:
    """Who is here, and who is reached."""
    return reached_patients([clinic.pk for clinic in clinics])


def count_overdue(clinics: Sequence[Clinic], now: datetime) -> Mapping[int, Numbers]:
    """What should have gone out by now, and for how many minutes the oldest should."""
    found = overdue([clinic.pk for clinic in clinics], now=now)
    nothing = (0, timedelta())
    return {
        clinic.pk: {"number": number, "minutes": int(oldest.total_seconds() // 60)}
        for clinic in clinics
        for number, oldest in [found.get(clinic.pk, nothing)]
    }


def count_deliveries(clinics: Sequence[Clinic], days: Days) -> Mapping[tuple[int, date], Numbers]:
    ids = [clinic.pk for clinic in clinics]
    return deliveries_by_day(ids, begins=days.begins, ends=days.ends, zone=days.zone)


def reached_this_week(clinics: Sequence[Clinic], user: User, now: datetime) -> Shown | None:
    """Whoever was written to by two of the clinics is two people here."""
    found = counted(REACHED, clinics, since=now - LATELY)
    return _shown(Reached(**found)) if found else None


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
    """Conversations that wait for a nurse's answer."""
    count = waiting_conversations(user).order_by().count()
    if not count:
        return None
    words = ngettext("conversation waits for an answer", "conversations wait for an answer", count)
    return Shown(intcomma(count), words, url=reverse("conversations:index"))


register_count(REACHED, count_reached)
register_count(PATIENTS, count_patients)
register_count(OVERDUE, count_overdue)
register_day_count(DELIVERIES, count_deliveries)
register_dashboard_figure(DashboardFigure("calls", 10, "home.view_worklistentry", _calls))
register_dashboard_figure(DashboardFigure(REACHED, 80, "notifications.view_delivery", reached_this_week))
register_dashboard_figure(DashboardFigure("to_answer", 90, "home.view_conversation", to_answer))
