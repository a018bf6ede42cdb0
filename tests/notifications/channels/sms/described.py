"""Three providers on one local server, as their documentation describes them: Clickatell, BulkSMS and SMSPortal.

Each takes what docs/sms.md has us send, and refuses what differs. What it answers is set by the number.
"""

import base64
import json
import re
import shlex
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pytest_django import Settings

from site_config import environment
from tests.notifications.channels import counterpart
from tests.notifications.channels.counterpart import Answer, Counterpart

INVALID, OPTED_OUT, NO_CREDIT = "+27825550990", "+27825550991", "+27825550992"
PROVIDERS = ("Clickatell", "BulkSMS", "SMSPortal")
SECRET = "an-unguessable-secret-of-ours"
LISTS = re.compile(r"SMS_HTTP_(RECEIPT|INBOUND)_")


class Handler(counterpart.Handler):
    server: "Described"

    def answer(self, body: str) -> Answer:
        takes = {
            "/v1/message": self.clickatell,
            "/v1/messages": self.bulksms,
            "/v1/bulkmessages": self.smsportal,
        }
        status, said = takes[urlsplit(self.path).path](json.loads(body))
        return Answer(status, json.dumps(said), {"Content-Type": "application/json"})

    def clickatell(self, sent: dict[str, Any]) -> tuple[int, Any]:
        """202 with an entry for each message; 400 where the one there is was refused; 402 without credit."""
        if self.headers["Authorization"] != "the API key":
            return 401, {
                "messages": [],
                "error": {"code": 1, "description": "Invalid or missing Integration API Key."},
            }
        (one,) = sent["messages"]
        assert one["channel"] == "sms" and one["clientMessageId"]
        number = f"+{one['to']}"
        if number == NO_CREDIT:
            return 402, {
                "messages": [],
                "error": {"code": 20, "description": "Insufficient account balance."},
            }
        refused = {INVALID: (25, "Invalid recipient address."), OPTED_OUT: (26, "Recipient opted out.")}
        if number in refused:
            code, said = refused[number]
            error = {"code": code, "description": said}
            return 400, {
                "messages": [{"apiMessageId": None, "accepted": False, "to": one["to"], "error": error}],
                "error": None,
            }
        self.server.sent.append((number, one["content"]))
        taken = {
            "apiMessageId": "77fb29998253415fa5d66971d519d362",
            "accepted": True,
            "to": one["to"],
            "error": None,
        }
        return 202, {"messages": [taken], "error": None}

    def bulksms(self, sent: dict[str, Any]) -> tuple[int, Any]:
        """201 with a list of the messages that were made; errors as RFC 7807 has them."""
        if self.headers["Authorization"] != "Basic " + base64.b64encode(b"token:secret").decode():
            return 401, {"type": "errors/unauthorized", "title": "Unauthorized", "status": 401}
        assert "auto-unicode=true" in self.path and sent["from"] == {"type": "REPLIABLE"}
        if sent["to"] == NO_CREDIT:
            return 403, {
                "type": "errors/not-sufficient-credits",
                "title": "Not sufficient credits",
                "status": 403,
            }
        self.server.sent.append((sent["to"], sent["body"]))
        status = {"id": "ACCEPTED.null", "type": "ACCEPTED", "subtype": None}
        made = {
            "id": "77fb29998253415",
            "type": "SENT",
            "to": sent["to"],
            "body": sent["body"],
            "status": status,
        }
        return 201, [made]

    def smsportal(self, sent: dict[str, Any]) -> tuple[int, Any]:
        """200 with the number of messages that it sends; 403 without credit."""
        if self.headers["Authorization"] != "Basic " + base64.b64encode(b"client:secret").decode():
            return 401, {"Errors": [{"ErrorCode": "InvalidCredentials"}]}
        (one,) = sent["Messages"]
        number = f"+{one['Destination']}"
        if number == NO_CREDIT:
            return 403, {"Errors": []}
        if number == INVALID:
            return 400, {"Errors": [{"ErrorCode": "InvalidParameter.Format"}]}
        self.server.sent.append((number, one["Content"]))
        answer = {
            "Cost": 1,
            "RemainingBalance": 1500,
            "EventId": 12345678901,
            "Sample": one["Content"],
            "Messages": 1,
        }
        return 200, {**answer, "Parts": 1, "CostBreakDown": []}


class Described(Counterpart):
    handler = Handler

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []


def running() -> AbstractContextManager[Described]:
    return Described().running()


def documented(provider: str) -> dict[str, str]:
    """The variables that docs/sms.md gives for this provider."""
    page = (Path(environment.BASE_DIR) / "docs" / "sms.md").read_text()
    section = page.partition(f"\n### {provider}\n")[2].partition("\n### ")[0]
    block = section.partition("```sh\n")[2].partition("```")[0]
    return dict(part.partition("=")[::2] for line in block.splitlines() for part in shlex.split(line))


def use(provider: str, settings: Settings, url: str) -> None:
    """Set the site up as the documentation says, but for the host."""
    settings.SMS_PROVIDERS = ["http"]
    settings.SMS_HTTP_WEBHOOK_SECRET = SECRET
    settings.BASE_URL = "https://clinic.example"
    settings.SMS_TIMEOUT = 2
    for name, text in documented(provider).items():
        value: Any = text
        if name == "SMS_HTTP_URL":
            value = url + text.removeprefix(f"https://{urlsplit(text).hostname}")
        elif name in ("SMS_HTTP_FIELDS", "SMS_HTTP_HEADERS"):
            value = json.loads(text)
        elif LISTS.match(name):
            value = text.split(",")
        setattr(settings, name, value)
