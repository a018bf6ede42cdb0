"""The consumer stands still, the mail server is away or hangs, the queue is gone with all that was in it."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from medications.models import Dose
from notifications.models import ChannelChoice, Delivery, Notification
from notifications.selectors import inbox as selectors
from tests.factories import StaffRoleFactory
from tests.faults.cast import all_dealt_with, ids, mail_is_sent, people, the_minute_comes, told, with_a_dose
from tests.faults.queue import Queue
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import GRACE, Site, wait_until
from tests.faults.web import give_password, running

HELD_UP = 5.0
"""Seconds that no page may take beyond what the machine needs, which the first page of all says."""
OUTAGE = 3.0
AGAIN_WITHIN = 120.0
"""Seconds in which all is delivered after an outage."""


def test_after_a_long_stop_reminders_that_are_out_of_date_are_recorded_and_not_sent(
    site: Site, smtp_server: SmtpServer
) -> None:
    late, in_time = people(20), people(20)
    with_a_dose(late, ago=timedelta(hours=5), remind_for=timedelta(hours=4))
    with_a_dose(in_time, ago=timedelta(hours=1), remind_for=timedelta(hours=4))
    the_minute_comes(since=timedelta(hours=6))

    site.start_consumer()

    wait_until(all_dealt_with, what="all is dealt with")
    statuses = dict(Notification.objects.values_list("recipient_id", "scheduled_status"))
    assert statuses == {
        **{user.pk: Notification.Status.EXPIRED for user in late},
        **{user.pk: Notification.Status.SENT for user in in_time},
    }
    assert smtp_server.addressees() == addresses(in_time)
    assert not any(selectors.inbox(user.pk).exists() for user in late)
    assert all(selectors.inbox(user.pk).count() == 1 for user in in_time)


def test_a_mail_that_waited_through_a_stop_beyond_its_time_is_not_sent(
    site: Site, smtp_server: SmtpServer
) -> None:
    users = people(3)
    with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()
    smtp_server.close()
    consumer = site.start_consumer()
    wait_until(lambda: Delivery.objects.filter(failures__gt=0).count() == 3, what="each was tried")
    consumer.kill()
    Notification.objects.update(valid_until=timezone.now())
    smtp_server.open()

    site.start_consumer()

    wait_until(all_dealt_with, what="all is dealt with")
    assert smtp_server.mails == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.EXPIRED}


@pytest.mark.parametrize("hangs", [False, True], ids=["refuses", "hangs"])
def test_when_the_mail_server_is_back_every_mail_is_sent_once(
    site: Site, smtp_server: SmtpServer, hangs: bool
) -> None:
    users = people(5)
    with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()
    smtp_server.holds = hangs
    if not hangs:
        smtp_server.close()
    site.start_consumer(timeout=0.2)
    wait_until(lambda: Delivery.objects.filter(failures__gt=0).count() == 5, what="each was tried")
    assert smtp_server.mails == []
    assert told() == ids(users)

    smtp_server.holds = False
    smtp_server.open()

    wait_until(lambda: mail_is_sent(5), what="the mail is sent")
    assert smtp_server.addressees() == addresses(users)
    assert smtp_server.copies() == []


def test_a_queue_that_is_gone_and_comes_back_empty_loses_nothing_and_hinders_no_page(
    queue: Queue, smtp_server: SmtpServer
) -> None:
    users = people(20)
    before, meanwhile = users[:10], users[10:]
    (dose,) = with_a_dose(users[:1], ago=timedelta(minutes=-30))
    give_password(users[1], "a long password")
    nurse = StaffRoleFactory(clinic=dose.patient.clinic).user
    smtp_server.seconds_each = 0.05
    queue.site.start_consumer()
    with running(queue.environment) as web, web.visitor(users[-1]).live() as news:
        thandi, stranger = web.visitor(users[0]), web.stranger()
        first = thandi.get("/en/today/")
        assert first.is_well
        assert queue.site.run("publish", user_ids=[user.pk for user in before]) == 0
        wait_until(lambda: smtp_server.mails, what="some mail is sent, and some is still to go")

        with queue.gone():
            began = time.monotonic()
            assert queue.site.run("publish", user_ids=[user.pk for user in meanwhile]) == 0
            answers = [
                thandi.get("/en/today/"),
                thandi.post(f"/en/doses/{dose.pk}/take/"),
                thandi.post("/en/preferences/", part="channels", only="medication.email"),
                stranger.post("/en/accounts/login/", login=str(users[1].email), password="a long password"),
                web.visitor(users[2]).get("/en/inbox/"),
            ]
            # Which was never made, so that a worker is asked for it.
            list_of_nurse = web.visitor(nurse).get("/admin/worklist/")
            wait_until(lambda: time.monotonic() - began >= OUTAGE, OUTAGE + GRACE)
        back = time.monotonic()

        assert all(answer.is_well for answer in answers), answers
        assert list_of_nurse.status == 200
        assert max(answer.seconds for answer in answers) < HELD_UP + 2 * first.seconds
        assert "sessionid=" in answers[3].cookies
        wait_until(lambda: mail_is_sent(20), AGAIN_WITHIN, what="the mail is sent")
        wait_until(lambda: news and news[-1] > back, what="the open page hears of its message")
        told_before = len(news)
        assert queue.site.run("publish", user_ids=[users[-1].pk]) == 0
        wait_until(lambda: len(news) > told_before, what="the open page hears of the next one")
        assert thandi.get("/en/inbox/").is_well
    dose.refresh_from_db()
    assert (dose.state, dose.answered_by_id) == (Dose.State.TAKEN, users[0].pk)
    assert not ChannelChoice.objects.filter(user=users[0], on=True).exists()
    wait_until(all_dealt_with, what="all is dealt with")
    assert told() == ids([*users, users[-1]])
    assert smtp_server.addressees() == addresses(users) + addresses(users[-1:])
