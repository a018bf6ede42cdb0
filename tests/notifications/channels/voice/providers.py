"""Both providers of calls: a local server that takes calls as they document it, and what they then ask of our site.

A `Line` is one call from the provider's side. It asks the site what to say, as that provider's documentation has it,
plays it, and goes where the document leads once a key is pressed or none is.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from django.test import Client

from tests.notifications.channels import counterpart
from tests.notifications.channels.counterpart import (
    ACCOUNT,
    TOKEN,
    Answer,
    Counterpart,
    form_of,
    twilio_refuses,
)
from tests.notifications.channels.sms.gateways import API_KEY, USERNAME

SITE = "https://clinic.example"
SECRET = "an-unguessable-secret-of-ours"
CALLS_FROM = "+27105550100"

# As those of an SMS: https://www.twilio.com/docs/iam/test-credentials#test-calls.
TWILIO_REFUSES_FROM = {
    "+15005550001": twilio_refuses(400, 21212, "Invalid From Number: +15005550001"),
    "+15005550007": twilio_refuses(400, 21210, "'From' phone number not verified"),
}
TWILIO_REFUSES_TO = {
    "+15005550001": twilio_refuses(400, 21217, "Phone number does not appear to be valid"),
    "+15005550002": twilio_refuses(400, 21214, "'To' phone number cannot be reached"),
    "+15005550003": twilio_refuses(400, 21215, "Account not authorized to call +15005550003"),
    "+15005550004": twilio_refuses(400, 21216, "Account not allowed to call +15005550004"),
}

Fault = Callable[[dict[str, str]], "Answer | None"]


@dataclass
class Provider:
    """One provider: the forms of the calls that it placed, how often it was asked, and what is wrong with it."""

    calls: list[dict[str, str]] = field(default_factory=list)
    asked: int = 0
    fault: Fault | None = None

    def take(self, form: dict[str, str]) -> Answer | None:
        self.asked += 1
        if self.fault and (answer := self.fault(form)):
            return answer
        self.calls.append(form)
        return None


class Handler(counterpart.Handler):
    server: "Server"

    def answer(self, body: str) -> Answer:
        if self.path == "/call":
            return self.africastalking(form_of(body))
        if self.path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json":
            return self.twilio(form_of(body))
        return super().answer(body)

    def africastalking(self, form: dict[str, str]) -> Answer:
        provider = self.server.africastalking
        if (self.headers.get("apiKey"), form.get("username")) != (API_KEY, USERNAME):
            return Answer(401, "The supplied authentication is invalid")
        if not form.get("from"):
            return africastalking_calls_nobody("Invalid callerId: ")
        return provider.take(form) or africastalking_says("Queued", f"ATVId_{len(provider.calls)}")

    def twilio(self, form: dict[str, str]) -> Answer:
        provider = self.server.twilio
        if not self.is_ours_at_twilio():
            return twilio_refuses(401, 20003, "Authenticate")
        if not form.get("From"):
            return twilio_refuses(400, 21213, "No 'From' number is specified")
        if not form.get("Url", "").startswith("https://"):
            return twilio_refuses(400, 21205, "Url is not a valid URL")
        if refusal := TWILIO_REFUSES_FROM.get(form["From"]) or TWILIO_REFUSES_TO.get(form["To"]):
            return refusal
        return provider.take(form) or Answer(
            201, json.dumps({"sid": f"CA{len(provider.calls):032}", "status": "queued"})
        )


class Server(Counterpart):
    handler = Handler

    def __init__(self) -> None:
        super().__init__()
        self.africastalking = Provider()
        self.twilio = Provider()


def africastalking_says(status: str, session_id: str = "None") -> Answer:
    entry = {"phoneNumber": "+27825550101", "status": status, "sessionId": session_id}
    return Answer(201, json.dumps({"entries": [entry], "errorMessage": "None"}))


def africastalking_calls_nobody(why: str) -> Answer:
    return Answer(201, json.dumps({"entries": [], "errorMessage": why}))


def says(answer: Answer) -> Fault:
    return lambda form: answer


def running() -> AbstractContextManager[Server]:
    return Server().running()


@dataclass
class Line:
    """A call from the provider's side. `heard` is what was played or said in it, in order."""

    url: str
    """Where the next document is asked for."""
    heard: list[str] = field(default_factory=list)
    is_over: bool = False

    def pick_up(self) -> list[str]:
        """Somebody answers; what they hear until a key is waited for."""
        return self.ask()

    def press(self, key: str) -> list[str]:
        return self.ask(key)

    def wait(self) -> list[str]:
        """Nothing is pressed, so the document goes on behind the element that waits."""
        return self.ask()

    def ask(self, key: str = "") -> list[str]:
        assert not self.is_over, "the call has ended"
        answer = self.post(self.url, self.form(key))
        assert answer.status_code == 200, answer.status_code
        now_heard: list[str] = []
        root = ElementTree.fromstring(answer.content)  # noqa: S314 - our own
        assert root.tag == "Response"
        asks = self.follow(root, now_heard)
        self.is_over = not asks
        self.heard += now_heard
        return now_heard

    def follow(self, root: Any, heard: list[str]) -> bool:
        """Play a document; whether a key is waited for."""
        raise NotImplementedError

    def form(self, key: str) -> dict[str, str]:
        raise NotImplementedError

    def post(self, url: str, form: dict[str, str], **headers: str) -> Any:
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return Client(enforce_csrf_checks=True).post(path, form, headers=headers)


@dataclass
class TwilioLine(Line):
    call_sid: str = ""
    answered_by: str = "human"

    @classmethod
    def of(cls, server: Server, number: int = -1) -> "TwilioLine":
        """The call that was placed last, or the one of that number."""
        calls = server.twilio.calls
        number = number if number >= 0 else len(calls) - 1
        return cls(calls[number]["Url"], call_sid=f"CA{number + 1:032}")

    def common(self, status: str) -> dict[str, str]:
        return {"CallSid": self.call_sid, "AccountSid": ACCOUNT, "CallStatus": status, "To": "+27825550101"}

    def form(self, key: str) -> dict[str, str]:
        form = self.common("in-progress") | {"AnsweredBy": self.answered_by}
        return form | ({"Digits": key} if key else {})

    def post(self, url: str, form: dict[str, str], **headers: str) -> Any:
        headers.setdefault("X-Twilio-Signature", signed(url, form))
        return super().post(url, form, **headers)

    def follow(self, root: Any, heard: list[str]) -> bool:
        for element in root:
            if element.tag == "Gather":
                assert element.get("numDigits") == "1"
                heard += [each.text for each in element]
                self.url = element.get("action")
            elif element.tag == "Redirect":
                assert element.text == self.url
                return True
            elif element.tag == "Hangup":
                return False
            else:
                heard.append(element.text)
        return False

    def end(self, status: str = "completed", *, seconds: int = 0) -> int:
        """What Twilio tells the address of the call's StatusCallback."""
        url = self.url.partition("&at=")[0]
        lasted = {"CallDuration": str(seconds), "Duration": "1"} if status == "completed" else {}
        return int(self.post(url, self.common(status) | lasted).status_code)


@dataclass
class AfricasTalkingLine(Line):
    session_id: str = ""
    request_id: str = ""

    @classmethod
    def of(cls, server: Server) -> "AfricasTalkingLine":
        calls = server.africastalking.calls
        url = f"{SITE}/voice/africastalking/?key={SECRET}"
        return cls(url, session_id=f"ATVId_{len(calls)}", request_id=calls[-1]["clientRequestId"])

    def common(self, active: str) -> dict[str, str]:
        return {
            "isActive": active,
            "sessionId": self.session_id,
            "direction": "Outbound",
            "callerNumber": "+27825550101",
            "destinationNumber": CALLS_FROM,
            "clientRequestId": self.request_id,
        }

    def form(self, key: str) -> dict[str, str]:
        return self.common("1") | ({"dtmfDigits": key} if key else {})

    def follow(self, root: Any, heard: list[str]) -> bool:
        for element in root:
            if element.tag == "GetDigits":
                assert len(element) <= 1, "it plays one line while it waits"
                heard += [_played(each) for each in element]
                self.url = element.get("callbackUrl")
            elif element.tag == "Redirect":
                assert element.text == self.url
                return True
            else:
                heard.append(_played(element))
        return False

    def end(self, cause: str = "NORMAL_CLEARING", *, seconds: int = 0) -> int:
        status = "Success" if seconds else "NotAnswered"
        lasted = {"durationInSeconds": str(seconds), "status": status}
        form = self.common("0") | {"hangupCause": cause} | lasted
        return int(self.post(self.url, form).status_code)


def _played(element: Any) -> str:
    return str(element.get("url") if element.tag == "Play" else element.text)


def signed(url: str, form: dict[str, str], token: str = TOKEN) -> str:
    """Twilio's signature, as its documentation makes it."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()
