"""The figures of doses and stock on the clinic's page."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from home.dashboard.counts import Numbers, counted, register_count
from home.dashboard.figures import DashboardFigure, Shown, register_dashboard_figure
from home.models import Clinic, User
from medications.rules.wall_time import instant
from medications.selectors.figures import low_on_shelf, taken_yesterday
from notifications.texts.formats import number

TAKEN, LOW = "doses_taken", "low_on_shelf"
LATELY = timedelta(hours=1)
"""What is on the shelf changes all day; older numbers of it aren't shown."""


def _count_taken(clinics: Sequence[Clinic], now: datetime) -> Mapping[int, Numbers]:
    found = taken_yesterday(clinics, now=now)
    return {clinic_id: {"taken": each.taken, "due": each.due} for clinic_id, each in found.items()}


def _count_low(clinics: Sequence[Clinic], now: datetime) -> Mapping[int, Numbers]:
    return {clinic_id: {"low": low} for clinic_id, low in low_on_shelf(clinics, now=now).items()}


def _taken(clinics: Sequence[Clinic], user: User, now: datetime) -> Shown | None:
    if not clinics:
        return None
    # What was counted before midnight is of the day before yesterday.
    zone = ZoneInfo(clinics[0].zone)
    found = counted(TAKEN, clinics, since=instant(now.astimezone(zone).date(), time.min, zone))
    if not found.get("due"):
        return None
    return Shown(
        number=f"{found['taken'] * 100 // found['due']}%",
        words=_("of yesterday’s doses were taken, %(taken)s of %(due)s")
        % {"taken": number(found["taken"]), "due": number(found["due"])},
    )


def _low(clinics: Sequence[Clinic], user: User, now: datetime) -> Shown | None:
    found = counted(LOW, clinics, since=now - LATELY)
    if "low" not in found:
        return None
    return Shown(
        number=number(found["low"]),
        words=ngettext("medicine is low on the shelf", "medicines are low on the shelf", found["low"]),
        url=reverse("clinic_stock:index"),
    )


register_count(TAKEN, _count_taken)
register_count(LOW, _count_low)
register_dashboard_figure(DashboardFigure(TAKEN, 50, "medications.view_prescription", _taken))
register_dashboard_figure(DashboardFigure(LOW, 60, "medications.view_stockbatch", _low))
