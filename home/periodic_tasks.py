"""The periodic tasks of this app, each safe to repeat."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy

from home.record.transfers import transfers_expire
from notifications.periodic import periodic_task


@periodic_task(
    "Transfers", cron="30 6 * * *", label=gettext_lazy("End transfers between clinics that nobody answered")
)
def end_transfers(slot: datetime) -> str:
    """End the transfers that nobody answered in time."""
    return f"{transfers_expire(now=timezone.now())} transfers ended"
