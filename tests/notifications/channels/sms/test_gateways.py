"""Each gateway against its provider's documented interface, with its documented errors switched on one by one."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from pytest_django import Settings

from notifications.channels.gateways import REST, GatewayError
from notifications.channels.sms.gateway import Gateway, Sms
from notifications.channels.sms.gateways.registry import GATEWAYS
from tests.notifications.channels.counterpart import Answer, twilio_refuses
from tests.notifications.channels.sms.gateways import (
    Fault,
    Provider,
    Server,
    africastalking_says,
    africastalking_sends_nothing,
    hangs,
    says,
)

SMS = Sms(key="medguard-7", number="+27825550101", text="U het 'n herinnering – môre")


def send(name: str, sms: Sms = SMS) -> str:
    gateway: Gateway = GATEWAYS[name]()
    with requests.Session() as http:
        return gateway.send(http, sms)


def test_a_message_goes_out_by_africas_talking(server: Server) -> None:
    seen: list[dict[str, str]] = []
    server.africastalking.fault = lambda provider, form: seen.append(form)
    assert send("africastalking") == "ATXid_1"
    assert server.africastalking.sent == [(SMS.number, SMS.text)]
    assert seen[0]["from"] == "22345"


def test_a_message_goes_out_by_twilio_and_asks_for_receipts(server: Server, settings: Settings) -> None:
    seen: list[dict[str, str]] = []
    server.twilio.fault = lambda provider, form: seen.append(form)
    assert send("twilio") == f"SM{1:032}"
    assert server.twilio.sent == [(SMS.number, SMS.text)]
    assert seen[0]["From"] == "+27105550100"
    assert seen[0]["StatusCallback"] == "https://clinic.example/sms/twilio/status/"
    settings.TWILIO_FROM = "MG" + "1" * 32
    send("twilio")
    assert seen[1]["MessagingServiceSid"] == settings.TWILIO_FROM and "From" not in seen[1]


def test_a_file_can_be_read_by_anybody_who_tries_the_site_out(folder: Path) -> None:
    name = send("file")
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).read_text() == f"To: {SMS.number}\n\n{SMS.text}\n"


@dataclass(frozen=True)
class Kind:
    """Whether it is for good, how long the provider is left alone, and when to come back."""

    permanent: bool = False
    rest: timedelta | None = None
    retry_after: timedelta | None = None


FOR_GOOD = Kind(permanent=True)
ELSEWHERE = Kind()
DOWN = Kind(rest=REST)


def busy(seconds: int) -> Kind:
    return Kind(rest=timedelta(seconds=seconds), retry_after=timedelta(seconds=seconds))


AFRICAS_TALKING: dict[str, tuple[Fault, Kind]] = {
    "rate limit": (says(Answer(429, "slow down", {"Retry-After": "12"})), busy(12)),
    "rate limit, for as long as it likes": (says(Answer(429)), busy(30)),
    "rate limit, absurdly long": (says(Answer(429, "", {"Retry-After": "9999999"})), busy(900)),
    "bad number": (says(africastalking_says(403, "InvalidPhoneNumber")), FOR_GOOD),
    "unsupported number": (says(africastalking_says(404, "UnsupportedNumberType")), FOR_GOOD),
    "blacklisted": (says(africastalking_says(406, "UserInBlacklist")), FOR_GOOD),
    "do not disturb": (says(africastalking_says(409, "DoNotDisturbRejection")), FOR_GOOD),
    "no credit": (says(africastalking_says(405, "InsufficientBalance")), DOWN),
    "held for its risk": (says(africastalking_says(401, "RiskHold")), DOWN),
    "no route": (says(africastalking_says(407, "CouldNotRoute")), ELSEWHERE),
    "refused by the network": (says(africastalking_says(502, "RejectedByGateway")), ELSEWHERE),
    "its own error": (says(africastalking_says(500, "InternalServerError")), DOWN),
    "its gateway's error": (says(africastalking_says(501, "GatewayError")), DOWN),
    "a code from tomorrow": (says(africastalking_says(777, "Tuesday")), DOWN),
    "unknown sender": (says(africastalking_sends_nothing("InvalidSenderId")), DOWN),
    "wrong key": (says(Answer(401, "The supplied authentication is invalid")), DOWN),
    "500": (says(Answer(500, "<html>oops</html>")), DOWN),
    "503": (says(Answer(503)), DOWN),
    "a page of somebody else's": (says(Answer(200, "<html>Welcome to the hotel</html>")), DOWN),
    "JSON of another kind": (says(Answer(200, '["yes"]')), DOWN),
    "a redirect": (says(Answer(302, "", {"Location": "http://127.0.0.1:9/"})), DOWN),
    "hang": (hangs, DOWN),
}
TWILIO: dict[str, tuple[Fault, Kind]] = {
    "rate limit": (
        says(
            Answer(429, twilio_refuses(429, 20429, "Too Many Requests").body, {"Retry-After": "2"}),
        ),
        busy(2),
    ),
    "too many between two numbers": (says(twilio_refuses(400, 14107, "SMS send rate limit")), busy(30)),
    "bad number": (says(twilio_refuses(400, 21211, "The 'To' number is not a valid")), FOR_GOOD),
    "no mobile number": (says(twilio_refuses(400, 21614, "'To' number is not a valid mobile")), FOR_GOOD),
    "stopped": (says(twilio_refuses(400, 21610, "Attempt to send to unsubscribed recipient")), FOR_GOOD),
    "too long": (says(twilio_refuses(400, 21617, "The concatenated message body exceeds")), FOR_GOOD),
    "a number code from tomorrow": (says(twilio_refuses(400, 21999, "Not a number for SMS")), FOR_GOOD),
    "not from here to there": (says(twilio_refuses(400, 21612, "not currently reachable")), ELSEWHERE),
    "region not enabled": (says(twilio_refuses(400, 21408, "Permission to send an SMS")), ELSEWHERE),
    "no credit": (says(twilio_refuses(403, 20005, "Account not active")), DOWN),
    "suspended": (says(twilio_refuses(400, 30002, "Account suspended")), DOWN),
    "not our sender": (says(twilio_refuses(400, 21606, "The 'From' number is not a valid")), DOWN),
    "no such service": (says(twilio_refuses(400, 21701, "The Messaging Service does not exist")), DOWN),
    "service without numbers": (says(twilio_refuses(400, 21703, "It does not have a phone number")), DOWN),
    "maintenance": (says(twilio_refuses(400, 21730, "System under maintenance")), DOWN),
    "wrong token": (says(twilio_refuses(401, 20003, "Authenticate")), DOWN),
    "wrong account": (says(twilio_refuses(404, 20404, "The requested resource was not found")), DOWN),
    "500": (says(twilio_refuses(500, 20500, "Internal Server Error")), DOWN),
    "503": (says(Answer(503, "Service Unavailable")), DOWN),
    "400 without a code": (says(Answer(400, "Bad Request")), DOWN),
    "yes without an id": (says(Answer(201, "{}")), DOWN),
    "a page of somebody else's": (says(Answer(200, "<html>Welcome to the hotel</html>")), DOWN),
    "hang": (hangs, DOWN),
}


def refusal(name: str, provider: Provider, fault: Fault) -> GatewayError:
    provider.fault = fault
    with pytest.raises(GatewayError) as caught:
        send(name)
    return caught.value


@pytest.mark.parametrize(("fault", "kind"), AFRICAS_TALKING.values(), ids=AFRICAS_TALKING.keys())
def test_an_error_of_africas_talking_says_whether_to_try_again(
    server: Server, fault: Fault, kind: Kind
) -> None:
    error = refusal("africastalking", server.africastalking, fault)
    assert Kind(error.permanent, error.rest, error.retry_after) == kind
    assert not server.africastalking.sent or fault is hangs


@pytest.mark.parametrize(("fault", "kind"), TWILIO.values(), ids=TWILIO.keys())
def test_an_error_of_twilio_says_whether_to_try_again(server: Server, fault: Fault, kind: Kind) -> None:
    error = refusal("twilio", server.twilio, fault)
    assert Kind(error.permanent, error.rest, error.retry_after) == kind


@pytest.mark.parametrize("name", ["africastalking", "twilio"])
def test_a_provider_that_nobody_answers_for_is_down(server: Server, settings: Settings, name: str) -> None:
    settings.AFRICASTALKING_URL = settings.TWILIO_URL = "http://127.0.0.1:9"
    with pytest.raises(GatewayError) as caught:
        send(name)
    assert caught.value.rest == REST and not caught.value.permanent


@pytest.mark.parametrize(
    "change", [("AFRICASTALKING_API_KEY", "africastalking"), ("TWILIO_AUTH_TOKEN", "twilio")]
)
def test_a_wrong_key_is_our_trouble_not_the_numbers(
    server: Server, settings: Settings, change: tuple[str, str]
) -> None:
    setting, name = change
    setattr(settings, setting, "wrong")
    with pytest.raises(GatewayError) as caught:
        send(name)
    assert caught.value.rest == REST and not caught.value.permanent


@pytest.mark.parametrize(("name", "faults"), [("africastalking", AFRICAS_TALKING), ("twilio", TWILIO)])
def test_what_is_said_of_a_provider_in_trouble_names_nobody(
    server: Server, name: str, faults: dict[str, tuple[Fault, Kind]]
) -> None:
    for fault, kind in faults.values():
        if kind.rest and fault is not hangs:
            said = str(refusal(name, getattr(server, name), fault))
            assert "2782" not in said and "herinnering" not in said
