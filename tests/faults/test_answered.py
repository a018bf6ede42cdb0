"""A dose that is answered before its reminder goes: nobody is told."""

import time
from datetime import timedelta

from django.utils import timezone

from medications.services.answers import dose_take
from medications.services.reminders import send_dose_reminders
from notifications.models import Delivery
from tests.faults.cast import all_dealt_with, ids, mail_is_sent, people, told, with_a_dose
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Site, wait_until


def test_a_dose_that_is_answered_before_the_fan_out_is_told_of_nowhere(
    site: Site, smtp_server: SmtpServer
) -> None:
    quick, slow = people(2)
    dose, _ = with_a_dose([quick, slow], ago=timedelta(minutes=1))
    send_dose_reminders(now=timezone.now())
    dose_take(dose_id=dose.pk, user=quick, now=timezone.now())

    site.start_consumer()

    wait_until(lambda: mail_is_sent(1), what="the other one's mail is sent")
    assert smtp_server.addressees() == addresses([slow])
    assert told() == ids([slow])


def test_a_dose_that_is_answered_while_the_mail_server_hangs_sends_no_mail(
    site: Site, smtp_server: SmtpServer
) -> None:
    users = people(3)
    doses = with_a_dose(users, ago=timedelta(minutes=1))
    send_dose_reminders(now=timezone.now())
    smtp_server.holds = True
    site.start_consumer(lease=60.0, timeout=20.0)
    wait_until(lambda: smtp_server.held, what="the mail server has the first mail and says nothing")

    late = [user for user in users if user.email != smtp_server.held[0].to]
    for dose, user in zip(doses, users, strict=True):
        if user in late:
            dose_take(dose_id=dose.pk, user=user, now=timezone.now())
    answered = time.monotonic()
    wait_until(lambda: time.monotonic() - answered >= 1, what="a second has gone by since")
    smtp_server.holds = False

    wait_until(all_dealt_with, what="all is dealt with")
    assert [mail.to for mail in smtp_server.mails] == [smtp_server.held[0].to]
    states = dict(Delivery.objects.values_list("address", "state"))
    assert {states[str(user.email)] for user in late} == {Delivery.State.CANCELLED}
