"""Twilio's WhatsApp.

Sending: https://www.twilio.com/docs/whatsapp/api and
…/docs/content/send-templates-created-with-the-content-template-builder. Webhooks:
…/docs/messaging/guides/webhook-request and …/docs/whatsapp/buttons. Errors: the codes from 63000 on of
https://www.twilio.com/docs/api/errors, each with a page of its own as …/errors/63014, and the codes of WhatsApp's that
they stand for: https://www.twilio.com/docs/whatsapp/api/error-code-mapping.

A template's buttons carry the names of quick replies: what they carry is fixed when it is approved. Which message was
answered comes with the tap (`OriginalRepliedMessageSid`).
"""

import json
from collections.abc import Iterator, Mapping
from typing import ClassVar
from urllib.parse import urlencode

import requests
from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from notifications.channels import twilio
from notifications.channels.gateways import REST, unknown_state, value
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
    STOPPED,
    Event,
    Gateway,
    Outgoing,
    Received,
    Status,
    Taken,
    Verdict,
    WhatsAppError,
)

VERDICTS: Mapping[int, Verdict] = {
    **dict.fromkeys(twilio.TROUBLE, OURS),
    **dict.fromkeys(twilio.BUSY, BUSY),
    # What isn't believed at WhatsApp, the sender, its set-up, the account there, its certificate, the sandbox.
    **dict.fromkeys((63001, 63002, 63007, 63008, 63015, 63020, 63022, 63051, 63112), OURS),
    # Too many a second, or a day.
    **dict.fromkeys((63017, 63018, 63038), BUSY),
    # Theirs: WhatsApp's own, Twilio's own, no reason, and a phone that didn't get the template.
    **dict.fromkeys((63009, 63010, 63011, 63012, 63023, 63029), AGAIN),
    # They blocked us there, or sent STOP.
    **dict.fromkeys((21610, 63014), STOPPED),
    # No WhatsApp at this number.
    **dict.fromkeys((21211, 63003, 63024), NOT_THERE),
    # Its content, a policy, the window, our own number, an experiment, a blocked number, too much already.
    **dict.fromkeys((63005, 63013, 63016, 63021, 63031, 63032, 63033, 63049), NEVER),
    # How many values, and their form; paused.
    **dict.fromkeys((21656, 63028, 63030, 63041), PAUSED),
    # There is none, or it was rejected, or disabled.
    **dict.fromkeys((21654, 21655, 63027, 63040, 63042), REJECTED),
}
OUTCOMES = {
    "delivered": Outcome.DELIVERED,
    "read": Outcome.READ,
    **dict.fromkeys(("failed", "undelivered", "canceled"), Outcome.FAILED),
}
TAKEN = {"accepted", "queued", "sending", "sent"}
UNDERWAY = {"scheduled", "partially_delivered"}
PREFIX = "whatsapp:"


class TwilioGateway(Gateway):
    name: ClassVar[str] = "twilio"
    label: ClassVar = "Twilio"

    def send(self, http: requests.Session, outgoing: Outgoing) -> str:
        account = settings.TWILIO_ACCOUNT_SID
        answer = ask(
            http,
            f"{settings.TWILIO_URL}/2010-04-01/Accounts/{account}/Messages.json",
            data={
                **_sender(),
                "To": f"{PREFIX}{outgoing.number}",
                **_content(outgoing),
                "StatusCallback": _webhook(outgoing.key),
            },
            auth=(account, settings.TWILIO_AUTH_TOKEN),
        )
        said = twilio.said(answer)
        if answer.ok:
            if not said.get("sid"):
                raise WhatsAppError("Its answer can't be read.", rest=REST, in_doubt=True)
            return str(said["sid"])
        raise _refusal(answer, said.get("code"))

    def is_genuine(self, request: HttpRequest, *, url: str) -> bool:
        return twilio.is_genuine(url=url, form=request.POST, headers=request.headers)

    def events(self, request: HttpRequest) -> Iterator[Event]:
        """One call, one event: a message, or what became of one of ours."""
        form = request.POST
        provider_id = value(form, "MessageSid", longest=64)
        if state := value(form, "MessageStatus", longest=40, default=""):
            key = value(request.GET, "key", longest=60, default="")
            if state not in OUTCOMES:
                if state in TAKEN and key:
                    yield Taken(provider_id, key)
                elif state not in TAKEN | UNDERWAY:
                    unknown_state(self.name, state)
                return
            code = value(form, "ErrorCode", longest=20, default="")
            verdict = VERDICTS.get(int(code)) if code.isdecimal() else None
            again_after = verdict.again_after if verdict else None
            receipt = Receipt(provider_id, OUTCOMES[state], f"{state} {code}".strip(), again_after)
            yield Status(receipt, verdict.effect if verdict else None, key)
            return
        yield Received(
            provider_id,
            value(form, "From", longest=40).removeprefix(PREFIX),
            value(form, "Body", longest=5000, default="") or _kind(form),
            value(form, "ButtonPayload", longest=300, default=""),
            value(form, "OriginalRepliedMessageSid", longest=200, default=""),
        )


def _sender() -> dict[str, str]:
    sender = settings.WHATSAPP_TWILIO_FROM
    return {"MessagingServiceSid": sender} if sender.startswith("MG") else {"From": f"{PREFIX}{sender}"}


def _content(outgoing: Outgoing) -> dict[str, str]:
    template = outgoing.template
    if template is None:
        return {"Body": outgoing.text}
    values = {str(number): text for number, text in enumerate(template.values, 1)}
    return {"ContentSid": template.name, **({"ContentVariables": json.dumps(values)} if values else {})}


def _webhook(key: str) -> str:
    """The address at which it tells what became of the message that we call so."""
    return f"{settings.BASE_URL}{reverse('whatsapp:webhook', args=[TwilioGateway.name])}?{urlencode({'key': key})}"


def _refusal(answer: requests.Response, code: object) -> WhatsAppError:
    """By its code; where it has none, or one that is new, by the status: what is ours is 401 to 404, theirs 5xx."""
    verdict = VERDICTS.get(code) if isinstance(code, int) else None
    if verdict is BUSY or (verdict is None and answer.status_code == requests.codes.too_many_requests):
        wait = wait_of(answer)
        return Verdict(rest=wait, wait=wait).error("It has too much to do.")
    if verdict is None and (answer.status_code >= 500 or answer.status_code in (401, 402, 403, 404)):
        verdict = OURS
    return (verdict or NEVER).error(f"It answered {answer.status_code}, error {code}.")


def _kind(form: QueryDict) -> str:
    """A picture or a sound by its media type; what comes without one is a place or a contact."""
    found = value(form, "MediaContentType0", longest=100, default="").partition("/")[0]
    return f"[{found if found.isalpha() else 'other'}]".lower()
