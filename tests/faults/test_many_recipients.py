"""A dose falls due while a clinic tells a hundred thousand people something else."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from home.models import User
from medications.models import Dose
from notifications import bus, registry
from notifications.event_types import ANNOUNCEMENT
from notifications.models import ConsumerHeartbeat, EventRecord, Notification, PeriodicRun
from notifications.pipeline.fan_out import fan_out
from notifications.selectors import inbox as selectors
from notifications.types import Priority, Publication, Recipient
from tests.faults import crash_storm, many_recipients
from tests.faults.cast import people, the_minute_comes, told, with_a_dose
from tests.faults.smtp_server import SmtpServer
from tests.faults.stack import Site, wait_until

MANY = 100_000
MEANWHILE = MANY // 4
"""So many of them, at most, are told between the minute of a dose and its reminder, however slow the machine is."""


def test_a_dose_is_told_of_at_once_while_a_hundred_thousand_people_are_told_something_else(
    site: Site, smtp_server: SmtpServer
) -> None:
    clinic = many_recipients.staff(MANY)
    users = people(200)
    doses = iter(zip(users, with_a_dose(users, ago=timedelta(days=-1)), strict=True))
    site.start_consumer(lease=60.0)
    wait_until(ConsumerHeartbeat.objects.exists, what="the consumer is at work")

    announcement = many_recipients.announce(clinic, by=users[0])
    told_before_it = []
    while announcement.state == EventRecord.State.PENDING:
        told_before_it.append(_announced_until_told(*next(doses)))
        announcement.refresh_from_db()

    assert len(told_before_it) > 3, "the dose didn't wait until all were told"
    assert max(told_before_it) < MEANWHILE, told_before_it
    assert announcement.recipients == MANY
    in_inboxes = told(event_type=ANNOUNCEMENT)
    assert len(in_inboxes) == in_inboxes.total() == MANY
    assert smtp_server.mails


def _announced_until_told(user: User, dose: Dose) -> int:
    """How many people are told of the announcement between the minute of this dose, which is now, and its reminder."""
    PeriodicRun.objects.all().delete()
    Dose.objects.filter(pk=dose.pk).update(due_at=timezone.now(), next_reminder_at=timezone.now())
    the_minute_comes()
    before = _announced()
    wait_until(selectors.inbox(user.pk).exists, what="the dose is told of")
    return _announced() - before


def _announced() -> int:
    return Notification.objects.filter(event_type=ANNOUNCEMENT).count()


@pytest.fixture
def urgent_meanwhile() -> Iterator[None]:
    """While people are told of something that isn't urgent, something urgent happens, and much more that isn't."""

    def recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
        if EventRecord.objects.count() == 1:
            payload = publications[0].payload
            bus.publish(crash_storm.NAME, payload, priority=Priority.HIGH)
            for _ in range(3):
                bus.publish(crash_storm.NAME, payload)
            # As another worker of this process does.
            fan_out(now=timezone.now())
        return crash_storm.recipients(publications, now)

    registry.register(replace(crash_storm.CRASH_STORM, recipients=recipients))
    yield
    registry.unregister(crash_storm.NAME)


@pytest.mark.django_db
@pytest.mark.usefixtures("urgent_meanwhile")
def test_whoever_has_time_beside_many_recipients_deals_with_what_is_urgent_alone() -> None:
    (user,) = people(1)
    bus.publish(crash_storm.NAME, {"user_id": user.pk, "deadly_in": crash_storm.HARMLESS})

    fan_out(now=timezone.now())

    done = EventRecord.objects.filter(state=EventRecord.State.PROCESSED).order_by("id")
    assert list(done.values_list("priority", flat=True)) == [Priority.NORMAL, Priority.HIGH]
    while fan_out(now=timezone.now()).records:
        pass
    assert done.count() == 5
