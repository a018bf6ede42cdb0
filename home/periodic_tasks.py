"""The periodic tasks of this app, each safe to repeat."""

from datetime import datetime

from django.utils.translation import gettext_lazy

from home.invitation.services import invitations_delete_old
from notifications.periodic import periodic_task


@periodic_task("Old invitations", cron="30 2 * * 0", label=gettext_lazy("Delete old invitations"))
def delete_old_invitations(slot: datetime) -> str:
    """Delete the invitations that nobody accepted."""
    return f"{invitations_delete_old(now=slot)} invitations deleted"
