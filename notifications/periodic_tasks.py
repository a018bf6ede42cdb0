"""What the engine does by the clock, and all periodic tasks, as other programs look at them and turn them on and off.

A consumer knows only the tasks whose modules are loaded, and opens no page that would load them: those that stand
beside what they are about are loaded here.
"""

import logging
from collections import defaultdict
from datetime import datetime
from typing import TypedDict

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from notifications.announcements import recurring
from notifications.announcements.series import publish_due
from notifications.channels.push.lost_devices import lost_devices
from notifications.models import PeriodicRun, PeriodicTask, PushSubscription
from notifications.periodic import periodic_task
from notifications.pipeline import retention
from notifications.scheduling import dead_letters
from notifications.selectors.people import people
from notifications.services import NotificationService
from notifications.work import periodic

logger = logging.getLogger(__name__)

LOADED = (retention, dead_letters)


class ListedTask(TypedDict):
    """A periodic task as it is now; `last_run` and `next_run` are aware, None where there is none."""

    name: str
    enabled: bool
    cron: str
    last_run: datetime | None
    next_run: datetime | None


def create_all_periodic_tasks() -> int:
    """Give each declared task its row; how many were missing. What staff changed stays."""
    return periodic.make_rows(now=timezone.now())


def list_all_tasks() -> list[ListedTask]:
    """All tasks that are declared, by name. A constant number of queries."""
    now = timezone.now()
    periodic.make_rows(now=now)
    names = [task.name for task in periodic.declared()]
    runs = PeriodicRun.objects.filter(task=OuterRef("pk")).order_by("-slot")
    tasks = PeriodicTask.objects.filter(name__in=names).annotate(last_run=Subquery(runs.values("slot")[:1]))
    return [
        ListedTask(
            name=task.name,
            enabled=task.enabled,
            cron=task.cron,
            last_run=task.last_run,
            next_run=periodic.next_run(task, now),
        )
        for task in tasks.order_by("name")
    ]


def enable_task(name: str) -> bool:
    """Turn a task on; whether it was off. Raises PeriodicTaskError (a ValueError) for a name that no task has."""
    return periodic.switch(name, on=True, now=timezone.now())


def disable_task(name: str) -> bool:
    """Turn a task off; whether it was on. Raises PeriodicTaskError (a ValueError) for a name that no task has, and for
    the task that the engine needs.
    """
    return periodic.switch(name, on=False, now=timezone.now())


@periodic_task("Series of messages", cron="0 8 * * *", label=gettext_lazy("Send the messages of series"))
def send_series(slot: datetime) -> str:
    """What is due today, and what fell due lately while nobody was there."""
    published, failed = publish_due(now=slot)
    return f"{published} published, {failed} failed"


@periodic_task(
    "Recurring announcements",
    cron="*/15 * * * *",
    label=gettext_lazy("Plan the day’s recurring announcements"),
)
def plan_recurring(slot: datetime) -> str:
    """What is told today goes out at its time, or now if that has passed. By the clock, not by the slot: a slot that is
    made up for a day later must not tell what was for that day.
    """
    published, failed = recurring.publish_due(now=timezone.now())
    return f"{published} published, {failed} failed"


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
