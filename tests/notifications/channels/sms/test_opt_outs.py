"""What somebody told a provider to stop is off here too, is seen, and lasts until START."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from home.models import Consent, User
from notifications.models import Delivery, InboundMessage, NotificationPreferences, ProviderOptOut
from notifications.pipeline.deliver import deliver
from notifications.preferences.settings import preferences_update
from notifications.replies.sms_replies import interpret_next, reply_next
from notifications.signals import opted_out_at_provider
from tests.factories import UserFactory
from tests.notifications.channels.counterpart import twilio_refuses
from tests.notifications.channels.sms.gateways import Server, africastalking_says, says
from tests.notifications.channels.sms.test_webhooks import RECEIVED, call, sms_sent, status_of
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db

NUMBER = "+27825550101"


@pytest.fixture
def thandi() -> User:
    return UserFactory(phone=NUMBER)


def wants_sms(user: User) -> bool:
    return not NotificationPreferences.objects.filter(user=user, sms_enabled=False).exists()


def stopped(user: User) -> list[str]:
    return list(ProviderOptOut.objects.filter(user=user, channel="sms").values_list("provider", flat=True))


def sms_to(user: User) -> Any:
    return DeliveryFactory(
        channel="sms",
        address=NUMBER,
        body="Hello",
        notification__event_type="system.announcement",
        notification__recipient=user,
    )


def everything_due() -> None:
    while deliver("sms", now=timezone.now()).taken:
        pass


def answered() -> InboundMessage:
    """The only SMS that came in, dealt with."""
    while interpret_next(now=timezone.now()) or reply_next(now=timezone.now()):
        pass
    return InboundMessage.objects.get()


@pytest.fixture(params=["africastalking", "twilio"])
def provider(request: pytest.FixtureRequest, server: Server, settings: Settings) -> str:
    """The only one; it says of every number that it was stopped."""
    settings.SMS_PROVIDERS = [request.param]
    server.africastalking.fault = says(africastalking_says(406, "UserInBlacklist"))
    server.twilio.fault = says(twilio_refuses(400, 21610, "Attempt to send to unsubscribed recipient"))
    return str(request.param)


def test_what_the_provider_says_as_we_send_stops_sms(thandi: User, provider: str) -> None:
    rows = [sms_to(thandi), sms_to(thandi)]
    everything_due()
    for row in rows:
        row.refresh_from_db()
    assert rows[0].state == "failed"
    # The second was withheld, or refused in the same batch: either way it isn't tried again.
    assert rows[1].state in ("failed", "cancelled")
    assert not wants_sms(thandi) and stopped(thandi) == [provider]


def test_consent_to_sms_ends_with_it(thandi: User, provider: str) -> None:
    Consent.objects.filter(user=thandi, purpose="sms").delete()
    Consent.objects.create(
        user=thandi, purpose="sms", version="1", language="en", how="site", given_at=timezone.now()
    )
    sms_to(thandi)
    everything_due()
    assert not Consent.objects.filter(user=thandi, purpose="sms", withdrawn_at=None).exists()


@pytest.mark.parametrize(
    ("by", "reason"), [("twilio", "21610"), ("africastalking", "UserInBlackList"), ("twilio", "30003")]
)
def test_what_it_says_in_a_receipt_stops_sms(server: Server, thandi: User, by: str, reason: str) -> None:
    sms_sent(by)
    state = "failed" if by == "twilio" else "Failed"
    for _ in range(2):
        assert call(by, "status", status_of(by, "SM7", state, reason)) == 204
    stops = reason != "30003"
    assert stopped(thandi) == ([by] if stops else [])
    assert wants_sms(thandi) is not stops


@pytest.mark.parametrize("text", ["STOP", "Ophou", "Laat my met rus"])
def test_what_it_took_for_a_stop_is_one_whatever_the_words_are(
    server: Server, thandi: User, text: str
) -> None:
    form = RECEIVED["twilio"] | {"Body": text, "OptOutType": "STOP"}
    assert call("twilio", "inbound", form) == 204
    row = answered()
    assert (row.interpretation, row.reply, row.state) == ("stop", "", "done")
    assert not wants_sms(thandi) and stopped(thandi) == ["twilio"]
    assert server.twilio.sent == server.africastalking.sent == []


def test_what_it_took_for_a_start_is_one(server: Server, thandi: User, provider: str) -> None:
    sms_to(thandi)
    everything_due()
    server.twilio.heal()
    server.africastalking.heal()
    assert call("twilio", "inbound", RECEIVED["twilio"] | {"Body": "JA", "OptOutType": "START"}) == 204
    assert answered().interpretation == "start"
    assert wants_sms(thandi) and stopped(thandi) == []


def test_an_opt_out_type_of_another_kind_leaves_the_words_to_us(server: Server, thandi: User) -> None:
    assert call("twilio", "inbound", RECEIVED["twilio"] | {"OptOutType": "PAUSE"}) == 204
    assert answered().interpretation == "stop"
    assert stopped(thandi) == []


def test_it_lasts_until_start(server: Server, thandi: User, provider: str) -> None:
    sms_to(thandi)
    everything_due()
    server.twilio.heal()
    server.africastalking.heal()
    late = sms_to(thandi)
    everything_due()
    late.refresh_from_db()
    assert late.state == "cancelled"
    form = RECEIVED[provider] | ({"Body": "Start"} if provider == "twilio" else {"text": "Start"})
    assert call(provider, "inbound", form) == 204
    assert answered().interpretation == "start"
    assert wants_sms(thandi) and stopped(thandi) == []


@pytest.mark.parametrize(
    ("sent", "is_known", "stops"),
    [(-1, True, False), (1, True, True), (-1, False, False)],
    ids=["sent before the START", "sent after it", "a reply to them"],
)
def test_what_a_receipt_says_late_of_the_time_before_a_start_counts_for_nothing(
    server: Server, thandi: User, sent: int, is_known: bool, stops: bool
) -> None:
    """Of replies no delivery tells when they were sent; the next message will tell whether it is so."""
    started = datetime(2026, 11, 24, 8, tzinfo=UTC)
    with time_machine.travel(started, tick=False):
        assert call("twilio", "inbound", RECEIVED["twilio"] | {"Body": "START"}) == 204
        answered()
    with time_machine.travel(started + timedelta(minutes=2), tick=False):
        if is_known:
            row = sms_sent()
            Delivery.objects.filter(pk=row.pk).update(sent_at=started + timedelta(minutes=sent))
        assert call("twilio", "status", status_of("twilio", "SM7", "failed", "21610")) == 204
    assert wants_sms(thandi) is not stops
    assert stopped(thandi) == (["twilio"] if stops else [])


def test_who_turns_it_on_in_the_settings_alone_is_stopped_again_by_the_next_message(
    thandi: User, provider: str
) -> None:
    sms_to(thandi)
    everything_due()
    preferences_update(user_id=thandi.pk, changes={"sms_enabled": True}, now=timezone.now())
    assert wants_sms(thandi) and stopped(thandi) == []
    sms_to(thandi)
    everything_due()
    assert not wants_sms(thandi) and stopped(thandi) == [provider]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "also send START to the number"), ("af", "stuur ook START na die nommer")],
)
def test_the_settings_say_so_and_what_to_do(thandi: User, language: str, words: str) -> None:
    client = Client()
    client.force_login(thandi)
    assert words not in client.get(f"/{language}/preferences/").content.decode()
    ProviderOptOut.objects.create(user=thandi, channel="sms", provider="twilio", since=timezone.now())
    ProviderOptOut.objects.create(user=thandi, channel="fax", provider="xerox", since=timezone.now())
    page = client.get(f"/{language}/preferences/").content.decode()
    assert page.count(words) == 1


def test_a_fault_of_ours_holds_up_no_other_message(
    thandi: User, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(**kwargs: Any) -> None:
        raise ZeroDivisionError

    opted_out_at_provider.connect(breaks)
    try:
        row = sms_to(thandi)
        everything_due()
    finally:
        opted_out_at_provider.disconnect(breaks)
    row.refresh_from_db()
    assert row.state == "failed" and stopped(thandi) == [provider]


def test_a_number_of_nobody_stops_nothing(provider: str) -> None:
    everything_due()
    DeliveryFactory(channel="sms", address="+27825550199", notification__event_type="system.announcement")
    everything_due()
    assert not ProviderOptOut.objects.exists()
