"""The figures of doses and stock on the clinic's page."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from home.dashboard.figures import DashboardFigure, Shown, register_dashboard_figure
from home.models import Clinic, User
from medications.selectors.figures import low_on_shelf, taken_yesterday
from notifications.texts.formats import number

MOST_CLINICS = 5
"""Doses are counted as they are: for a whole province that is no question for a first page."""


def _taken(clinics: Sequence[Clinic], user: User, now: datetime) -> Shown | None:
    if not 0 < len(clinics) <= MOST_CLINICS:
        return None
    answered = taken_yesterday(clinics, now=now)
    if not answered.due:
        return None
    return Shown(
        number=f"{answered.taken * 100 // answered.due}%",
        words=_("of yesterday’s doses were taken, %(taken)s of %(due)s")
        % {"taken": number(answered.taken), "due": number(answered.due)},
    )


def _low(clinics: Sequence[Clinic], user: User, now: datetime) -> Shown | None:
    if not 0 < len(clinics) <= MOST_CLINICS:
        return None
    low = low_on_shelf(clinics, now=now)
    return Shown(
        number=number(low),
        words=ngettext("medicine is low on the shelf", "medicines are low on the shelf", low),
        url=reverse("clinic_stock:index"),
    )


register_dashboard_figure(DashboardFigure("doses_taken", 50, "medications.view_prescription", _taken))
register_dashboard_figure(DashboardFigure("low_on_shelf", 60, "medications.view_stockbatch", _low))
