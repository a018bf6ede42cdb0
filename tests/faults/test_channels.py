"""E-mail, SMS and push side by side: what is wrong with one is no other one's business, and nothing is lost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from home.models import User
from medications.models import Dose
from medications.tasks import remind_of_doses
from notifications.inbound.tasks import find_what_waits
from notifications.models import Delivery, InboundSms, PushSubscription, SmsProvider
from notifications.models.delivery import HELD
from tests.faults.cast import (
    ids,
    mail_is_sent,
    people,
    people_of_all_channels,
    the_minute_comes,
    told,
    with_a_dose,
)
from tests.faults.post_office import HANGS, PostOffice, addresses
from tests.faults.stack import Process, Site, wait_until
from tests.notifications.factories import DeliveryFactory
from tests.notifications.push.push_service import PushService
from tests.notifications.sms.gateways import Answer, Fault, Server, africastalking_says, hangs, says

MINUTE = timedelta(minutes=1)
ON_TIME = 60.0
"""Seconds, as promised. It takes two or three where nothing else runs."""
CHANNELS = ("email", "sms", "push")


@dataclass(frozen=True)
class Town:
    """Where all messages go."""

    mail: PostOffice
    sms: Server
    push: PushService

    def start(self, site: Site) -> Process:
        return site.start_consumer(timeout=0.5, gateways=self.sms.url)


@pytest.fixture
def town(post_office: PostOffice, gateways: Server, push_service: PushService) -> Town:
    return Town(post_office, gateways, push_service)


def has_sent(channel: str, count: int) -> bool:
    return Delivery.objects.filter(channel=channel, state=Delivery.State.SENT).count() == count


def numbers(users: list[User]) -> set[str]:
    return {str(user.phone) for user in users}


def sms_numbers(server: Server) -> list[str]:
    return [number for provider in (server.africastalking, server.twilio) for number, _ in provider.sent]


# One fault at a time ---------------------------------------------------------------------------------------


def _mail_hangs(town: Town) -> None:
    town.mail.says = lambda step, address: HANGS


def _mail_is_turned_away(town: Town) -> None:
    town.mail.says = lambda step, address: "421 Too busy"


def _mail_is_closed(town: Town) -> None:
    town.mail.close()


def _both_providers(fault: Fault) -> Callable[[Town], None]:
    def set_(town: Town) -> None:
        town.sms.africastalking.fault = town.sms.twilio.fault = fault

    return set_


def _push_hangs(town: Town) -> None:
    town.push.hang.clear()


def _push_answers(status: int) -> Callable[[Town], None]:
    def set_(town: Town) -> None:
        for browser in town.push.browsers.values():
            browser.status = status

    return set_


FAULTS: dict[str, tuple[str, Callable[[Town], None]]] = {
    "mail hangs": ("email", _mail_hangs),
    "mail is turned away": ("email", _mail_is_turned_away),
    "mail is closed": ("email", _mail_is_closed),
    "SMS: 500": ("sms", _both_providers(says(Answer(500)))),
    "SMS: rate limit": ("sms", _both_providers(says(Answer(429, "", {"Retry-After": "1"})))),
    "SMS: our key is refused": ("sms", _both_providers(says(Answer(401)))),
    "SMS hangs": ("sms", _both_providers(hangs)),
    "push: 500": ("push", _push_answers(500)),
    "push: 429": ("push", _push_answers(429)),
    "push hangs": ("push", _push_hangs),
}


def _heal(town: Town) -> None:
    town.mail.says = None
    town.mail.open()
    town.sms.africastalking.heal()
    town.sms.twilio.heal()
    town.push.hang.set()
    for browser in town.push.browsers.values():
        browser.status = 201


@pytest.mark.parametrize(("faulty", "fault"), FAULTS.values(), ids=FAULTS)
def test_the_other_channels_are_on_time_and_what_one_could_not_send_comes_later(
    site: Site, town: Town, faulty: str, fault: Callable[[Town], None]
) -> None:
    users = people_of_all_channels(3, town.push)
    fault(town)
    with_a_dose(users, ago=MINUTE)
    the_minute_comes()
    town.start(site)
    for channel in CHANNELS:
        if channel != faulty:
            wait_until(lambda: has_sent(channel, len(users)), ON_TIME, what=f"{channel} is on time")  # noqa: B023
    wait_until(
        lambda: Delivery.objects.filter(channel=faulty, failures__gte=1).exists(), what="the fault is felt"
    )
    assert not has_sent(faulty, len(users))

    _heal(town)
    wait_until(lambda: mail_is_sent(3 * len(users)), what="all is sent in the end")
    assert town.mail.addressees() == addresses(users)
    assert set(sms_numbers(town.sms)) == numbers(users)
    assert {len({each["key"] for each in town.push.browsers[f"of{user.pk}"].got}) for user in users} == {1}
    assert told() == ids(users)
    assert town.push.problems == []


def test_what_is_for_good_is_asked_once_and_the_other_channels_carry_it(site: Site, town: Town) -> None:
    users = people_of_all_channels(6, town.push)
    no_mail, no_sms, no_push = users[1], users[2], users[3]
    asked: list[str] = []

    def no_such_person(step: str, address: str) -> str | None:
        asked.extend([address] if step == "RCPT" else [])
        return "550 No such person" if step == "RCPT" and address == no_mail.email else None

    town.mail.says = no_such_person
    town.sms.africastalking.fault = lambda provider, form: (
        africastalking_says(403, "InvalidPhoneNumber") if form["to"] == str(no_sms.phone) else None
    )
    town.push.browsers[f"of{no_push.pk}"].status = 410
    with_a_dose(users, ago=MINUTE)
    the_minute_comes()
    town.start(site)
    wait_until(
        lambda: Delivery.objects.filter(finished_at__isnull=False).count() == 3 * len(users),
        what="each has come to its end",
    )
    failed = Delivery.objects.filter(state=Delivery.State.FAILED)
    assert set(failed.values_list("notification__recipient_id", "channel")) == {
        (no_mail.pk, "email"),
        (no_sms.pk, "sms"),
        (no_push.pk, "push"),
    }
    assert set(failed.values_list("attempts", flat=True)) == {1}
    assert asked.count(str(no_mail.email)) == 1
    assert (town.sms.africastalking.asked, town.sms.twilio.asked) == (len(users), 0)
    assert town.push.browsers[f"of{no_push.pk}"].calls == 1
    assert not PushSubscription.objects.filter(user=no_push).exists()
    assert told() == ids(users)


# A provider that is down -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [says(Answer(500)), hangs], ids=["500", "hangs"])
def test_within_a_minute_new_sms_go_by_the_next_provider_and_the_first_is_used_again_when_it_is_back(
    site: Site, town: Town, fault: Fault
) -> None:
    first, second = town.sms.africastalking, town.sms.twilio
    before, meanwhile, after = (lambda users: (users[:3], users[3:6], users[6:]))(
        people_of_all_channels(9, town.push)
    )
    town.start(site)

    def tell(users: list[User], count: int) -> None:
        with_a_dose(users, ago=MINUTE)
        remind_of_doses(timezone.now())
        wait_until(lambda: has_sent("sms", count), ON_TIME, what="SMS on time")

    tell(before, 3)
    assert {number for number, _ in first.sent} == numbers(before)
    first.fault = fault
    tell(meanwhile, 6)
    assert {number for number, _ in second.sent} == numbers(meanwhile)
    # The first message to find it down marks it for all: nobody else waits for it.
    assert first.asked <= len(before) + 2
    first.heal()
    assert SmsProvider.objects.filter(name="africastalking", down_since__isnull=False).update(
        probe_at=timezone.now()
    )
    tell(after, 9)
    assert {number for number, _ in first.sent} >= numbers(after)
    assert len(second.sent) == len(meanwhile)
    assert not SmsProvider.objects.filter(down_since__isnull=False).exists()


# Killed with -9 --------------------------------------------------------------------------------------------


def _held(users: list[User], each: int) -> None:
    for user in users:
        for _ in range(each):
            DeliveryFactory(notification__recipient=user, channel="email", address=user.email, priority=HELD)


def test_a_digest_whose_sender_is_killed_comes_as_the_same_digest(
    site: Site, post_office: PostOffice
) -> None:
    users = people(4)
    _held(users, 3)
    consumer = site.start_consumer()
    post_office.when_taken = lambda mail: consumer.kill()
    wait_until(lambda: consumer.poll() is not None, what="the consumer dies")
    post_office.when_taken = None

    site.start_consumer()

    wait_until(lambda: mail_is_sent(12), what="all is sent")
    assert post_office.addressees() == addresses(users)
    assert len(post_office.copies()) == 1


def test_of_two_consumers_each_person_gets_one_digest(site: Site, post_office: PostOffice) -> None:
    users = people(30)
    _held(users, 3)
    for _ in range(2):
        site.start_consumer()
    wait_until(lambda: mail_is_sent(90), what="all is sent")
    assert post_office.addressees() == addresses(users)
    assert post_office.copies() == []


def test_an_sms_whose_sender_is_killed_comes_twice_at_most_and_the_others_once(
    site: Site, town: Town
) -> None:
    users = people_of_all_channels(6, town.push)
    with_a_dose(users, ago=MINUTE)
    the_minute_comes()
    consumer = town.start(site)

    def kill_at_the_third(provider: object, form: dict[str, str]) -> None:
        if town.sms.africastalking.asked == 3:
            consumer.kill()

    town.sms.africastalking.fault = kill_at_the_third
    wait_until(lambda: consumer.poll() is not None, what="the consumer dies")
    town.start(site)
    wait_until(lambda: mail_is_sent(3 * len(users)), what="all is sent")
    assert set(sms_numbers(town.sms)) == numbers(users)
    assert len(sms_numbers(town.sms)) == len(users) + 1


def test_an_answer_by_sms_counts_once_though_the_worker_is_killed_as_it_says_so(
    site: Site, town: Town
) -> None:
    users = people_of_all_channels(1, town.push)
    [dose] = with_a_dose(users, ago=MINUTE)
    the_minute_comes()
    consumer = town.start(site)
    wait_until(lambda: has_sent("sms", 1), what="the question is sent")
    now = timezone.now()
    InboundSms.objects.create(
        provider="twilio",
        provider_id="SM1",
        sender=str(users[0].phone),
        text="1",
        received_at=now,
        due_at=now,
    )
    town.sms.africastalking.fault = lambda provider, form: consumer.kill()
    find_what_waits(now)
    wait_until(lambda: consumer.poll() is not None, what="the consumer dies")
    town.sms.africastalking.fault = None
    town.start(site)
    wait_until(lambda: find_what_waits(timezone.now()) != "0 waiting", what="nobody holds it any more")
    wait_until(lambda: InboundSms.objects.get().finished_at is not None, what="it is dealt with")
    row = InboundSms.objects.get()
    assert (row.state, row.made_of, row.error) == ("done", "answer", "")
    dose.refresh_from_db()
    assert (dose.state, dose.answered_by) == (Dose.State.TAKEN, users[0])
    said = [text for _, text in town.sms.africastalking.sent]
    assert [text for text in said if text.startswith("Noted")] == ["Noted: taken. Thank you."] * 2
