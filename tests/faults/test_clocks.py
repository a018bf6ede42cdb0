"""Consumers whose clock jumps an hour while they work, one of two or both."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from signal import SIGRTMIN, Signals

import pytest
from django.db import connections
from django.utils import timezone

from medications.models import Dose
from medications.services.answers import dose_take
from notifications.models import ConsumerHeartbeat, Delivery, Notification, PeriodicRun, PeriodicTask
from tests.faults.cast import (
    all_dealt_with,
    ids,
    mail_is_sent,
    people,
    the_minute_comes,
    told,
    with_a_dose,
)
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Process, Site, a_second_later, wait_until

FORWARD, BACK = Signals.SIGUSR1, Signals.SIGUSR2
A_DAY_FORWARD, A_DAY_BACK = Signals.SIGRTMIN, SIGRTMIN + 1
"""What tests.faults.consumer sets its clock by."""
FAR = timedelta(minutes=30)


def jump(consumers: list[Process], way: int) -> None:
    """Set these consumers' clocks, and see that they work by them."""
    expected = len(consumers)
    for consumer in consumers:
        consumer.send(way)
    now = timezone.now()
    there = {"beat_at__gt": now + FAR} if way in (FORWARD, A_DAY_FORWARD) else {"beat_at__lt": now - FAR}
    wait_until(
        lambda: ConsumerHeartbeat.objects.filter(**there).count() == expected, what="they go by the new time"
    )


@contextmanager
def noting_claims(smtp_server: SmtpServer) -> Iterator[list[tuple[str, str]]]:
    """Of each mail, in the order in which they go: its address, and in whose hands it was when it was begun; empty if
    it had been given up by then.
    """
    begun: dict[str, str] = {}
    gone: list[tuple[str, str]] = []

    def owner_of(address: str) -> str:
        return Delivery.objects.values_list("lease_owner", flat=True).get(
            notification__recipient__email=address
        )

    def notice(step: str, address: str) -> None:
        if step == "RCPT":
            begun[address] = beside.submit(owner_of, address).result()
        elif step == "DATA" and address in begun:
            gone.append((address, begun[address]))

    # The server's own thread runs an event loop, and may not ask the database.
    with ThreadPoolExecutor(1) as beside:
        smtp_server.says = notice
        try:
            yield gone
        finally:
            smtp_server.says = None
            beside.submit(connections.close_all).result()


def goes_on_with_what_it_lost(gone: list[tuple[str, str]], lost: set[str], process: Process) -> list[str]:
    """What this process sent of a claim of which it had lost one before."""
    claim, ended, too_far = "", set(), []
    for address, owner in gone:
        if f":{process.pid}:" in owner:
            claim = owner
            if claim in ended:
                too_far.append(address)
        if address in lost:
            ended.add(claim)
    return too_far


def told_as_often_as_reminded() -> Counter[int]:
    """How many messages each person should have by now: an hour too early is time for the next reminder."""
    doses = Dose.objects.values_list("patient__care_roles__user_id", "reminders_sent")
    return Counter(dict(doses))


@pytest.mark.parametrize("jumpers", [1, 2], ids=["one", "both"])
def test_a_clock_that_jumps_an_hour_ahead_loses_and_doubles_nothing(
    site: Site, smtp_server: SmtpServer, jumpers: int
) -> None:
    users = people(50)
    with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()
    smtp_server.seconds_each = 0.05
    consumers = [site.start_consumer(lease=60.0) for _ in range(2)]
    wait_until(lambda: len(smtp_server.mails) > 10, what="they are in the midst of sending")

    jump(consumers[:jumpers], FORWARD)

    ahead = PeriodicRun.objects.filter(task__name="Dose reminders", slot__gt=timezone.now() + FAR)
    wait_until(
        lambda: set(ahead.values_list("state", flat=True)) == {"done"}, what="it ran an hour too early"
    )
    # What the one an hour ahead writes it alone may take, and most calls to work go to the other, which has time.
    wait_until(all_dealt_with, what="all is dealt with")
    assert told() == told_as_often_as_reminded() == ids(users + users)
    assert smtp_server.addressees() == addresses(users + users)
    if jumpers == len(consumers):
        assert len(smtp_server.copies()) <= jumpers, "only what was on its way may come again"


@pytest.mark.parametrize("jumpers", [1, 2], ids=["one", "both"])
def test_a_clock_that_jumps_an_hour_back_and_is_put_right_loses_and_doubles_nothing(
    site: Site, smtp_server: SmtpServer, jumpers: int
) -> None:
    users = people(100)
    with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()
    smtp_server.seconds_each = 0.05
    consumers = [site.start_consumer(lease=60.0) for _ in range(2)]
    wait_until(lambda: len(smtp_server.mails) > 10, what="they are in the midst of sending")

    jump(consumers[:jumpers], BACK)
    for consumer in consumers[:jumpers]:
        consumer.send(FORWARD)

    wait_until(lambda: mail_is_sent(100), what="the mail is sent")
    assert told() == told_as_often_as_reminded() == ids(users)
    assert smtp_server.addressees() == addresses(users)
    assert smtp_server.copies() == []


def test_a_clock_that_jumps_a_day_ahead_and_is_put_right_stops_no_reminder_and_doubles_nothing(
    site: Site, smtp_server: SmtpServer
) -> None:
    users = people(40)
    doses = with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()
    smtp_server.seconds_each = 0.05
    consumers = [site.start_consumer(lease=60.0) for _ in range(2)]
    wait_until(lambda: len(smtp_server.mails) > 5, what="they are in the midst of sending")

    with noting_claims(smtp_server) as gone:
        jump(consumers[:1], A_DAY_FORWARD)
        wait_until(all_dealt_with, what="all is sent, or too late by that clock")
    tomorrow = PeriodicRun.objects.filter(task__name="Dose reminders", slot__gt=timezone.now() + FAR)
    wait_until(tomorrow.exists, what="tomorrow's slot is opened")
    consumers[0].send(A_DAY_BACK)

    sent = set(Delivery.objects.filter(state="sent").values_list("address", flat=True))
    expired = set(Delivery.objects.filter(state="expired").values_list("address", flat=True))
    assert sent | expired == set(addresses(users))
    # By a clock a day ahead the other's leases have ended. Whoever so loses what is on its way sends no more of that
    # claim. It takes the rest anew, and may lose the next: what is sent and not known as sent may be several.
    lost = set(smtp_server.addressees()) - sent
    assert goes_on_with_what_it_lost(gone, lost, consumers[1]) == []
    assert smtp_server.copies() == []
    assert set(told().values()) == {1}
    for dose, user in zip(doses, users, strict=True):
        assert dose_take(dose_id=dose.pk, user=user, now=timezone.now()).state == Dose.State.TAKEN

    ahead = PeriodicTask.objects.filter(last_slot__gt=timezone.now() + FAR)
    wait_until(lambda: not ahead.exists(), what="each task goes on from this minute")


def test_what_is_out_of_date_when_the_clock_is_put_right_is_sent_no_more(
    site: Site, smtp_server: SmtpServer
) -> None:
    short, long = people(5), people(5)
    with_a_dose(short, ago=timedelta(minutes=1), remind_for=timedelta(minutes=31))
    with_a_dose(long, ago=timedelta(minutes=1))
    the_minute_comes()
    smtp_server.holds = True
    consumer = site.start_consumer(lease=7200.0, timeout=60.0)
    wait_until(lambda: smtp_server.held, what="the first mail is on its way")
    on_its_way = {smtp_server.held[0].to}

    jump([consumer], FORWARD)
    wait_until(a_second_later(), what="a second has gone by since")
    smtp_server.holds = False

    wait_until(all_dealt_with, what="all is dealt with")
    assert set(smtp_server.addressees()) == set(addresses(long)) | on_its_way
    left = Delivery.objects.exclude(state=Delivery.State.SENT).values_list("address", "state")
    assert set(left) == {(str(user.email), Delivery.State.EXPIRED) for user in short} - {
        (address, Delivery.State.EXPIRED) for address in on_its_way
    }
    assert set(told()) == set(ids(short + long))


def test_a_machine_in_a_wrong_zone_says_the_same(
    site: Site, environment: dict[str, str], smtp_server: SmtpServer
) -> None:
    """Its own zone is that of the machine and of its session with the database, a day ahead of the clinic's."""
    here, there = people(2)
    (dose,) = with_a_dose([here], ago=timedelta(minutes=1))
    the_minute_comes()
    consumer = site.start_consumer()
    wait_until(lambda: mail_is_sent(1), what="the mail of a machine in the clinic's zone")
    consumer.kill()
    Dose.objects.filter(pk=with_a_dose([there], ago=timedelta(minutes=1))[0].pk).update(due_at=dose.due_at)
    the_minute_comes()
    elsewhere = Site({**environment, "TZ": "Pacific/Kiritimati", "PGTZ": "Pacific/Kiritimati"})
    try:
        elsewhere.start_consumer()
        wait_until(lambda: mail_is_sent(2), what="the mail of a machine elsewhere")
    finally:
        elsewhere.close()
    said = Notification.objects.order_by("id").values_list("title", "body")
    assert said[0] == said[1]
    local = timezone.localtime(dose.due_at)
    assert f"{local:%H:%M}" in " ".join(said[0])
    times = Notification.objects.order_by("id").values_list("created_at", flat=True)
    assert abs(times[1] - times[0]) < FAR
