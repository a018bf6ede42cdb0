"""Meta's Cloud API.

Sending: https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates and
…/reference/messages. Errors: https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes. Webhooks:
https://developers.facebook.com/docs/graph-api/webhooks/getting-started and
https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import requests
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from notifications.channels.gateways import REST, MalformedError, unknown_state
from notifications.channels.http import ask, wait_of
from notifications.channels.receipts import Outcome, Receipt
from notifications.channels.whatsapp.gateway import (
    AGAIN,
    BUSY,
    NEVER,
    NOT_THERE,
    OURS,
    PAUSED,
    REJECTED,
    SAME_NUMBER_BUSY,
    STOPPED,
    Event,
    Gateway,
    Judged,
    Outgoing,
    Received,
    Status,
    Taken,
    Verdict,
    WhatsAppError,
)
from notifications.models import WhatsAppTemplate

VERDICTS: Mapping[int, Verdict] = {
    # The token, a permission, the account, its payment, its number.
    **dict.fromkeys((0, 3, 10, 33, 190, *range(200, 300)), OURS),
    **dict.fromkeys((368, 130497, 131005, 131031, 131037, 131042, 131045, 131063, 131064, 133010), OURS),
    # Too many calls, too many messages, too many that people marked as spam.
    **dict.fromkeys((4, 80007, 130429, 131048), BUSY),
    131056: SAME_NUMBER_BUSY,
    # Theirs: unknown, unavailable, in maintenance.
    **dict.fromkeys((1, 2, 131000, 131016, 131057), AGAIN),
    131026: NOT_THERE,
    131050: STOPPED,
    # A blocked number, an experiment, our own number, the window, too much already, a kind of message.
    **dict.fromkeys((130403, 130472, 131021, 131047, 131049, 131051), NEVER),
    # A parameter that is missing, or isn't one.
    **dict.fromkeys((100, 131008, 131009), NEVER),
    # How many values; too long; against the policy; their form; paused.
    **dict.fromkeys((132000, 132005, 132007, 132012, 132015), PAUSED),
    # There is none, or it is disabled.
    **dict.fromkeys((132001, 132016), REJECTED),
}
OUTCOMES = {"delivered": Outcome.DELIVERED, "read": Outcome.READ, "failed": Outcome.FAILED}
TAKEN = "sent"
UNDERWAY = {TAKEN, "deleted"}
State = WhatsAppTemplate.State
# …/webhooks/reference/message_template_status_update
STATES = {
    **dict.fromkeys(("APPROVED", "REINSTATED", "UNARCHIVED", "UNLOCKED"), State.APPROVED),
    **dict.fromkeys(("PAUSED", "LOCKED"), State.PAUSED),
    **dict.fromkeys(("REJECTED", "DISABLED", "ARCHIVED", "DELETED", "PENDING_DELETION"), State.REJECTED),
    **dict.fromkeys(("PENDING", "IN_APPEAL"), State.PENDING),
}
JUDGES_NOTHING = {"FLAGGED", "LIMIT_EXCEEDED"}


class MetaGateway(Gateway):
    name: ClassVar[str] = "meta"
    label: ClassVar = "Meta"
    largest_call: ClassVar[int] = 2_000_000

    def send(self, http: requests.Session, outgoing: Outgoing) -> str:
        answer = ask(
            http,
            f"{settings.WHATSAPP_URL}/{settings.WHATSAPP_API_VERSION}/{settings.WHATSAPP_PHONE_NUMBER_ID}/messages",
            json={
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                # Comes back with each status (…/reference/messages).
                "biz_opaque_callback_data": outgoing.key,
                **_message(outgoing),
            },
            headers={"Authorization": f"Bearer {settings.WHATSAPP_ACCESS_TOKEN}"},
        )
        said = _json(answer)
        if answer.ok:
            try:
                return _text(said["messages"][0]["id"], 200)
            except (KeyError, IndexError, TypeError, MalformedError) as error:
                raise WhatsAppError("Its answer can't be read.", rest=REST, in_doubt=True) from error
        raise _refusal(answer, said)

    def challenge(self, request: HttpRequest) -> str | None:
        """https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests"""
        token, asked = settings.WHATSAPP_VERIFY_TOKEN, request.GET
        if not token or asked.get("hub.mode") != "subscribe":
            return None
        if not constant_time_compare(asked.get("hub.verify_token", ""), token):
            return None
        return asked.get("hub.challenge")

    def is_genuine(self, request: HttpRequest, *, url: str) -> bool:
        """HMAC-SHA256 of the body as it came, with the app's secret."""
        secret = settings.WHATSAPP_APP_SECRET
        signed = hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
        given = request.headers.get("X-Hub-Signature-256", "")
        return bool(secret) and constant_time_compare(given, f"sha256={signed}")

    def events(self, request: HttpRequest) -> Iterator[Event]:
        try:
            entries = json.loads(request.body)["entry"]
            changes = [change for entry in entries for change in entry["changes"]]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise MalformedError("entry") from error
        for change in changes:
            yield from _events(change)


def _message(outgoing: Outgoing) -> dict[str, Any]:
    to = {"to": outgoing.number}
    template = outgoing.template
    if template is None:
        return {**to, "type": "text", "text": {"preview_url": False, "body": outgoing.text}}
    components: list[dict[str, Any]] = []
    if template.values:
        values = [{"type": "text", "text": value} for value in template.values]
        components.append({"type": "body", "parameters": values})
    for index, button in enumerate(template.buttons):
        components.append(
            {
                "type": "button",
                "sub_type": "quick_reply",
                "index": str(index),
                "parameters": [{"type": "payload", "payload": button}],
            }
        )
    about = {"name": template.name, "language": {"code": template.language}, "components": components}
    return {**to, "type": "template", "template": about}


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {}


def _refusal(answer: requests.Response, said: dict[str, Any]) -> WhatsAppError:
    """By its code; where it has none, or one that is new, by the status: what is ours is 401 or 403, theirs 5xx."""
    about = said.get("error")
    code = about.get("code") if isinstance(about, dict) else None
    words = f"It answered {answer.status_code}, error {code}."
    verdict = VERDICTS.get(code) if isinstance(code, int) else None
    if verdict is BUSY or (verdict is None and answer.status_code == requests.codes.too_many_requests):
        wait = wait_of(answer)
        return Verdict(rest=wait, wait=wait).error("It has too much to do.")
    if verdict is None and (answer.status_code >= 500 or answer.status_code in (401, 403, 404)):
        verdict = OURS
    return (verdict or NEVER).error(words)


def _events(change: Any) -> Iterator[Event]:
    """What one change says. Those of another number of the same account are not for us."""
    if not isinstance(change, dict) or not isinstance(change.get("value"), dict):
        yield MalformedError("changes")
        return
    value = change["value"]
    if change.get("field") == "message_template_status_update":
        yield from _read(_judged, value)
        return
    if change.get("field") != "messages" or _number_of(value) != settings.WHATSAPP_PHONE_NUMBER_ID:
        return
    for message in _list(value, "messages"):
        yield from _read(_received, message)
    for status in _list(value, "statuses"):
        yield from _read(_status, status)


def _number_of(value: dict[str, Any]) -> str:
    about = value.get("metadata")
    return str(about.get("phone_number_id")) if isinstance(about, dict) else ""


def _list(value: dict[str, Any], name: str) -> list[Any]:
    found = value.get(name, [])
    return found if isinstance(found, list) else []


def _read(read: Callable[[Any], Event | None], about: Any) -> Iterator[Event]:
    try:
        found = read(about)
    except MalformedError as error:
        yield error
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        yield MalformedError(type(error).__name__)
    else:
        if found is not None:
            yield found


def _received(message: Any) -> Received | None:
    kind = _text(message["type"], 40)
    if kind == "system":
        # That somebody changed their number, for one.
        return None
    text, button = f"[{kind}]", ""
    if kind == "text":
        text = _text(message["text"]["body"], 5000)
    elif kind == "button":
        text, button = _text(message["button"]["text"], 5000), _text(message["button"]["payload"], 300)
    elif kind == "interactive" and message["interactive"]["type"] == "button_reply":
        tapped = message["interactive"]["button_reply"]
        text, button = _text(tapped["title"], 5000), _text(tapped["id"], 300)
    elif isinstance(message.get(kind), dict) and message[kind].get("caption"):
        text = _text(message[kind]["caption"], 5000)
    answered = message.get("context") or {}
    return Received(
        _text(message["id"], 200),
        f"+{_text(message['from'], 20)}",
        text,
        button,
        _text(answered.get("id") or "", 200, empty=True),
    )


def _status(status: Any) -> Status | Taken | None:
    provider_id, state = _text(status["id"], 200), _text(status["status"], 40)
    key = _text(status.get("biz_opaque_callback_data") or "", 60, empty=True)
    if state not in OUTCOMES:
        if state not in UNDERWAY:
            unknown_state(MetaGateway.name, state)
        return Taken(provider_id, key) if state == TAKEN and key else None
    errors = status.get("errors") or [{}]
    code = errors[0].get("code")
    verdict = VERDICTS.get(code) if isinstance(code, int) else None
    reason = f"error {code}" if code is not None else ""
    receipt = Receipt(provider_id, OUTCOMES[state], reason, verdict.again_after if verdict else None)
    return Status(receipt, verdict.effect if verdict else None, key)


def _judged(value: Any) -> Judged | None:
    event = _text(value["event"], 40)
    if event not in STATES:
        if event not in JUDGES_NOTHING:
            unknown_state(MetaGateway.name, event)
        return None
    return Judged(
        _text(value["message_template_name"], 512),
        _text(value["message_template_language"], 20),
        STATES[event],
        "" if value.get("reason") == "NONE" else _text(value.get("reason") or "", 200, empty=True),
    )


def _text(found: Any, longest: int, *, empty: bool = False) -> str:
    if not isinstance(found, str) or "\0" in found or len(found) > longest or not (found or empty):
        raise MalformedError("a text")
    return found
