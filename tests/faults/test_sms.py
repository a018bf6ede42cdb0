"""SMS whose providers go and whose senders die, and what people write back meanwhile."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from home.models import User
from home.transactional.message import TransactionalMessage
from home.transactional.queue import enqueue
from medications.models import Dose
from medications.periodic_tasks import remind_of_doses
from notifications.models import Delivery, InboundMessage, SmsProvider
from notifications.work.wakeups import Wakeup, wake
from tests.faults.cast import ids, mail_is_sent, people_of_all_channels, the_minute_comes, told, with_a_dose
from tests.faults.providers import ON_TIME, Providers, has_sent, numbers, numbers_at
from tests.faults.smtp_server import HANGS
from tests.faults.stack import Site, wait_until
from tests.notifications.channels.counterpart import Answer
from tests.notifications.channels.sms.gateways import Fault, hangs, hangs_up, says

MINUTE = timedelta(minutes=1)
SOON = 30.0
"""Seconds. What isn't held up takes less than ten on two busy cores."""
NOTED = "Noted: taken. Thank you."


def reply(users: list[User]) -> None:
    """Each says “1”, as the webhook keeps it, and wakes a worker for it."""
    now = timezone.now()
    InboundMessage.objects.bulk_create(
        [
            InboundMessage(
                provider="twilio",
                provider_id=f"SM{user.pk}",
                sender=str(user.phone),
                text="1",
                received_at=now,
                due_at=now,
            )
            for user in users
        ]
    )
    for _ in users:
        wake(Wakeup.ANSWER_SMS)


def all_answered() -> bool:
    """Whether nobody waits for our answer; wakes a worker if somebody does, as each minute does."""
    if InboundMessage.objects.filter(finished_at=None, due_at__lte=timezone.now()).exists():
        wake(Wakeup.ANSWER_SMS)
    return not InboundMessage.objects.filter(finished_at=None).exists()


@pytest.mark.parametrize("fault", [says(Answer(500)), hangs, hangs_up], ids=["500", "hangs", "hangs up"])
def test_within_a_minute_new_sms_go_by_the_next_provider_and_the_first_is_used_again_when_it_is_back(
    site: Site, providers: Providers, fault: Fault
) -> None:
    first, second = providers.sms.africastalking, providers.sms.twilio
    users = people_of_all_channels(9, providers.push)
    before, meanwhile, after = users[:3], users[3:6], users[6:]
    providers.start(site)

    def tell(users: list[User], count: int) -> None:
        with_a_dose(users, ago=MINUTE)
        remind_of_doses(timezone.now())
        wait_until(lambda: has_sent("sms", count), ON_TIME, what="SMS on time")

    tell(before, 3)
    assert set(numbers_at(first)) == numbers(before)
    first.fault = fault
    tell(meanwhile, 6)
    assert set(numbers_at(second)) == numbers(meanwhile)
    assert first.asked == len(before) + 1, "whoever finds it down says so to all others"
    first.heal()
    assert SmsProvider.objects.filter(name="africastalking", down_since__isnull=False).update(
        probe_at=timezone.now()
    )
    tell(after, 9)
    assert set(numbers_at(first)) >= numbers(after)
    assert len(second.sent) == len(meanwhile)
    assert not SmsProvider.objects.filter(down_since__isnull=False).exists()
    in_its_hands = 1 if fault is hangs else 0
    wait_until(
        lambda: len(providers.texted()) == len(users) + in_its_hands, what="it sends what it hung on, too"
    )
    assert set(providers.texted()) == numbers(users)


def test_an_sms_whose_sender_is_killed_comes_twice_at_most_and_the_others_once(
    site: Site, providers: Providers
) -> None:
    users = people_of_all_channels(6, providers.push)
    with_a_dose(users, ago=MINUTE)
    the_minute_comes()
    consumer = providers.start(site)

    def kill_at_the_third(provider: object, form: dict[str, str]) -> None:
        if providers.sms.africastalking.asked == 3:
            consumer.kill()

    providers.sms.africastalking.fault = kill_at_the_third
    wait_until(lambda: consumer.poll() is not None, what="the consumer dies")
    providers.start(site)
    wait_until(lambda: mail_is_sent(3 * len(users)), what="all is sent")
    assert set(providers.texted()) == numbers(users)
    assert len(providers.texted()) == len(users) + 1


def test_an_answer_by_sms_counts_once_though_the_worker_is_killed_as_it_says_so(
    site: Site, providers: Providers
) -> None:
    users = people_of_all_channels(1, providers.push)
    [dose] = with_a_dose(users, ago=MINUTE)
    the_minute_comes()
    consumer = providers.start(site)
    wait_until(lambda: has_sent("sms", 1), what="the question is sent")
    providers.sms.africastalking.fault = lambda provider, form: consumer.kill()
    reply(users)
    wait_until(lambda: consumer.poll() is not None, what="the consumer dies")
    providers.sms.africastalking.fault = None
    dose.refresh_from_db()
    answered_at = dose.answered_at

    providers.start(site)

    wait_until(all_answered, what="it is dealt with")
    row = InboundMessage.objects.get()
    assert (row.state, row.interpretation, row.error) == ("done", "answer", "")
    dose.refresh_from_db()
    assert (dose.state, dose.answered_by, dose.answered_at) == (Dose.State.TAKEN, users[0], answered_at)
    assert [text for _, text in providers.sms.africastalking.sent[1:]] == [NOTED] * 2


def test_while_sms_hang_in_all_that_they_are_used_for_answers_count_and_the_other_channels_are_on_time(
    site: Site, providers: Providers
) -> None:
    users = people_of_all_channels(34, providers.push)
    answering, others = users[:32], users[32:]
    with_a_dose(answering, ago=MINUTE)
    the_minute_comes()
    providers.start(site, lease=60.0, timeout=5.0)
    wait_until(lambda: mail_is_sent(3 * len(answering)), what="all are asked")
    providers.sms.africastalking.fault = providers.sms.twilio.fault = hangs

    reply(answering)
    codes = [f"+2782556{number:04}" for number in range(20)]
    for number in codes:
        enqueue(TransactionalMessage("sms", number, "", "Your code is 123456", "en", ""))
    with_a_dose(others, ago=MINUTE)
    remind_of_doses(timezone.now())

    # Four workers that try two providers for five seconds each would need eighty for these thirty-two answers, and
    # fifty for the codes, which come before all else again after ten.
    began = time.monotonic()
    wait_until(
        lambda: Dose.objects.filter(state=Dose.State.TAKEN).count() == len(answering),
        SOON,
        what="all answers count",
    )
    wait_until(
        lambda: has_sent("email", len(users)) and has_sent("push", len(users)),
        began + SOON - time.monotonic(),
        what="e-mail and push are on time",
    )
    assert len(providers.texted()) == len(answering)

    providers.heal()
    wait_until(all_answered, what="all are answered")
    assert set(InboundMessage.objects.values_list("state", "interpretation")) == {("done", "answer")}
    wait_until(lambda: has_sent("sms", len(users)), what="the SMS are sent")
    thanked = [
        number
        for p in (providers.sms.africastalking, providers.sms.twilio)
        for number, text in p.sent
        if text == NOTED
    ]
    assert set(thanked) == numbers(answering)
    wait_until(lambda: set(codes) <= set(providers.texted()), what="all have their code")


def test_while_mail_and_sms_hang_together_the_inbox_and_push_are_on_time(
    site: Site, providers: Providers
) -> None:
    users = people_of_all_channels(8, providers.push)
    answering, waiting, others = users[:4], users[4:6], users[6:]
    with_a_dose(answering, ago=MINUTE)
    the_minute_comes()
    providers.start(site, lease=180.0, timeout=60.0)
    wait_until(lambda: mail_is_sent(3 * len(answering)), what="all are asked")
    providers.sms.africastalking.fault = providers.sms.twilio.fault = hangs
    providers.mail.says = lambda step, address: HANGS

    # A worker each: replies, codes by SMS, and what is to be delivered by either way.
    reply(answering)
    enqueue(TransactionalMessage("sms", "+27825560000", "", "Your code is 123456", "en", ""))
    with_a_dose(waiting, ago=MINUTE)
    remind_of_doses(timezone.now())
    wait_until(
        lambda: (
            set(Delivery.objects.filter(state="sending").values_list("channel", flat=True))
            == {"email", "sms"}
            and InboundMessage.objects.exclude(lease_owner="").exclude(interpretation="").exists()
        ),
        what="both hang",
    )
    with_a_dose(others, ago=MINUTE)
    remind_of_doses(timezone.now())

    wait_until(
        lambda: told() == ids(users) and has_sent("push", len(users)),
        SOON,
        what="the inbox and push are on time",
    )
    assert has_sent("email", len(answering))
    assert has_sent("sms", len(answering))
