"""A consumer is killed with -9 at the worst moments: nothing is lost, and nothing is told twice."""

import random
from datetime import timedelta
from threading import Event
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from home.clocks.moving import AT_ONCE
from home.models import Clinic, ClockChange
from medications.models import Dose, DoseSchedule
from medications.services.expansion import expand_doses
from notifications import bus
from notifications.models import Delivery, EventRecord, ListenerCall
from notifications.types import Reason
from tests.faults import crash_storm
from tests.faults.cast import all_dealt_with, ids, mail_is_sent, people, the_minute_comes, told, with_a_dose
from tests.faults.smtp_server import Mail, SmtpServer, addresses
from tests.faults.stack import GRACE, Process, Site, a_second_later, wait_until

WORK = {
    crash_storm.FAN_OUT: EventRecord,
    crash_storm.LISTENER: ListenerCall,
    crash_storm.DELIVERY: Delivery,
}
"""Which row's worker dies at each place."""


def test_every_dose_is_told_of_once_though_the_consumer_is_killed_again_and_again(
    site: Site, smtp_server: SmtpServer
) -> None:
    users = people(300)
    with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()
    moments = sorted(random.sample(range(1, 250), 3))

    consumer = site.start_consumer()
    wait_until(EventRecord.objects.exists, what="the doses are published")
    consumer.kill()
    for moment in moments:
        consumer = site.start_consumer()
        wait_until(lambda: len(smtp_server.mails) >= moment, what=f"{moment} mails")  # noqa: B023 - it ends within
        consumer.kill()
    site.start_consumer()

    wait_until(lambda: mail_is_sent(300), what=f"all is sent, though it was killed after {moments} mails")
    assert told() == ids(users)
    assert smtp_server.addressees() == addresses(users)
    assert len(smtp_server.copies()) <= len(moments)
    assert set(Dose.objects.values_list("reminders_sent", flat=True)) == {1}


def test_a_mail_whose_sender_died_before_it_heard_the_yes_comes_twice_at_most_and_as_the_same_mail(
    site: Site, smtp_server: SmtpServer
) -> None:
    users = people(1)
    with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()
    consumer = site.start_consumer()
    smtp_server.when_taken = lambda mail: consumer.kill()
    wait_until(lambda: consumer.poll() is not None, what="the consumer dies")
    smtp_server.when_taken = None
    assert Delivery.objects.get().state == Delivery.State.SENDING

    site.start_consumer()

    wait_until(lambda: mail_is_sent(1), what="the mail is sent")
    assert [mail.to for mail in smtp_server.mails] == [users[0].email] * 2
    assert len(set(smtp_server.mails)) == 1
    assert told() == ids(users)


def test_a_worker_that_dies_with_one_mail_unwritten_and_the_next_one_begun_doubles_no_more_than_the_one(
    site: Site, smtp_server: SmtpServer
) -> None:
    users = people(3)
    with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()
    taken, nothing_can_be_written, next_is_begun = Event(), Event(), Event()

    def hold(mail: Mail) -> None:
        taken.set()
        nothing_can_be_written.wait(GRACE)

    def notice(step: str, address: str) -> None:
        if step == "RCPT" and smtp_server.mails:
            next_is_begun.set()

    smtp_server.when_taken, smtp_server.says = hold, notice
    consumer = site.start_consumer(lease=20.0, timeout=GRACE, unhurried=True)
    assert taken.wait(GRACE)
    with transaction.atomic():
        list(Delivery.objects.select_for_update())
        nothing_can_be_written.set()
        assert next_is_begun.wait(GRACE)
        wait_until(a_second_later())
        first = list(smtp_server.mails)
        assert len(first) == 1
        consumer.kill()
    site.start_consumer()

    wait_until(lambda: mail_is_sent(3), what="the mail is sent")
    assert smtp_server.addressees() == addresses(users)
    assert smtp_server.copies() in ([], first)
    assert told() == ids(users)


def test_what_was_committed_and_never_queued_is_found(site: Site, smtp_server: SmtpServer) -> None:
    users = people(1)
    assert site.run("publish_and_die", user_ids=[users[0].pk]) == crash_storm.DIED
    assert EventRecord.objects.get().state == EventRecord.State.PENDING
    assert HUEY.pending_count() == 0

    site.start_consumer()

    wait_until(lambda: mail_is_sent(1), what="the mail is sent")
    assert told() == ids(users)


@pytest.mark.parametrize("count", [3, 3 * AT_ONCE], ids=["few", "many"])
def test_doses_move_to_their_new_hour_though_whoever_changed_it_died_and_each_mover_too(
    site: Site, count: int
) -> None:
    with_a_dose(people(count, by_email=False), ago=timedelta(days=1))
    Dose.objects.all().delete()
    DoseSchedule.objects.update(expanded_until=None)
    expand_doses(now=timezone.now())
    clinic = Clinic.objects.get()
    assert hours("Africa/Johannesburg") == {8}

    assert site.run("change_zone_and_die", clinic_id=clinic.pk, zone="Africa/Lagos") == crash_storm.DIED
    unmoved = ClockChange.objects.filter(finished_at__isnull=True)
    assert unmoved.count() == count
    assert hours("Africa/Lagos") == {7}

    for left in range(count - 1, 0, -AT_ONCE):
        consumer = site.start_consumer()
        wait_until(lambda: unmoved.count() <= left, what=f"{left} are left")  # noqa: B023 - it ends within
        consumer.kill()
    site.start_consumer()

    wait_until(lambda: not unmoved.exists(), what="all are moved")
    assert hours("Africa/Lagos") == {8}


def hours(zone: str) -> set[int]:
    """At which doses are due by that clock."""
    now = timezone.now()
    doses = Dose.objects.filter(due_at__gt=now + timedelta(days=1))
    return {due_at.astimezone(ZoneInfo(zone)).hour for due_at in doses.values_list("due_at", flat=True)}


@pytest.mark.usefixtures("knows_crash_storms")
@pytest.mark.parametrize("place", WORK)
def test_what_kills_its_worker_three_times_is_given_up_and_holds_up_nobody(
    site: Site, smtp_server: SmtpServer, place: str
) -> None:
    users = people(8)
    for user in users:
        bus.publish(
            crash_storm.NAME,
            {"user_id": user.pk, "deadly_in": place if user is users[3] else crash_storm.HARMLESS},
        )
    consumers: list[Process] = []

    def done_at_last() -> bool:
        # As the supervisor does: whatever died is started again.
        if not consumers or consumers[-1].poll() is not None:
            consumers.append(site.start_consumer(lease=1.0))
        return all_dealt_with()

    wait_until(done_at_last, what="all is dealt with")

    assert [consumer.poll() for consumer in consumers] == [crash_storm.DIED] * 3 + [None]
    model = {
        crash_storm.FAN_OUT: EventRecord,
        crash_storm.LISTENER: ListenerCall,
        crash_storm.DELIVERY: Delivery,
    }[place]
    assert model._default_manager.get(reason=Reason.CRASHED).crashes == 3
    others = [user for user in users if place == crash_storm.LISTENER or user is not users[3]]
    assert smtp_server.addressees() == addresses(others)
    assert told() == ids(users if place == crash_storm.DELIVERY else others)
