"""Meta's Cloud API and Twilio's Messages on one local server, as they document themselves, with faults at a switch.

Both know which templates are approved and whose window is open, and refuse what they would refuse.
"""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from tests.notifications.channels import counterpart
from tests.notifications.channels.counterpart import (
    ACCOUNT,
    TOKEN,
    Answer,
    Counterpart,
    form_of,
    twilio_refuses,
)

NUMBER_ID, ACCESS_TOKEN, APP_SECRET = "104996122399160", "EAAJB-a-token", "an-app-secret-of-ours"
VERIFY_TOKEN = "a-verify-token-of-ours-1234"
SENDER = "+27105550100"


Fault = Callable[["Provider"], "Answer | None"]


@dataclass(frozen=True)
class Known:
    """An approved template: how many values it has, and how many buttons."""

    values: int = 0
    buttons: int = 0


@dataclass
class Provider:
    """What it has sent, how often it was asked, what it approved, who wrote to it lately, and what is wrong with it."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    approved: dict[tuple[str, str], Known] = field(default_factory=dict)
    windows: set[str] = field(default_factory=set)
    fault: Fault | None = None
    healed: threading.Event = field(default_factory=threading.Event)

    def handle(self, message: dict[str, Any]) -> Answer | None:
        self.asked += 1
        if self.fault and (answer := self.fault(self)):
            return answer
        self.sent.append(message)
        return None

    def heal(self) -> None:
        self.fault = None
        self.healed.set()

    @property
    def texts(self) -> list[str]:
        """Of what went as free text."""
        return [each["text"]["body"] for each in self.sent if each.get("type") == "text"]


class Handler(counterpart.Handler):
    server: "Server"

    def answer(self, body: str) -> Answer:
        if self.path == f"/v25.0/{NUMBER_ID}/messages":
            return self.meta(json.loads(body))
        if self.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            return self.twilio(form_of(body))
        return super().answer(body)

    def meta(self, message: dict[str, Any]) -> Answer:
        provider = self.server.provider
        if self.headers.get("Authorization") != f"Bearer {ACCESS_TOKEN}":
            return meta_refuses(401, 190, "Invalid OAuth access token")
        if message.get("messaging_product") != "whatsapp" or not message.get("to"):
            return meta_refuses(400, 100, "Invalid parameter")
        if refused := self._meta_checks(message):
            provider.asked += 1
            return refused
        wa_id = message["to"].removeprefix("+")
        said = {
            "messaging_product": "whatsapp",
            "contacts": [{"input": message["to"], "wa_id": wa_id}],
            "messages": [{"id": f"wamid.{len(provider.sent) + 1:04}"}],
        }
        return provider.handle(message) or Answer(200, json.dumps(said))

    def _meta_checks(self, message: dict[str, Any]) -> Answer | None:
        provider = self.server.provider
        if message["type"] == "text":
            if message["to"] not in provider.windows:
                return meta_refuses(400, 131047, "Re-engagement message")
            return None
        template = message["template"]
        known = provider.approved.get((template["name"], template["language"]["code"]))
        if known is None:
            return meta_refuses(404, 132001, "Template does not exist")
        values = [each for each in template["components"] if each["type"] == "body"]
        buttons = [each for each in template["components"] if each["type"] == "button"]
        given = len(values[0]["parameters"]) if values else 0
        if given != known.values or len(buttons) > known.buttons:
            return meta_refuses(400, 132000, "Template Param Count Mismatch")
        return None

    def twilio(self, form: dict[str, str]) -> Answer:
        provider = self.server.provider
        if not self.is_ours_at_twilio():
            return twilio_refuses(401, 20003, "Authenticate")
        if form.get("From") != f"whatsapp:{SENDER}" or not form["To"].startswith("whatsapp:+"):
            return twilio_refuses(400, 63007, "Could not find a Channel with the specified From address")
        if "ContentSid" in form:
            known = provider.approved.get((form["ContentSid"], ""))
            if known is None:
                return twilio_refuses(400, 21655, "The ContentSid is Invalid")
            if len(json.loads(form.get("ContentVariables", "{}"))) != known.values:
                return twilio_refuses(400, 63028, "Number of parameters does not match")
        elif form["To"].removeprefix("whatsapp:") not in provider.windows:
            return twilio_refuses(400, 63016, "Outside messaging window")
        sid = f"SM{len(provider.sent) + 1:032}"
        return provider.handle(form) or Answer(201, json.dumps({"sid": sid, "status": "queued"}))


class Server(Counterpart):
    handler = Handler

    def __init__(self) -> None:
        super().__init__()
        self.provider = Provider()

    def heal(self) -> None:
        self.provider.heal()


def meta_refuses(status: int, code: int, title: str) -> Answer:
    error = {
        "message": f"(#{code}) {title}",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": title},
        "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam",
    }
    return Answer(status, json.dumps({"error": error}))


def says(answer: Answer) -> Fault:
    return lambda provider: answer


def hangs(provider: Provider) -> None:
    """Takes the message, and says so only when it is well again."""
    provider.healed.clear()
    provider.healed.wait(30)


def hangs_up(provider: Provider) -> None:
    """Ends the connection instead of an answer."""
    raise ConnectionAbortedError


def running() -> AbstractContextManager[Server]:
    return Server().running()


def signed(body: bytes, secret: str = APP_SECRET) -> str:
    """Meta's signature, as its documentation makes it."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def twilio_signed(url: str, form: dict[str, str], token: str = TOKEN) -> str:
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def call_of(*, number_id: str = NUMBER_ID, **value: Any) -> dict[str, Any]:
    """What Meta posts: `messages` or `statuses` of one number."""
    about = {"display_phone_number": SENDER[1:], "phone_number_id": number_id}
    change = {"value": {"messaging_product": "whatsapp", "metadata": about, **value}, "field": "messages"}
    return {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [change]}]}


def text_from(number: str, text: str, *, id_: str = "wamid.in1", **more: Any) -> dict[str, Any]:
    sender = number.removeprefix("+")
    return {
        "from": sender,
        "id": id_,
        "timestamp": "1764000000",
        "type": "text",
        "text": {"body": text},
        **more,
    }


def tap_from(
    number: str, text: str, payload: str, *, answers: str, id_: str = "wamid.tap1"
) -> dict[str, Any]:
    """A tapped button of a template."""
    context = {"from": SENDER[1:], "id": answers}
    button = {"payload": payload, "text": text}
    sender = number.removeprefix("+")
    return {
        "context": context, "from": sender, "id": id_, "timestamp": "1764000000", "type": "button", "button": button
    }  # fmt: skip


def status_of(id_: str, status: str, *, code: int | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": id_,
        "status": status,
        "timestamp": "1764000000",
        "recipient_id": "27825550101",
    }
    if code:
        found["errors"] = [
            {"code": code, "title": "An error", "message": "An error", "error_data": {"details": "…"}}
        ]
    return found
