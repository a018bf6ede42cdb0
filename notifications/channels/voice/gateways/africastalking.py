"""Africa's Talking: https://developers.africastalking.com/docs/voice/overview, …/voice/actions/get_digits and
…/voice/handle_calls. The address of our webhook is given to it once, with the number that calls come from.
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from xml.etree.ElementTree import Element, SubElement, tostring

import requests
from django.conf import settings
from django.http import QueryDict

from notifications.channels.gateways import REST, GatewayError, MalformedError, value
from notifications.channels.http import post
from notifications.channels.sms.gateways.africastalking import AfricasTalkingGateway as AfricasTalkingSms
from notifications.channels.voice.gateway import (
    LISTENS,
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

QUEUED = "Queued"
NUMBER = {"InvalidPhoneNumber"}
ELSEWHERE = {"DestinationNotSupported"}


class AfricasTalkingGateway(VoiceGateway):
    """It doesn't say whether a machine answered: one that does hears the greeting and no message."""

    name: ClassVar[str] = "africastalking"
    label: ClassVar = "Africa’s Talking"
    # Its own voice, where none is named: English.
    voices: ClassVar[Mapping[str, str]] = {"en": ""}

    def place(self, http: requests.Session, call: Call) -> str:
        answer = post(
            http,
            f"{settings.AFRICASTALKING_VOICE_URL}/call",
            {
                "username": settings.AFRICASTALKING_USERNAME,
                "from": settings.VOICE_AFRICASTALKING_FROM,
                "to": call.number,
                "clientRequestId": call.key,
            },
            headers={"apiKey": settings.AFRICASTALKING_API_KEY, "Accept": "application/json"},
        )
        if answer.status_code >= 400:
            # The key, the username, or a field of ours: nothing that the person's number could be blamed for.
            raise GatewayError(f"It answered {answer.status_code}.", rest=REST)
        return _session_id(_entry(answer))

    def is_genuine(self, *, url: str, form: QueryDict, headers: Mapping[str, str]) -> bool:
        return AfricasTalkingSms().is_genuine(url=url, form=form, headers=headers)

    def event(self, query: QueryDict, form: QueryDict) -> Event | None:
        call = value(form, "clientRequestId", longest=60, default=query.get("call", ""))
        provider_id, is_active = value(form, "sessionId", longest=200), value(form, "isActive", longest=1)
        place = place_in(query)
        if is_active == "0":
            ended = value(form, "hangupCause", longest=60, default="")
            seconds = seconds_in(form, "durationInSeconds")
            return Event(Kind.OVER, call, provider_id, reason=ended, seconds=seconds)
        if is_active != "1":
            raise MalformedError("isActive")
        if place is None:
            return Event(Kind.PERSON, call, provider_id)
        return Event(Kind.KEY, call, provider_id, place, value(form, "dtmfDigits", longest=10, default=""))

    def document(self, lines: tuple[Line, ...], *, call: str, place: Place | None) -> str:
        response = Element("Response")
        if place is None:
            _add(response, lines)
        else:
            hook = webhook(self.name, call, place, key=settings.AFRICASTALKING_WEBHOOK_SECRET)
            # It plays one line while it waits for a key, so the others come before.
            _add(response, lines[:-1])
            digits = SubElement(response, "GetDigits", numDigits="1", timeout=str(LISTENS), callbackUrl=hook)
            _add(digits, lines[-1:])
            # Whoever presses nothing comes here.
            SubElement(response, "Redirect").text = hook
        return tostring(response, encoding="unicode")


def _add(parent: Element, lines: tuple[Line, ...]) -> None:
    for line in lines:
        if isinstance(line, Recording):
            SubElement(parent, "Play", url=line.url)
        else:
            SubElement(parent, "Say").text = line.text


def _entry(answer: requests.Response) -> dict[str, Any]:
    """What it says of our one number."""
    try:
        data = answer.json()
        entries = data["entries"]
        if not entries:
            # Nobody is called, and the reason stands beside: no credit, or a number that isn't ours above all.
            raise GatewayError(f"It calls nobody: {str(data.get('errorMessage'))[:200]}", rest=REST)
        return {"status": str(entries[0]["status"]), "id": str(entries[0].get("sessionId") or "")}
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise GatewayError("Its answer can't be read.", rest=REST, in_doubt=True) from error


def _session_id(entry: dict[str, Any]) -> str:
    status = entry["status"]
    if status == QUEUED and entry["id"]:
        return str(entry["id"])
    said = f"{AfricasTalkingGateway.label}: {status}"
    if status in NUMBER:
        raise GatewayError(f"The number was refused. {said}", permanent=True)
    if status in ELSEWHERE:
        raise GatewayError(f"It can't call this number. {said}")
    raise GatewayError(said, rest=REST)
