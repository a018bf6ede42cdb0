"""What the engine does by the clock.

A consumer knows only the tasks whose modules are loaded, and opens no page that would load them: those that stand
beside what they are about are loaded here.
"""

import logging
from collections import defaultdict
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from notifications.channels.push.lost_devices import lost_devices
from notifications.models import PushSubscription
from notifications.periodic import periodic_task
from notifications.pipeline import retention
from notifications.scheduling import dead_letters
from notifications.selectors.people import people
from notifications.services import NotificationService

logger = logging.getLogger(__name__)

LOADED = (retention, dead_letters)


@periodic_task("Lost devices", cron="15 8 * * *", label=gettext_lazy("Forget devices that refuse messages"))
def forget_lost_devices(slot: datetime) -> str:
    """Forget the devices whose push service has refused them for days, and ask their owners, once, to turn notices on
    there again: in the inbox, since it is push that doesn't reach them. What fails in one language is tried tomorrow.
    """
    lost = lost_devices(now=slot)
    owners = people({device.user_id for device in lost})
    by_language = defaultdict(list)
    for device in lost:
        owner = owners.get(device.user_id)
        by_language[owner.language if owner else ""].append(device)
    forgotten = 0
    for language, devices in by_language.items():
        try:
            forgotten += _forget(devices, language)
        except Exception:
            logger.exception("The devices of people who read %(language)s stay.", {"language": language})
    return f"{forgotten} forgotten"


def _forget(devices: list[PushSubscription], language: str) -> int:
    """Forget them and tell their owners, together; without a language, owners who have no account in use."""
    with transaction.atomic(), override(language or None):
        number, _models = PushSubscription.objects.filter(
            pk__any_of=[device.pk for device in devices]
        ).delete()
        if language:
            NotificationService.send(
                users={device.user_id: device.user for device in devices}.values(),
                title=_("Turn notifications on again"),
                message=_(
                    "One of your phones or computers no longer takes our notifications. To get them there again, open "
                    "your settings on it and turn them on."
                ),
                channels=["in_app"],
                path="/preferences/",
            )
    return number
