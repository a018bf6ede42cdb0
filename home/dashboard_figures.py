"""This app's figures on the clinic's page."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from home.dashboard.figures import DashboardFigure, Shown, register_dashboard_figure
from home.models import Clinic, User
from home.worklist.entries import listed


def _calls(clinics: Sequence[Clinic], user: User, now: datetime) -> Shown:
    found = listed(clinics, now)
    words = _("to call")
    if found.new_today:
        new = ngettext("%(number)d new today", "%(number)d new today", found.new_today)
        words = f"{words} · {new % {'number': found.new_today}}"
    return Shown(str(found.number), words, url=reverse("worklist:index"))


register_dashboard_figure(DashboardFigure("calls", 10, "home.view_worklistentry", _calls))
