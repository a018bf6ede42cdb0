"""Both providers on one local server, as they document themselves, with their faults at a switch."""

import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from tests.notifications.channels import counterpart
from tests.notifications.channels.counterpart import ACCOUNT, Answer, Counterpart, form_of, twilio_refuses

USERNAME, API_KEY = "medguard", "an-api-key"

# Twilio's numbers for tests: https://www.twilio.com/docs/iam/test-credentials#test-sms-messages. The sandbox is asked
# the same by tools/sandboxes/twilio.py.
TWILIO_REFUSES_FROM = {
    "+15005550001": twilio_refuses(400, 21212, "Invalid From Number: +15005550001"),
    "+15005550007": twilio_refuses(400, 21606, "The 'From' phone number is not a valid, SMS-capable one"),
    "+15005550008": twilio_refuses(
        400, 21611, "The 'From' number has exceeded the maximum number of messages"
    ),
}
TWILIO_REFUSES_TO = {
    "+15005550001": twilio_refuses(400, 21211, "Invalid 'To' Phone Number"),
    "+15005550002": twilio_refuses(400, 21612, "The 'To' number is not currently reachable by SMS"),
    "+15005550003": twilio_refuses(400, 21408, "Permission to send an SMS has not been enabled"),
    "+15005550004": twilio_refuses(400, 21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": twilio_refuses(400, 21614, "'To' number is not a valid mobile number"),
}
# Of Africa's Talking: the senders that are ours, and the shortest number.
SENDERS = {None, "22345"}
SHORTEST_NUMBER = len("+2782555010")

Fault = Callable[["Provider", dict[str, str]], "Answer | None"]


@dataclass
class Provider:
    """One provider: what it has sent, how often it was asked, and what is wrong with it."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    asked: int = 0
    fault: Fault | None = None
    healed: threading.Event = field(default_factory=threading.Event)

    def handle(self, number: str, text: str, form: dict[str, str]) -> Answer | None:
        """The answer of a fault, or None when all is well and the message is on its way."""
        self.asked += 1
        if self.fault and (answer := self.fault(self, form)):
            return answer
        self.sent.append((number, text))
        return None

    def heal(self) -> None:
        self.fault = None
        self.healed.set()


class Handler(counterpart.Handler):
    server: "Server"

    def answer(self, body: str) -> Answer:
        if self.path == "/version1/messaging":
            return self.africastalking(form_of(body))
        if self.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            return self.twilio(form_of(body))
        return super().answer(body)

    def africastalking(self, form: dict[str, str]) -> Answer:
        provider = self.server.africastalking
        if self.headers.get("apiKey") != API_KEY or form.get("username") not in {USERNAME, "sandbox"}:
            return Answer(401, "The supplied authentication is invalid")
        if self.headers.get("Accept") != "application/json":
            return Answer(200, "<AfricasTalkingResponse/>")
        if form.get("from") not in SENDERS:
            return africastalking_sends_nothing("InvalidSenderId")
        if len(form["to"]) < SHORTEST_NUMBER:
            return africastalking_says(403, "InvalidPhoneNumber", number=form["to"])
        return provider.handle(form["to"], form["message"], form) or africastalking_says(
            101, "Success", number=form["to"], message_id=f"ATXid_{len(provider.sent)}"
        )

    def twilio(self, form: dict[str, str]) -> Answer:
        provider = self.server.twilio
        if not self.is_ours_at_twilio():
            return twilio_refuses(401, 20003, "Authenticate")
        if not (form.get("From") or form.get("MessagingServiceSid")):
            return twilio_refuses(400, 21603, "A 'From' phone number is required.")
        if refusal := TWILIO_REFUSES_FROM.get(form.get("From", "")) or TWILIO_REFUSES_TO.get(form["To"]):
            return refusal
        return provider.handle(form["To"], form["Body"], form) or Answer(
            201,
            json.dumps({"sid": f"SM{len(provider.sent):032}", "status": "queued", "num_segments": "1"}),
        )


class Server(Counterpart):
    handler = Handler

    def __init__(self) -> None:
        super().__init__()
        self.africastalking = Provider()
        self.twilio = Provider()

    def heal(self) -> None:
        self.africastalking.heal()
        self.twilio.heal()


def africastalking_says(
    code: int, status: str, *, number: str = "+27825550101", message_id: str = "None"
) -> Answer:
    recipient = {
        "statusCode": code,
        "number": number,
        "status": status,
        "cost": "ZAR 0.2500",
        "messageId": message_id,
    }
    data = {"SMSMessageData": {"Message": "Sent to 1/1 Total Cost: ZAR 0.2500", "Recipients": [recipient]}}
    return Answer(201, json.dumps(data))


def africastalking_sends_nothing(message: str) -> Answer:
    return Answer(201, json.dumps({"SMSMessageData": {"Message": message, "Recipients": []}}))


def says(answer: Answer) -> Fault:
    return lambda provider, form: answer


def hangs(provider: Provider, form: dict[str, str]) -> None:
    """Takes the message, and says so only when it is well again."""
    provider.healed.clear()
    provider.healed.wait(30)


def hangs_up(provider: Provider, form: dict[str, str]) -> None:
    """Ends the connection instead of an answer."""
    raise ConnectionAbortedError


def running() -> AbstractContextManager[Server]:
    return Server().running()
