"""Each provider's documented answers, one at a time: what they mean for the call, and for the next ones."""

from datetime import timedelta

import pytest
import requests
from django.http import QueryDict
from pytest_django import Settings

from notifications.channels.gateways import BREATHER, REST, GatewayError, MalformedError
from notifications.channels.voice.gateway import Call, Event, Kind, Recording, Speech, VoiceGateway
from notifications.channels.voice.gateways.africastalking import AfricasTalkingGateway
from notifications.channels.voice.gateways.twilio import TwilioGateway
from notifications.rules.phone_call import Place
from tests.notifications.channels.counterpart import Answer, twilio_refuses
from tests.notifications.channels.voice.providers import (
    CALLS_FROM,
    SECRET,
    SITE,
    Fault,
    Server,
    africastalking_calls_nobody,
    africastalking_says,
    says,
)

CALL = Call(
    key="medguard-7",
    number="+27825550101",
    text="You have a reminder from your clinic.",
    language="en",
    event_types=("medication.dose_due",),
)
NUMBER, ELSEWHERE, TROUBLE = "the number", "elsewhere", "trouble"


def place(gateway: VoiceGateway) -> str:
    with requests.Session() as http:
        return gateway.place(http, CALL)


def test_twilio_is_asked_as_it_documents(server: Server) -> None:
    assert place(TwilioGateway()) == f"CA{1:032}"
    assert server.twilio.calls == [
        {
            "To": "+27825550101",
            "From": CALLS_FROM,
            "Url": f"{SITE}/voice/twilio/?call=medguard-7",
            "StatusCallback": f"{SITE}/voice/twilio/?call=medguard-7",
            "Timeout": "30",
            "TimeLimit": "300",
            "MachineDetection": "Enable",
        }
    ]


def test_africas_talking_is_asked_as_it_documents(server: Server) -> None:
    assert place(AfricasTalkingGateway()) == "ATVId_1"
    assert server.africastalking.calls == [
        {
            "username": "medguard",
            "from": CALLS_FROM,
            "to": "+27825550101",
            "clientRequestId": "medguard-7",
        }
    ]


def meaning(error: GatewayError) -> str:
    if error.permanent:
        return NUMBER
    return TROUBLE if error.rest else ELSEWHERE


@pytest.mark.parametrize(
    ("fault", "means"),
    [
        (says(twilio_refuses(400, 21211, "Invalid 'To' Phone Number")), NUMBER),
        (says(twilio_refuses(400, 21214, "'To' phone number cannot be reached")), NUMBER),
        (says(twilio_refuses(400, 21217, "Phone number does not appear to be valid")), NUMBER),
        (says(twilio_refuses(400, 21202, "Called number is a premium number")), ELSEWHERE),
        (says(twilio_refuses(400, 21203, "International calling not enabled")), ELSEWHERE),
        (says(twilio_refuses(400, 21215, "Account not authorized to call +27")), ELSEWHERE),
        (says(twilio_refuses(400, 21216, "Account not allowed to call")), ELSEWHERE),
        (says(twilio_refuses(400, 21219, "'To' phone number not verified")), ELSEWHERE),
        (says(twilio_refuses(400, 21210, "'From' phone number not verified")), TROUBLE),
        (says(twilio_refuses(401, 20003, "Authenticate")), TROUBLE),
        (says(twilio_refuses(403, 20005, "Account not active")), TROUBLE),
        (says(twilio_refuses(429, 20429, "Too Many Requests")), TROUBLE),
        (says(twilio_refuses(400, 10004, "Call concurrency limit exceeded")), TROUBLE),
        (says(Answer(500)), TROUBLE),
        (says(Answer(302, headers={"Location": "/elsewhere"})), TROUBLE),
        (says(Answer(201, "<html>")), TROUBLE),
        (says(Answer(201, "{}")), TROUBLE),
    ],
)
def test_what_twilio_refuses(server: Server, fault: Fault, means: str) -> None:
    server.twilio.fault = fault
    with pytest.raises(GatewayError) as raised:
        place(TwilioGateway())
    assert meaning(raised.value) == means
    assert CALL.number not in str(raised.value)


@pytest.mark.parametrize(
    ("fault", "means"),
    [
        (says(africastalking_says("InvalidPhoneNumber")), NUMBER),
        (says(africastalking_says("DestinationNotSupported")), ELSEWHERE),
        (says(africastalking_says("InsufficientCredit")), TROUBLE),
        (says(africastalking_says("SomethingNew")), TROUBLE),
        (says(africastalking_calls_nobody("Invalid callerId: +27105550100")), TROUBLE),
        (says(Answer(401, "The supplied authentication is invalid")), TROUBLE),
        (says(Answer(503)), TROUBLE),
        (says(Answer(201, "<html>")), TROUBLE),
        (says(Answer(201, "[]")), TROUBLE),
    ],
)
def test_what_africas_talking_refuses(server: Server, fault: Fault, means: str) -> None:
    server.africastalking.fault = fault
    with pytest.raises(GatewayError) as raised:
        place(AfricasTalkingGateway())
    assert meaning(raised.value) == means


def test_a_provider_that_asks_for_time_gets_it(server: Server) -> None:
    server.twilio.fault = says(Answer(429, headers={"Retry-After": "40"}))
    with pytest.raises(GatewayError) as raised:
        place(TwilioGateway())
    assert raised.value.retry_after == timedelta(seconds=40)
    server.twilio.fault = says(twilio_refuses(400, 10004, "Call concurrency limit exceeded"))
    with pytest.raises(GatewayError) as raised:
        place(TwilioGateway())
    assert (raised.value.rest, raised.value.retry_after) == (BREATHER, BREATHER)
    server.twilio.fault = says(twilio_refuses(403, 20005, "Account not active"))
    with pytest.raises(GatewayError) as raised:
        place(TwilioGateway())
    assert raised.value.rest == REST


def told(gateway: VoiceGateway, query: str, **form: str) -> Event | None:
    data = QueryDict(mutable=True)
    data.update(form)
    return gateway.event(QueryDict(query), data)


@pytest.mark.parametrize(
    ("query", "form", "event"),
    [
        ("", {"CallStatus": "in-progress"}, Event(Kind.PERSON, "medguard-7", "CA1")),
        ("", {"CallStatus": "in-progress", "AnsweredBy": "human"}, Event(Kind.PERSON, "medguard-7", "CA1")),
        ("", {"CallStatus": "in-progress", "AnsweredBy": "unknown"}, Event(Kind.PERSON, "medguard-7", "CA1")),
        ("", {"CallStatus": "in-progress", "AnsweredBy": "machine_start"}, Event(Kind.MACHINE, "medguard-7", "CA1")),
        ("", {"CallStatus": "in-progress", "AnsweredBy": "fax"}, Event(Kind.MACHINE, "medguard-7", "CA1")),
        (
            "&at=1again",
            {"CallStatus": "in-progress", "Digits": "2"},
            Event(Kind.KEY, "medguard-7", "CA1", Place(1, again=True), "2"),
        ),
        ("&at=0", {"CallStatus": "in-progress"}, Event(Kind.KEY, "medguard-7", "CA1", Place(0), "")),
        *(
            ("", {"CallStatus": status}, Event(Kind.OVER, "medguard-7", "CA1", reason=status))
            for status in ("completed", "busy", "no-answer", "canceled", "failed")
        ),
        *(("", {"CallStatus": status}, None) for status in ("queued", "initiated", "ringing")),
    ],
)  # fmt: skip
def test_what_twilio_tells(query: str, form: dict[str, str], event: Event | None) -> None:
    assert told(TwilioGateway(), f"call=medguard-7{query}", CallSid="CA1", **form) == event


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("call=medguard-7", {"CallStatus": "in-progress"}),
        ("call=medguard-7", {"CallSid": "CA1"}),
        ("call=medguard-7", {"CallSid": "CA1", "CallStatus": "dreaming"}),
        ("call=medguard-7&at=x", {"CallSid": "CA1", "CallStatus": "in-progress"}),
        ("call=medguard-7&at=1234", {"CallSid": "CA1", "CallStatus": "in-progress"}),
        ("", {"CallSid": "CA1", "CallStatus": "in-progress"}),
        ("call=medguard-7", {"CallSid": "CA1\0", "CallStatus": "in-progress"}),
    ],
)
def test_what_twilio_never_tells(query: str, form: dict[str, str]) -> None:
    with pytest.raises(MalformedError):
        told(TwilioGateway(), query, **form)


@pytest.mark.parametrize(
    ("query", "form", "event"),
    [
        ("", {"isActive": "1"}, Event(Kind.PERSON, "medguard-7", "ATV1")),
        (
            "at=1",
            {"isActive": "1", "dtmfDigits": "1"},
            Event(Kind.KEY, "medguard-7", "ATV1", Place(1), "1"),
        ),
        ("at=0again", {"isActive": "1"}, Event(Kind.KEY, "medguard-7", "ATV1", Place(0, again=True))),
        (
            "",
            {"isActive": "0", "hangupCause": "USER_BUSY"},
            Event(Kind.OVER, "medguard-7", "ATV1", reason="USER_BUSY"),
        ),
        ("at=1", {"isActive": "0"}, Event(Kind.OVER, "medguard-7", "ATV1")),
    ],
)
def test_what_africas_talking_tells(query: str, form: dict[str, str], event: Event) -> None:
    form = {"sessionId": "ATV1", "clientRequestId": "medguard-7", **form}
    assert told(AfricasTalkingGateway(), query, **form) == event


@pytest.mark.parametrize(
    "form", [{"isActive": "1"}, {"sessionId": "ATV1"}, {"sessionId": "ATV1", "isActive": "2"}]
)
def test_what_africas_talking_never_tells(form: dict[str, str]) -> None:
    with pytest.raises(MalformedError):
        told(AfricasTalkingGateway(), "", **form)


LINES = (Recording("https://clinic.example/a.mp3"), Speech("Press 1 & 2", "en"))


def test_twilio_is_told_in_its_xml(server: Server) -> None:
    assert TwilioGateway().document(LINES, call="medguard-7", place=Place(1)) == (
        '<Response><Gather numDigits="1" timeout="10" finishOnKey=""'
        ' action="https://clinic.example/voice/twilio/?call=medguard-7&amp;at=1">'
        "<Play>https://clinic.example/a.mp3</Play>"
        '<Say voice="Polly.Ayanda-Neural" language="en-ZA">Press 1 &amp; 2</Say></Gather>'
        "<Redirect>https://clinic.example/voice/twilio/?call=medguard-7&amp;at=1</Redirect></Response>"
    )
    assert TwilioGateway().document((Speech("Totsiens", "af"),), call="medguard-7", place=None) == (
        '<Response><Say voice="Google.af-ZA-Standard-A" language="af-ZA">Totsiens</Say><Hangup /></Response>'
    )


def test_africas_talking_is_told_in_its_xml(server: Server, settings: Settings) -> None:
    hook = f"https://clinic.example/voice/africastalking/?call=medguard-7&amp;at=1again&amp;key={SECRET}"
    document = AfricasTalkingGateway().document(LINES, call="medguard-7", place=Place(1, again=True))
    assert document == (
        '<Response><Play url="https://clinic.example/a.mp3" />'
        f'<GetDigits numDigits="1" timeout="10" callbackUrl="{hook}"><Say>Press 1 &amp; 2</Say></GetDigits>'
        f"<Redirect>{hook}</Redirect></Response>"
    )
    assert AfricasTalkingGateway().document((), call="medguard-7", place=None) == "<Response />"
