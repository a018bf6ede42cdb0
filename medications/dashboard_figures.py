"""What is counted of doses and stock, and the figures of them on the clinic's page."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from home.dashboard.counts import Numbers, counted, register_count
from home.dashboard.days import counted_on, register_day_count
from home.dashboard.figures import DashboardFigure, Shown, register_dashboard_figure
from home.models import Clinic, User
from medications.models import Dose
from medications.rules.wall_time import instant
from medications.selectors.figures import answered_by_day, doses_by_day, shelves
from notifications.texts.formats import number

DOSES, ANSWERED, SHELVES = "doses", "answered", "shelves"
TAKEN, LOW = "doses_taken", "low_on_shelf"
LATELY = timedelta(hours=1)
"""What is on the shelf changes all day; older numbers of it aren't shown."""


def _count_shelves(clinics: Sequence[Clinic], now: datetime) -> Mapping[int, Numbers]:
    return shelves(clinics, now=now)


def _taken(clinics: Sequence[Clinic], user: User, now: datetime) -> Shown | None:
    if not clinics:
        return None
    # What was counted before midnight is of a day that wasn't over.
    zone = ZoneInfo(clinics[0].zone)
    today = now.astimezone(zone).date()
    found = counted_on(DOSES, clinics, today - timedelta(days=1), since=instant(today, time.min, zone))
    due = sum(found.values())
    if not due:
        return None
    taken = found.get(Dose.State.TAKEN, 0)
    return Shown(
        number=f"{taken * 100 // due}%",
        words=_("of yesterday’s doses were taken, %(taken)s of %(due)s")
        % {"taken": number(taken), "due": number(due)},
    )


def _low(clinics: Sequence[Clinic], user: User, now: datetime) -> Shown | None:
    found = counted(SHELVES, clinics, since=now - LATELY)
    if "low" not in found:
        return None
    return Shown(
        number=number(found["low"]),
        words=ngettext("medicine is low on the shelf", "medicines are low on the shelf", found["low"]),
        url=reverse("clinic_stock:index"),
    )


register_day_count(DOSES, doses_by_day)
register_day_count(ANSWERED, answered_by_day)
register_count(SHELVES, _count_shelves)
register_dashboard_figure(DashboardFigure(TAKEN, 50, "medications.view_prescription", _taken))
register_dashboard_figure(DashboardFigure(LOW, 60, "medications.view_stockbatch", _low))
