"""A provider that is described by settings alone: those of docs/sms.md, against servers that answer as documented."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from notifications.channels.gateways import REST, GatewayError
from notifications.channels.sms.gateway import Sms
from notifications.channels.sms.gateways.http import HttpGateway
from notifications.models import Delivery, InboundMessage
from tests.notifications.channels.counterpart import Answer
from tests.notifications.channels.sms.described import (
    INVALID,
    NO_CREDIT,
    OPTED_OUT,
    PROVIDERS,
    SECRET,
    Described,
    documented,
    running,
    use,
)
from tests.notifications.channels.sms.gateways import Server, hangs, says
from tests.notifications.factories import DeliveryFactory
from tests.site_config.test_production import started_with

NUMBER = "+27825550101"
TEXT = "U het 'n herinnering – {text} môre"
IDS = {
    "Clickatell": "77fb29998253415fa5d66971d519d362",
    "BulkSMS": "77fb29998253415",
    "SMSPortal": "12345678901",
}


@pytest.fixture
def described() -> Iterator[Described]:
    with running() as server:
        yield server


def send(number: str = NUMBER, text: str = TEXT) -> str:
    with requests.Session() as http:
        return HttpGateway().send(http, Sms(key="medguard-7", number=number, text=text))


def refusal(number: str = NUMBER) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        send(number)
    assert number.lstrip("+") not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_message_goes_out_as_the_documentation_says(
    described: Described, settings: Settings, provider: str
) -> None:
    use(provider, settings, described.url)
    assert send() == IDS[provider]
    assert described.sent == [(NUMBER, TEXT)]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_documented_settings_start_the_site(provider: str) -> None:
    done = started_with(SMS_PROVIDERS="http", SMS_HTTP_WEBHOOK_SECRET=SECRET, **documented(provider))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("number", [INVALID, OPTED_OUT])
def test_a_number_that_takes_none_is_told_by_the_pattern(
    described: Described, settings: Settings, number: str
) -> None:
    use("Clickatell", settings, described.url)
    assert refusal(number).permanent


def test_what_is_about_one_message_is_left_to_the_next_provider(
    described: Described, settings: Settings
) -> None:
    use("SMSPortal", settings, described.url)
    error = refusal(INVALID)
    assert not error.permanent and error.rest is None


@pytest.mark.parametrize("provider", PROVIDERS)
def test_without_credit_or_with_a_wrong_key_the_provider_is_left_alone(
    described: Described, settings: Settings, provider: str
) -> None:
    use(provider, settings, described.url)
    assert refusal(NO_CREDIT).rest == REST
    settings.SMS_HTTP_HEADERS = {"Authorization": "wrong"}
    assert refusal().rest == REST
    assert not described.sent


@pytest.fixture
def form(server: Server, settings: Settings) -> Server:
    """One that takes a form and answers in words, in the place of Africa's Talking."""
    settings.SMS_HTTP_URL = f"{server.url}/version1/messaging"
    settings.SMS_HTTP_BODY = "form"
    settings.SMS_HTTP_HEADERS = {"apiKey": "an-api-key", "Accept": "application/json"}
    settings.SMS_HTTP_FIELDS = {"username": "medguard", "to": "{number}", "message": "{text}"}
    settings.SMS_HTTP_SUCCESS = "^OK"
    settings.SMS_HTTP_ID = r"/ID: (\S+)/"
    settings.SMS_HTTP_PERMANENT = "^ERR 105"
    return server


@pytest.mark.parametrize(
    ("answer", "permanent", "rests"),
    [
        (Answer(200, "ERR 105 no such number"), True, False),
        (Answer(404, "ERR 105 no such number"), True, False),
        (Answer(200, "ERR 301 no credit"), False, True),
        (Answer(200, "<html>Welcome to the hotel</html>"), False, True),
        (Answer(400, "ERR 113 too long"), False, False),
        (Answer(429, "slow down"), False, True),
        (Answer(500), False, True),
        (Answer(302, "", {"Location": "http://127.0.0.1:9/"}), False, True),
    ],
)
def test_an_answer_in_words_is_read_by_patterns(
    form: Server, answer: Answer, permanent: bool, rests: bool
) -> None:
    form.africastalking.fault = says(answer)
    error = refusal()
    assert (error.permanent, error.rest is not None) == (permanent, rests)


def test_a_yes_in_words_has_its_id_or_goes_without(form: Server) -> None:
    form.africastalking.fault = says(Answer(200, "OK ID: abc-1"))
    assert send() == "abc-1"
    form.africastalking.fault = says(Answer(200, "OK"))
    assert send() == ""


def test_without_a_pattern_an_answer_with_an_id_is_a_yes(form: Server, settings: Settings) -> None:
    settings.SMS_HTTP_SUCCESS = ""
    form.africastalking.fault = says(Answer(200, "ID: abc-1"))
    assert send() == "abc-1"
    form.africastalking.fault = says(Answer(200, "<html>Welcome to the hotel</html>"))
    assert refusal().rest == REST


def test_one_that_hangs_is_left_alone(form: Server) -> None:
    form.africastalking.fault = hangs
    assert refusal().rest == REST


def call(hook: str, body: Any, *, key: str = SECRET) -> int:
    path = f"/sms/http/{hook}/?key={key}"
    text = body if isinstance(body, bytes) else json.dumps(body)
    client = Client(enforce_csrf_checks=True)
    return client.post(path, text, content_type="application/json").status_code


def report(provider: str, status: str) -> Any:
    """A delivery report as this provider documents it."""
    if provider == "Clickatell":
        update = {
            "channel": "sms",
            "messageId": IDS[provider],
            "clientMessageId": "medguard-7",
            "statusCode": 5,
        }
        return {
            "integrationId": "fa8090815f05d5ed015f0b5b56080cd2",
            "integrationName": "My integration",
            "event": {"messageStatusUpdate": [{**update, "timestamp": 1506607698000, "status": status}]},
        }
    if provider == "BulkSMS":
        return [{"id": IDS[provider], "type": "SENT", "status": {"id": f"{status}.null", "type": status}}]
    return {"Status": status, "EventId": 12345678901, "Mcc": 655, "Mnc": "01", "Msisdn": NUMBER[1:]}


REPORTS = [
    ("Clickatell", "DEVICE_ACK", "delivered"),
    ("Clickatell", "DELIVERY_FAILURE", "failed"),
    ("Clickatell", "SENT_TO_SUPPLIER", "sent"),
    ("BulkSMS", "DELIVERED", "delivered"),
    ("BulkSMS", "FAILED", "failed"),
    ("BulkSMS", "SENT", "sent"),
    ("SMSPortal", "DELIVRD", "delivered"),
    ("SMSPortal", "UNDELIV", "failed"),
    ("SMSPortal", "SUBMITD", "sent"),
]


def sent(provider_id: str) -> Delivery:
    now = timezone.now()
    return DeliveryFactory(
        channel="sms",
        address=NUMBER,
        state="sent",
        provider="http",
        provider_id=provider_id,
        sent_at=now,
        finished_at=now,
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("provider", "status", "state"), REPORTS)
def test_a_delivery_report_is_read_by_its_names(
    settings: Settings, provider: str, status: str, state: str
) -> None:
    use(provider, settings, "")
    row = sent(IDS[provider])
    assert call("status", report(provider, status)) == 204
    row.refresh_from_db()
    assert row.state == state


@pytest.mark.django_db
def test_each_report_of_a_list_counts_and_one_that_cannot_be_read_spoils_no_other(settings: Settings) -> None:
    use("BulkSMS", settings, "")
    rows = [sent(provider_id) for provider_id in ("1", "2")]
    reports = [{"id": each, "status": {"type": "DELIVERED"}} for each in ("1", "", "2")]
    assert call("status", reports) == 400
    for row in rows:
        row.refresh_from_db()
        assert row.state == "delivered"


def test_it_gives_receipts_where_they_are_described(settings: Settings) -> None:
    use("SMSPortal", settings, "")
    assert HttpGateway().gives_receipts()
    settings.SMS_HTTP_RECEIPT_STATUS = []
    assert not HttpGateway().gives_receipts()


@pytest.mark.django_db
def test_a_state_that_nobody_listed_is_logged_and_changes_nothing(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    use("SMSPortal", settings, "")
    row = sent(IDS["SMSPortal"])
    assert call("status", report("SMSPortal", "TUESDAY")) == 204
    row.refresh_from_db()
    assert row.state == "sent" and ": TUESDAY." in caplog.text


RECEIVED = {
    "Clickatell": {
        "integrationId": "fa8090815f05d5ed015f0b5b56080cd2",
        "event": {
            "moText": [
                {"channel": "sms", "messageId": "3a89", "from": NUMBER[1:], "to": "22345", "content": "STOP"}
            ]
        },
    },
    "BulkSMS": [{"id": "3a89", "type": "RECEIVED", "from": NUMBER[1:], "to": "22345", "body": "STOP"}],
}


@pytest.mark.django_db
@pytest.mark.parametrize("provider", RECEIVED)
def test_what_people_write_is_read_by_its_names_and_their_number_known_without_its_plus(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    use(provider, settings, "")
    monkeypatch.setattr("notifications.channels.sms.webhooks.wake_on_commit", lambda *_: None)
    assert call("inbound", RECEIVED[provider]) == 204
    row = InboundMessage.objects.get()
    assert (row.provider, row.provider_id, row.sender, row.text) == ("http", "3a89", NUMBER, "STOP")


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "wrong", SECRET[:-1]])
def test_who_does_not_know_the_secret_is_not_believed(settings: Settings, key: str) -> None:
    use("SMSPortal", settings, "")
    row = sent(IDS["SMSPortal"])
    assert call("status", report("SMSPortal", "DELIVRD"), key=key) == 403
    settings.SMS_HTTP_WEBHOOK_SECRET = ""
    assert call("status", report("SMSPortal", "DELIVRD"), key="") == 403
    row.refresh_from_db()
    assert row.state == "sent"


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"", b"{", b"7", b"[" * 20_000, b'{"Status": "DELIVRD"}', b"\xff", b"[[]]"])
def test_what_cannot_be_read_is_400(settings: Settings, body: bytes) -> None:
    use("SMSPortal", settings, "")
    assert call("status", body) == 400


MISTAKES = [
    ({"SMS_HTTP_FIELDS": "{"}, "SMS_HTTP_FIELDS: is no JSON"),
    ({"SMS_HTTP_FIELDS": '["{number}"]'}, "SMS_HTTP_FIELDS: must be as in"),
    (
        {"SMS_HTTP_FIELDS": '{"to": "{number}", "text": "{body}"}'},
        "SMS_HTTP_FIELDS: has {body}, which is none of",
    ),
    ({"SMS_HTTP_FIELDS": '{"text": "{text}"}'}, "SMS_HTTP_FIELDS: must have {digits} or {number} in it"),
    ({"SMS_HTTP_FIELDS": '{"to": "{digits}"}'}, "SMS_HTTP_FIELDS: must have {text} in it"),
    (
        {"SMS_HTTP_BODY": "form", "SMS_HTTP_FIELDS": '{"a": ["{number}{text}"]}'},
        "SMS_HTTP_FIELDS: must have texts alone",
    ),
    ({"SMS_HTTP_METHOD": "GET"}, "SMS_HTTP_BODY: must be query"),
    ({"SMS_HTTP_METHOD": "PUT"}, "SMS_HTTP_METHOD: must be GET or POST"),
    ({"SMS_HTTP_BODY": "xml"}, "SMS_HTTP_BODY: must be json, form or query"),
    ({"SMS_HTTP_URL": "sms.example.org"}, "SMS_HTTP_URL: must be an address"),
    ({"SMS_HTTP_HEADERS": '{"X": 7}'}, "SMS_HTTP_HEADERS: the header 'X' must be one line of text"),
    ({"SMS_HTTP_SUCCESS": "("}, "SMS_HTTP_SUCCESS: is no regular expression"),
    ({"SMS_HTTP_PERMANENT": "["}, "SMS_HTTP_PERMANENT: is no regular expression"),
    ({"SMS_HTTP_ID": "/ID: .+/"}, "SMS_HTTP_ID: must have one pair of brackets"),
    ({"SMS_HTTP_WEBHOOK_SECRET": "short"}, "SMS_HTTP_WEBHOOK_SECRET: must be 24 letters"),
    ({"SMS_PROVIDERS": "http"}, "SMS_HTTP_URL: is missing: SMS_PROVIDERS names http"),
]


@pytest.mark.parametrize(("environment", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
def test_a_mistake_is_named_when_the_site_starts(environment: dict[str, str], said: str) -> None:
    done = started_with(**environment)
    assert done.returncode != 0
    assert said in done.stderr
