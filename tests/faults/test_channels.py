"""E-mail, SMS and push side by side: what is wrong with one is no other one's business, and nothing is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from notifications.channels.push.channel import PushChannel
from notifications.models import Delivery, PushSubscription
from tests.faults.cast import ids, mail_is_sent, people_of_all_channels, the_minute_comes, told, with_a_dose
from tests.faults.providers import ON_TIME, Providers, has_sent, numbers
from tests.faults.smtp_server import HANGS, addresses
from tests.faults.stack import Site, a_second_later, wait_until
from tests.notifications.channels.counterpart import Answer
from tests.notifications.channels.push.push_service import HANGS_UP
from tests.notifications.channels.sms.gateways import Fault, africastalking_says, hangs, hangs_up, says

MINUTE = timedelta(minutes=1)
CHANNELS = ("email", "sms", "push")


def _mail_says(answer: str) -> Callable[[Providers], None]:
    def set_(providers: Providers) -> None:
        providers.mail.says = lambda step, address: answer

    return set_


def _mail_is_closed(providers: Providers) -> None:
    providers.mail.close()


def _both_providers(fault: Fault) -> Callable[[Providers], None]:
    def set_(providers: Providers) -> None:
        providers.sms.africastalking.fault = providers.sms.twilio.fault = fault

    return set_


def _push_hangs(providers: Providers) -> None:
    providers.push.hang.clear()


def _push_answers(status: int, **headers: str) -> Callable[[Providers], None]:
    def set_(providers: Providers) -> None:
        for browser in providers.push.browsers.values():
            browser.status, browser.answer_headers = status, headers.copy()

    return set_


FAULTS: dict[str, tuple[str, Callable[[Providers], None]]] = {
    "mail hangs": ("email", _mail_says(HANGS)),
    "mail is turned away": ("email", _mail_says("421 Too busy")),
    "mail is closed": ("email", _mail_is_closed),
    "SMS: 500": ("sms", _both_providers(says(Answer(500)))),
    "SMS: rate limit": ("sms", _both_providers(says(Answer(429, "", {"Retry-After": "1"})))),
    "SMS: our key is refused": ("sms", _both_providers(says(Answer(401)))),
    "SMS: no credit": ("sms", _both_providers(says(africastalking_says(405, "InsufficientBalance")))),
    "SMS hangs": ("sms", _both_providers(hangs)),
    "SMS hangs up": ("sms", _both_providers(hangs_up)),
    "push: 500": ("push", _push_answers(500)),
    "push: 429": ("push", _push_answers(429, **{"Retry-After": "1"})),
    "push hangs": ("push", _push_hangs),
    "push hangs up": ("push", _push_answers(HANGS_UP)),
}


@pytest.mark.parametrize(("faulty", "fault"), FAULTS.values(), ids=FAULTS)
def test_the_other_channels_are_on_time_and_what_one_could_not_send_comes_later(
    site: Site, providers: Providers, faulty: str, fault: Callable[[Providers], None]
) -> None:
    users = people_of_all_channels(3, providers.push)
    fault(providers)
    with_a_dose(users, ago=MINUTE)
    the_minute_comes()
    providers.start(site)
    others = [channel for channel in CHANNELS if channel != faulty]
    wait_until(
        lambda: all(has_sent(channel, len(users)) for channel in others),
        ON_TIME,
        what=f"{' and '.join(others)} are on time",
    )
    wait_until(
        lambda: Delivery.objects.filter(channel=faulty, failures__gte=1).exists(), what="the fault is felt"
    )
    assert has_sent(faulty, 0)

    providers.heal()
    wait_until(lambda: mail_is_sent(3 * len(users)), what="all is sent in the end")
    assert providers.mail.addressees() == addresses(users)
    assert providers.mail.copies() == []
    assert set(providers.texted()) == numbers(users)
    assert [len(providers.push.browsers[f"of{user.pk}"].names()) for user in users] == [1] * len(users)
    assert told() == ids(users)
    assert providers.push.problems == []


def test_when_a_sender_is_killed_with_many_notices_under_way_no_other_comes_twice_and_each_is_shown_once(
    site: Site, providers: Providers
) -> None:
    users = people_of_all_channels(PushChannel.at_once + 8, providers.push)
    browsers = [providers.push.browsers[f"of{user.pk}"] for user in users]
    providers.push.hang.clear()
    with_a_dose(users, ago=MINUTE)
    the_minute_comes()
    consumer = providers.start(site, timeout=20.0)
    wait_until(
        lambda: sum(browser.calls for browser in browsers) == PushChannel.at_once,
        what="as many as may are under way",
    )
    wait_until(a_second_later(), what="a second has gone by since")
    consumer.kill()
    assert sum(browser.calls for browser in browsers) == PushChannel.at_once

    providers.heal()
    providers.start(site)

    wait_until(lambda: mail_is_sent(3 * len(users)), what="all is sent")
    assert [len(browser.names()) for browser in browsers] == [1] * len(users)
    assert sum(len(browser.got) for browser in browsers) <= len(users) + PushChannel.at_once
    assert told() == ids(users)


def test_what_is_for_good_is_asked_once_and_the_other_channels_carry_it(
    site: Site, providers: Providers
) -> None:
    users = people_of_all_channels(6, providers.push)
    no_mail, no_sms, no_push = users[1], users[2], users[3]
    asked: list[str] = []

    def no_such_person(step: str, address: str) -> str | None:
        asked.extend([address] if step == "RCPT" else [])
        return "550 No such person" if step == "RCPT" and address == no_mail.email else None

    providers.mail.says = no_such_person
    providers.sms.africastalking.fault = lambda provider, form: (
        africastalking_says(403, "InvalidPhoneNumber") if form["to"] == str(no_sms.phone) else None
    )
    providers.push.browsers[f"of{no_push.pk}"].status = 410
    with_a_dose(users, ago=MINUTE)
    the_minute_comes()
    providers.start(site)
    wait_until(
        lambda: Delivery.objects.filter(finished_at__isnull=False).count() == 3 * len(users),
        what="each has come to its end",
    )
    failed = Delivery.objects.filter(state=Delivery.State.FAILED)
    assert set(failed.values_list("notification__recipient_id", "channel", "error")) == {
        (no_mail.pk, "email", "The address was refused: 550 No such person"),
        (no_sms.pk, "sms", "The number was refused. Africa’s Talking: 403"),
        (no_push.pk, "push", "No device is left that shows notices."),
    }
    assert set(failed.values_list("attempts", flat=True)) == {1}
    assert asked.count(str(no_mail.email)) == 1
    assert (providers.sms.africastalking.asked, providers.sms.twilio.asked) == (len(users), 0)
    assert providers.push.browsers[f"of{no_push.pk}"].calls == 1
    assert not PushSubscription.objects.filter(user=no_push).exists()
    assert told() == ids(users)
