"""The periodic tasks of this app, each safe to repeat."""

import logging
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy

from medications.selectors.ledger import unbalanced
from medications.services.expansion import expand_doses
from medications.services.overdue_vaccinations import ask_about_overdue_vaccinations
from medications.services.reminders import send_dose_reminders
from medications.services.stock_warnings import send_expiry_warnings, send_low_stock_warnings
from medications.services.weekly_checks import ask_about_the_week
from notifications.periodic import periodic_task

logger = logging.getLogger(__name__)


@periodic_task("Dose reminders", cron="* * * * *", label=gettext_lazy("Send dose reminders"))
def remind_of_doses(slot: datetime) -> str:
    """Remind of the doses that are due, and settle those that nobody answered."""
    done = send_dose_reminders(now=timezone.now())
    return f"{done.reminded} doses reminded of, {done.unanswered} unanswered, {done.missed} missed"


@periodic_task(
    "Weekly questions",
    cron="*/15 * * * *",
    label=gettext_lazy("Ask patients with a plain phone how the week went"),
)
def ask_about_the_week_now(slot: datetime) -> str:
    """Ask those whose clinic wants that instead of an SMS for each dose."""
    return f"{ask_about_the_week(now=timezone.now())} asked"


@periodic_task("Low stock", cron="0 */6 * * *", label=gettext_lazy("Warn of low stock"))
def warn_of_low_stock(slot: datetime) -> str:
    """Warn of stock that runs out soon."""
    return f"{send_low_stock_warnings(now=timezone.now())} new warnings"


@periodic_task("Expiring batches", cron="0 9 * * *", label=gettext_lazy("Warn of packs that expire"))
def warn_of_expiry(slot: datetime) -> str:
    """Warn of batches that expire soon."""
    return f"{send_expiry_warnings(now=timezone.now())} new warnings"


@periodic_task("Dose expansion", cron="0 1 * * *", label=gettext_lazy("Plan the doses of the coming days"))
def expand(slot: datetime) -> str:
    """Make the doses of the days ahead."""
    return f"{expand_doses(now=timezone.now())} doses made"


@periodic_task(
    "Overdue vaccinations",
    cron="0 9 * * *",
    label=gettext_lazy("Ask again about vaccinations that are overdue"),
)
def ask_about_overdue(slot: datetime) -> str:
    """Ask again about vaccinations whose day has passed."""
    return f"{ask_about_overdue_vaccinations(now=timezone.now())} asked about"


@periodic_task(
    "Stock check", cron="30 1 * * *", label=gettext_lazy("Check that stock is the sum of its movements")
)
def check_stock(slot: datetime) -> str:
    """Report batches whose quantity isn't the sum of their movements. Nothing is put right: somebody must look."""
    wrong = unbalanced()
    if wrong:
        logger.error(
            "The quantity of these batches is not the sum of their movements: %(wrong)s", {"wrong": wrong}
        )
    return f"{len(wrong)} batches differ from their movements"
