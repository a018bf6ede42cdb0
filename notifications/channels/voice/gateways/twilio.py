"""Twilio: https://www.twilio.com/docs/voice/api/call-resource, …/docs/voice/twiml/gather, …/say and …/play, and
…/docs/voice/answering-machine-detection. How long a call was: …/docs/usage/webhooks/voice-webhooks.
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from xml.etree.ElementTree import Element, SubElement, tostring

import requests
from django.conf import settings
from django.http import QueryDict

from notifications.channels import twilio
from notifications.channels.gateways import BREATHER, REST, GatewayError, MalformedError, value
from notifications.channels.http import post
from notifications.channels.voice.gateway import (
    LISTENS,
    LONGEST,
    RINGS,
    Call,
    Event,
    Kind,
    Line,
    Recording,
    VoiceGateway,
    place_in,
    seconds_in,
    webhook,
)
from notifications.rules.phone_call import Place

# https://www.twilio.com/docs/api/errors, and a page for each below that. Numbers that can't be called at all: none, not
# a phone number, or not reachable.
NUMBER = {21201, 21211, 21214, 21217}
# It may not call there: a premium number, another country, a blocked number, or, on trial, one that isn't confirmed
# with them.
ELSEWHERE = {21202, 21203, 21215, 21216, 21219}
BUSY = {10004, 20429}

OVER = {"completed", "busy", "no-answer", "canceled", "failed"}
UNDERWAY = {"queued", "initiated", "ringing"}
TALKS = "in-progress"


class TwilioGateway(VoiceGateway):
    name: ClassVar[str] = "twilio"
    label: ClassVar = "Twilio"
    # https://www.twilio.com/docs/voice/twiml/say/text-speech#available-voices-and-languages: none speaks isiZulu.
    voices: ClassVar[Mapping[str, tuple[str, str]]] = {
        "en": ("Polly.Ayanda-Neural", "en-ZA"),
        "af": ("Google.af-ZA-Standard-A", "af-ZA"),
    }

    def place(self, http: requests.Session, call: Call) -> str:
        account = settings.TWILIO_ACCOUNT_SID
        hook = webhook(self.name, call.key)
        answer = post(
            http,
            f"{settings.TWILIO_URL}/2010-04-01/Accounts/{account}/Calls.json",
            {
                "To": call.number,
                "From": settings.VOICE_TWILIO_FROM,
                "Url": hook,
                "StatusCallback": hook,
                "Timeout": str(RINGS),
                "TimeLimit": str(LONGEST),
                "MachineDetection": "Enable",
            },
            auth=(account, settings.TWILIO_AUTH_TOKEN),
        )
        said = twilio.said(answer)
        if answer.status_code < 400:
            if not said.get("sid"):
                raise GatewayError("Its answer can't be read.", rest=REST, in_doubt=True)
            return str(said["sid"])
        raise _refusal(answer.status_code, said.get("code"))

    def is_genuine(self, *, url: str, form: QueryDict, headers: Mapping[str, str]) -> bool:
        return twilio.is_genuine(url=url, form=form, headers=headers)

    def event(self, query: QueryDict, form: QueryDict) -> Event | None:
        call = value(query, "call", longest=60)
        provider_id, status = value(form, "CallSid", longest=64), value(form, "CallStatus", longest=40)
        answered_by = value(form, "AnsweredBy", longest=40, default="")
        place = place_in(query)
        if status in OVER:
            reason, seconds = f"{status} {answered_by}".strip(), seconds_in(form, "CallDuration")
            return Event(Kind.OVER, call, provider_id, reason=reason, seconds=seconds)
        if status in UNDERWAY:
            return None
        if status != TALKS:
            raise MalformedError("CallStatus")
        if answered_by.startswith("machine") or answered_by == "fax":
            return Event(Kind.MACHINE, call, provider_id)
        if place is None:
            return Event(Kind.PERSON, call, provider_id)
        return Event(Kind.KEY, call, provider_id, place, value(form, "Digits", longest=10, default=""))

    def document(self, lines: tuple[Line, ...], *, call: str, place: Place | None) -> str:
        response = Element("Response")
        if place is None:
            _add(response, lines)
            SubElement(response, "Hangup")
        else:
            hook = webhook(self.name, call, place)
            gather = SubElement(
                response, "Gather", numDigits="1", timeout=str(LISTENS), finishOnKey="", action=hook
            )
            _add(gather, lines)
            # Whoever presses nothing comes here.
            SubElement(response, "Redirect").text = hook
        return tostring(response, encoding="unicode")


def _add(parent: Element, lines: tuple[Line, ...]) -> None:
    for line in lines:
        if isinstance(line, Recording):
            SubElement(parent, "Play").text = line.url
        else:
            voice, language = TwilioGateway.voices[line.language]
            SubElement(parent, "Say", voice=voice, language=language).text = line.text


def _refusal(status: int, code: Any) -> GatewayError:
    if code in BUSY:
        return GatewayError("It has too much to do.", rest=BREATHER, retry_after=BREATHER)
    if code in NUMBER:
        return GatewayError(f"The number was refused. Twilio: {code}", permanent=True)
    if code in ELSEWHERE:
        return GatewayError(f"It can't call this number. Twilio: {code}")
    return GatewayError(f"It answered {status}, error {code}.", rest=REST)
