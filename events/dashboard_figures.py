"""What is counted of visits, clubs and calls, and how many of today's visits have come. Found at start."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.selectors.figures import calls_by_day, clubs_by_day, visits_by_day
from events.selectors.visits import come_today
from home.dashboard.days import register_day_count
from home.dashboard.figures import DashboardFigure, Shown, register_dashboard_figure
from home.models import Clinic, User

VISITS, CLUBS, CALLS = "visits", "clubs", "calls"


def visits_today(clinics: Sequence[Clinic], user: User, now: datetime) -> Shown:
    """As "31 of 38 visits today have come". One query."""
    expected, came = come_today(clinics, now)
    return Shown(
        number=str(came),
        of=_("of %(number)d") % {"number": expected},
        words=ngettext("visit today has come", "visits today have come", expected),
        url=f"{reverse('visits:index')}?days=today",
    )


register_day_count(VISITS, visits_by_day)
register_day_count(CLUBS, clubs_by_day)
register_day_count(CALLS, calls_by_day)
register_dashboard_figure(DashboardFigure("visits_today", 20, "events.view_visit", visits_today))
