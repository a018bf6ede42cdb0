"""The periodic tasks of this app, each safe to repeat."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy

from events.services.generation import generate
from events.services.notices import send_event_notices
from events.visits.passing import pass_visits
from notifications.periodic import periodic_task


@periodic_task("Event notifications", cron="* * * * *", label=gettext_lazy("Send messages about events"))
def tell_of_events(slot: datetime) -> str:
    """Remind of events, say that they start or are over, and complete them."""
    return send_event_notices(now=timezone.now())


@periodic_task("Recurring events", cron="0 2 * * 1", label=gettext_lazy("Create the events of series"))
def make_occurrences(slot: datetime) -> str:
    """Make the occurrences of the weeks ahead."""
    return generate(now=timezone.now()).summary()


@periodic_task(
    "Visits", cron="*/15 * * * *", label=gettext_lazy("Remind of visits, and note who did not come")
)
def look_after_visits(slot: datetime) -> str:
    """Remind of visits, and take those for missed to which nobody came by the end of the clinic's day."""
    return pass_visits(now=timezone.now())
