"""The periodic tasks of this app, each safe to repeat."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy

from home.budgets import warn_managers
from home.dashboard.counts import count_all
from home.dashboard.days import count_hour
from home.month_reports import report_months
from home.record.transfers import transfers_expire
from home.worklist.refresh import refresh_all
from notifications.periodic import periodic_task


@periodic_task(
    "Transfers", cron="30 6 * * *", label=gettext_lazy("End transfers between clinics that nobody answered")
)
def end_transfers(slot: datetime) -> str:
    """End the transfers that nobody answered in time."""
    return f"{transfers_expire(now=timezone.now())} transfers ended"


@periodic_task("Worklist", cron="*/15 * * * *", label=gettext_lazy("Find who needs a call"))
def find_who_needs_a_call(slot: datetime) -> str:
    """Bring every clinic's list of whom to call up to date."""
    return f"{refresh_all(now=timezone.now())} reasons came, changed or went"


@periodic_task("Figures", cron="5-59/15 * * * *", label=gettext_lazy("Count the figures of the first page"))
def count_figures(slot: datetime) -> str:
    """Count anew what the first page of each clinic shows and is too much to count while somebody waits."""
    return f"{count_all(now=timezone.now())} figures counted"


@periodic_task("Days", cron="20 * * * *", label=gettext_lazy("Count what happened at each clinic by day"))
def count_days_anew(slot: datetime) -> str:
    """Count anew what happened lately, and some of what happened before."""
    return f"{count_hour(now=timezone.now())} figures of days counted"


@periodic_task(
    "Budgets", cron="10-59/15 * * * *", label=gettext_lazy("Tell managers of budgets that run out")
)
def tell_of_budgets(slot: datetime) -> str:
    """Tell the managers of clinics whose budget for messages is nearly or wholly used."""
    return f"{warn_managers(now=timezone.now())} clinics told"


@periodic_task(
    "Month reports",
    cron="30 * * * *",
    label=gettext_lazy("Tell managers that the figures of a month are ready"),
)
def tell_of_months(slot: datetime) -> str:
    """Tell the managers of each clinic, on the first working morning of a month, of the figures of the last one."""
    return f"{report_months(now=timezone.now())} clinics told"
