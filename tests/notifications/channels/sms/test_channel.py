"""SMS in the pipeline: each fault of a provider switched on, nothing lost, nothing permanent tried again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from notifications import tasks
from notifications.channels import registry as channels
from notifications.channels.sms.channel import SmsChannel
from notifications.channels.sms.numbers import owner_of
from notifications.inbox.why import explain
from notifications.models import Delivery
from notifications.pipeline.deliver import deliver
from notifications.types import Reason, Rendered
from tests.factories import UserFactory
from tests.notifications.channels.counterpart import Answer, twilio_refuses
from tests.notifications.channels.sms.gateways import Fault, Server, africastalking_says, hangs, says
from tests.notifications.channels.sms.test_webhooks import call, status_of
from tests.notifications.conftest import NOW
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db

State = Delivery.State


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=True) as clock:
        yield clock


@pytest.fixture
def one(server: Server, settings: Settings) -> Server:
    """Africa's Talking alone: nobody stands in for it."""
    settings.SMS_PROVIDERS = ["africastalking"]
    return server


def sms(number: int = 1, **changes: Any) -> Delivery:
    changes = {"channel": "sms", "address": f"+2782555{number:04}", "body": "Hello", **changes}
    return DeliveryFactory(notification__event_type="system.announcement", **changes)


def everything_due(*, now: datetime | None = None) -> None:
    while deliver("sms", now=now or timezone.now()).taken:
        pass


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_it_is_a_channel_of_the_site() -> None:
    assert isinstance(channels.outside()["sms"], SmsChannel)


def test_what_was_sent_is_written_down_with_provider_id_and_parts(server: Server) -> None:
    row = sms(body="ê" * 80)
    everything_due()
    row.refresh_from_db()
    assert (row.state, row.provider, row.provider_id, row.parts) == ("sent", "africastalking", "ATXid_1", 2)
    assert server.africastalking.sent == [("+27825550001", "ê" * 80)]


@pytest.mark.parametrize("status", ["delivered", "undelivered"])
def test_a_receipt_that_is_quicker_than_we_are_counts(
    server: Server, settings: Settings, status: str
) -> None:
    """Twilio's “undelivered” may come before its own answer to our request does."""
    settings.SMS_PROVIDERS = ["twilio"]
    row, sid = sms(), f"SM{1:032}"
    assert call("twilio", "status", status_of("twilio", sid, status, "30005")) == 204
    everything_due()
    row.refresh_from_db()
    assert (row.provider_id, row.state) == (sid, "delivered" if status == "delivered" else "failed")
    assert ("30005" in row.error) == (status == "undelivered")


def test_a_phone_that_is_off_is_tried_again_however_quick_the_receipt_is(
    server: Server, settings: Settings
) -> None:
    settings.SMS_PROVIDERS = ["twilio"]
    row, sid = sms(), f"SM{1:032}"
    assert call("twilio", "status", status_of("twilio", sid, "undelivered", "30003")) == 204
    everything_due()
    row.refresh_from_db()
    assert (row.provider_id, row.state, row.failures) == (sid, "retry", 1)


TRANSIENT: dict[str, Fault] = {
    "rate limit": says(Answer(429, "", {"Retry-After": "40"})),
    "no credit": says(africastalking_says(405, "InsufficientBalance")),
    "no route": says(africastalking_says(407, "CouldNotRoute")),
    "500": says(Answer(500)),
    "refused": says(Answer(401)),
    "hang": hangs,
}


@pytest.mark.parametrize("fault", TRANSIENT.values(), ids=TRANSIENT.keys())
def test_nothing_is_lost_while_its_only_provider_is_in_trouble(
    one: Server, clock: time_machine.Traveller, fault: Fault
) -> None:
    for number in range(3):
        sms(number)
    one.africastalking.fault = fault
    everything_due()
    assert states() == ["retry"] * 3
    one.africastalking.heal()
    one.africastalking.sent.clear()
    clock.move_to(NOW + timedelta(seconds=75))
    everything_due()
    assert states() == ["sent"] * 3
    numbers = [number for number, _text in one.africastalking.sent]
    assert set(numbers) == {f"+2782555{number:04}" for number in range(3)}
    # What it took and didn't say so comes twice.
    assert len(numbers) == 3 or fault is hangs


def test_a_rate_limit_is_waited_out_as_long_as_it_asks(one: Server, clock: time_machine.Traveller) -> None:
    one.africastalking.fault = says(Answer(429, "", {"Retry-After": "40"}))
    row = sms()
    everything_due()
    row.refresh_from_db()
    assert timedelta(seconds=39) <= row.due_at - NOW < timedelta(seconds=50)


def test_what_is_for_good_is_not_tried_again_and_holds_up_nobody(server: Server) -> None:
    bad = says(africastalking_says(403, "InvalidPhoneNumber"))
    server.africastalking.fault = lambda provider, form: (
        bad(provider, form) if form["to"].endswith("0002") else None
    )
    for number in (1, 2, 3):
        sms(number)
    everything_due()
    everything_due(now=timezone.now() + timedelta(hours=1))
    assert states() == ["sent", "failed", "sent"]
    failed = Delivery.objects.get(state=State.FAILED)
    assert (failed.failures, failed.attempts) == (1, 1)
    assert "The number was refused" in failed.error
    assert server.africastalking.asked == 3 and server.twilio.asked == 0


def test_when_all_are_down_too_long_it_is_failed_with_what_each_said(
    server: Server, clock: time_machine.Traveller
) -> None:
    server.africastalking.fault = says(Answer(500))
    server.twilio.fault = says(twilio_refuses(403, 20005, "Account not active"))
    row = sms()
    for _ in range(6):
        everything_due()
        row.refresh_from_db()
        clock.move_to(row.due_at + timedelta(seconds=1))
    assert row.state == "failed"
    assert row.error == (
        "No SMS provider took it (africastalking, twilio): It answered 500. It answered 403, error 20005."
    )


def test_other_channels_are_on_time_while_a_provider_hangs(
    one: Server, settings: Settings, tmp_path: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    one.africastalking.fault = hangs
    sms()
    mail = DeliveryFactory(channel="email", address="thandi@example.org", notification__path="/inbox/")
    tasks.deliver.call_local("email")
    mail.refresh_from_db()
    assert mail.state == "sent"


def test_a_hundred_messages_get_through_an_outage_in_their_midst_each_once(
    server: Server, clock: time_machine.Traveller, settings: Any
) -> None:
    settings.SMS_PER_SECOND = {}  # else it would wait for the providers' rates
    for number in range(100):
        sms(number)

    def breaks_down(provider: Any, form: dict[str, str]) -> Answer | None:
        return Answer(503) if provider.asked >= 30 else None

    server.africastalking.fault = breaks_down
    everything_due()
    assert states() == ["sent"] * 100
    assert (len(server.africastalking.sent), len(server.twilio.sent)) == (29, 71)
    assert len({number for number, _text in server.africastalking.sent + server.twilio.sent}) == 100


def test_why_says_which_provider_carried_it_and_when(server: Server) -> None:
    server.africastalking.fault = says(Answer(500))
    routing = [{"channel": "sms", "send": True, "reason": "requested", "send_at": None}]
    row = sms(notification__routing=routing)
    everything_due()
    row.refresh_from_db()
    [line] = explain(row.notification, [row], now=timezone.now())
    assert line.outcome.startswith("Sent to 082 555 0001 today at ")
    assert line.outcome.endswith("Sent through the second provider, Twilio.")
    silence = "Nobody has told us whether it arrived."
    [after_a_day] = explain(row.notification, [row], now=timezone.now() + timedelta(hours=25))
    assert after_a_day.outcome.endswith(silence) and silence not in line.outcome
    row.state, row.delivered_at = State.DELIVERED, timezone.now()
    [line] = explain(row.notification, [row], now=timezone.now())
    assert line.outcome.startswith("It arrived at 082 555 0001 today at ")
    row.provider = "carrier pigeon"
    assert "Sent through" not in explain(row.notification, [row], now=timezone.now())[0].outcome


def test_people_are_reached_at_their_number_and_found_by_it() -> None:
    thandi, pieter = UserFactory(phone="082 555 0101"), UserFactory(phone=None)
    assert SmsChannel().addresses([thandi.pk, pieter.pk]) == {thandi.pk: "+27825550101"}
    assert owner_of("0825550101") == owner_of("+27 82 555 0101") == thandi.pk
    assert owner_of("+27825550102") is None and owner_of("Vodacom") is None


def test_a_number_that_was_not_confirmed_is_an_obstacle(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    unconfirmed = UserFactory(phone="082 555 0101", phone_verified_at=None)
    others = [UserFactory(phone="082 555 0102"), UserFactory(phone=None)]
    with django_assert_num_queries(1):
        found = SmsChannel().obstacles({unconfirmed.pk, *(each.pk for each in others)})
    assert found == {unconfirmed.pk: Reason.UNVERIFIED}


def test_addresses_take_one_query_for_any_number_of_people(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    users = [UserFactory(phone=f"+2782555{number:04}") for number in range(30)]
    with django_assert_num_queries(1):
        assert len(SmsChannel().addresses({user.pk for user in users})) == 30


@pytest.mark.parametrize(
    ("replies", "replace", "text"),
    [
        (False, False, "Môre"),
        (True, False, "Môre. Reply 1 done."),
        (True, True, "Môre. Reply 1 done."),  # one part either way
    ],
)
def test_a_text_says_how_to_answer_where_somebody_listens(
    settings: Settings, replies: bool, replace: bool, text: str
) -> None:
    settings.SMS_REPLIES, settings.SMS_REPLACE_ACCENTS = replies, replace
    rendered = Rendered("t", "b", "s", "b", "Môre", "Reply 1 done.")
    assert SmsChannel().content(rendered) == ("", text)


def test_accents_are_replaced_only_where_the_site_wants_it(settings: Settings) -> None:
    rendered = Rendered("t", "b", "s", "b", "Môre " * 20)
    assert SmsChannel().content(rendered)[1] == "Môre " * 20
    settings.SMS_REPLACE_ACCENTS = True
    assert SmsChannel().content(rendered)[1] == "More " * 20
