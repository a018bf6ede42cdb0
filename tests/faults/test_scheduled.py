"""Scheduled messages whose consumer is killed, or which are called off while they are being sent."""

import random
import secrets
import time
from datetime import timedelta

from django.utils import timezone

from notifications.models import Notification
from notifications.scheduler import NotificationScheduler
from tests.faults.cast import all_dealt_with, ids, people, told
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Site, wait_until

PEOPLE, BY_EMAIL = 2_000, 200
SENT = Notification.Status.SENT
CANCELLED = Notification.Status.CANCELLED


def schedule_and_come_due(user_ids: list[int]) -> list[int]:
    scheduled = NotificationScheduler().schedule_notification(
        recipients=user_ids,
        title="We are closed on Friday",
        message="Come on Monday.",
        notif_type="medication",
        scheduled_at=timezone.now() + timedelta(hours=1),
    )
    Notification.objects.update(scheduled_at=timezone.now())
    return scheduled


def test_each_is_sent_once_though_the_consumer_is_killed_again_and_again(
    site: Site, smtp_server: SmtpServer
) -> None:
    seed = secrets.randbits(32)
    print(f"The moments come from the seed {seed}.")
    chance = random.Random(seed)
    with_mail, without = people(BY_EMAIL), people(PEOPLE - BY_EMAIL, by_email=False)
    users = [*with_mail, *without]
    chance.shuffle(users)
    schedule_and_come_due([user.pk for user in users])
    sent = Notification.objects.filter(scheduled_status=SENT)

    moments = (0, 1, PEOPLE // 2)
    for at_least in moments:
        consumer = site.start_consumer(lease=1.0)
        wait_until(lambda: sent.count() >= at_least, what=f"{at_least} are sent")  # noqa: B023 - it ends within
        moment = time.monotonic() + chance.uniform(0, 0.2)
        wait_until(lambda: time.monotonic() >= moment, what="its time has come")  # noqa: B023
        consumer.kill()
    site.start_consumer(lease=1.0)

    wait_until(lambda: sent.count() == PEOPLE, what="all are sent")
    wait_until(all_dealt_with, what="all mail is sent")
    assert told() == ids(users)
    assert smtp_server.addressees() == addresses(with_mail)
    assert len(smtp_server.copies()) <= len(moments)


def test_what_is_called_off_while_it_is_due_is_either_sent_or_not(
    site: Site, smtp_server: SmtpServer
) -> None:
    users = people(PEOPLE, by_email=False)
    scheduled = schedule_and_come_due([user.pk for user in users])
    scheduler = NotificationScheduler()

    site.start_consumer()
    # From the other end, while it starts and sends: the two meet somewhere.
    called_off = [id_ for id_ in reversed(scheduled) if scheduler.cancel_scheduled(notification_id=id_)]

    wait_until(lambda: not scheduler.get_pending_notifications().exists(), what="none waits any more")
    states = dict(Notification.objects.values_list("id", "scheduled_status"))
    assert states == {**dict.fromkeys(scheduled, SENT), **dict.fromkeys(called_off, CANCELLED)}
    assert called_off
    assert sum(told().values()) == PEOPLE - len(called_off)
