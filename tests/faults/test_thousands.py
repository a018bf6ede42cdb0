"""Consumers that are killed twenty times while 5,000 people are told; 2,000 where the database is SQLite.

There each of them takes several times as long, one after the other, and more of them meet no other fault.
"""

import random
import secrets
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from math import ceil

from django.conf import settings

from medications.models import Dose
from medications.services.moments import MOMENTS
from notifications.models import Delivery, EventRecord, Notification
from tests.faults.cast import ids, mail_is_dealt_with, people, the_minute_comes, told, with_a_dose
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Site, wait_until

PEOPLE = 5_000 if settings.REDIS_URL else 2_000
RECORDS = ceil(PEOPLE / MOMENTS)
"""Publications that so many doses make at least."""
KILLS_CLAIMING, KILLS_FANNING_OUT, KILLS_SENDING = 2, 2, 16
LEASE = 4.0
"""Seconds: longer than the first kills take, so that none of the records is in hand at three of them."""
A_MOMENT = 0.1
"""Seconds at most between what a kill waits for and the kill."""
LONG = 300.0
"""Seconds: all of them may be between two kills, on a machine that has other things to do."""

Progress = tuple[str, Callable[[], int], int]
"""What is counted, how, and from which number on a consumer is killed."""


def test_thousands_of_doses_are_told_of_once_though_a_consumer_is_killed_twenty_times(
    site: Site, smtp_server: SmtpServer
) -> None:
    seed = secrets.randbits(32)
    print(f"The moments come from the seed {seed}.")
    chance = random.Random(seed)
    users = people(PEOPLE)
    with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()

    # Two, as on two machines: killed is one or the other, while its sister goes on.
    consumers = [site.start_consumer(lease=LEASE) for _ in range(2)]
    kills = _kills(chance, smtp_server)
    for what, count, number in kills:
        wait_until(lambda: count() >= number, LONG, what=f"{number} {what}")  # noqa: B023 - it ends within
        moment = time.monotonic() + chance.uniform(0, A_MOMENT)
        wait_until(lambda: time.monotonic() >= moment, what="its time has come")  # noqa: B023
        one = chance.randrange(len(consumers))
        consumers[one].kill()
        consumers[one] = site.start_consumer(lease=LEASE)

    wait_until(lambda: mail_is_dealt_with(PEOPLE), LONG, what="all mail is dealt with")
    assert Counter(Delivery.objects.values_list("state", "reason")) == {(Delivery.State.SENT, ""): PEOPLE}
    assert len(kills) == 20
    assert told() == ids(users)
    assert smtp_server.addressees() == addresses(users)
    assert len(smtp_server.copies()) <= len(kills), "in each consumer one mail at a time is on its way"
    assert set(Dose.objects.values_list("reminders_sent", flat=True)) == {1}


def _kills(chance: random.Random, smtp_server: SmtpServer) -> list[Progress]:
    """In the order in which they come about."""
    stages: list[tuple[str, Callable[[], int], int, int]] = [
        ("publications", EventRecord.objects.count, RECORDS + 1, KILLS_CLAIMING),
        ("messages", Notification.objects.count, PEOPLE // 2, KILLS_FANNING_OUT),
        ("mails", lambda: len(smtp_server.mails), PEOPLE * 9 // 10, KILLS_SENDING),
    ]
    return [
        (what, count, number)
        for what, count, top, kills in stages
        for number in sorted(chance.sample(range(top), kills))
    ]
