"""Africa's Talking: https://developers.africastalking.com/docs/sms/sending/bulk and …/docs/sms/notifications."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import requests
from django.conf import settings
from django.http import QueryDict
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext

from notifications.channels.gateways import AWAY, REST, GatewayError, unknown_state, value
from notifications.channels.http import post
from notifications.channels.receipts import Outcome, Receipt
from notifications.channels.sms.gateway import Gateway, Received, Sms

TAKEN = {100, 101, 102}
# The number takes none: invalid, of an unsupported kind, or marked “do not disturb”.
NUMBER = {403, 404, 409}
# Its owner told the network to let nothing of ours through; so says a receipt by its reason.
STOPPED, STOPPED_REASON = 406, "userinblacklist"
# It can't be routed there, or that network's own gateway refused it: another provider's may not.
ELSEWHERE = {407, 502}
# Ours to mend, or theirs: risk hold, sender not ours, no credit, their error, their gateway's.
TROUBLE = {401, 402, 405, 500, 501}

# The last two stand in no list of statuses, but come as such (https://github.com/nyaruka/courier/pull/387).
NOT_DELIVERED = ("Rejected", "Failed", "Expired", "AbsentSubscriber")
OUTCOMES = {"Success": Outcome.DELIVERED, **dict.fromkeys(NOT_DELIVERED, Outcome.FAILED)}
UNDERWAY = {"Sent", "Submitted", "Buffered"}
# The phone was off for as long as the network tried.
OFF = {"Expired", "AbsentSubscriber"}


class AfricasTalkingGateway(Gateway):
    name: ClassVar[str] = "africastalking"
    label: ClassVar = "Africa’s Talking"

    def how_to_start(self) -> str:
        return gettext(
            "Your network lets no SMS from us through, as you asked it. To get them again, turn them on here and tell "
            "your network too."
        )

    def send(self, http: requests.Session, sms: Sms) -> str:
        form = {"username": settings.AFRICASTALKING_USERNAME, "to": sms.number, "message": sms.text}
        if settings.AFRICASTALKING_SENDER_ID:
            form["from"] = settings.AFRICASTALKING_SENDER_ID
        answer = post(
            http,
            f"{settings.AFRICASTALKING_URL}/version1/messaging",
            form,
            headers={"apiKey": settings.AFRICASTALKING_API_KEY, "Accept": "application/json"},
        )
        if answer.status_code >= 400:
            # The key, the username, or a field of ours: nothing that the person's number could be blamed for.
            raise GatewayError(f"It answered {answer.status_code}.", rest=REST)
        return _message_id(_recipient(answer))

    def gives_receipts(self) -> bool:
        """Only to who can believe them."""
        return bool(settings.AFRICASTALKING_WEBHOOK_SECRET)

    def is_genuine(self, *, url: str, form: QueryDict, headers: Mapping[str, str]) -> bool:
        """It signs nothing; the address that we gave it is the secret."""
        secret = settings.AFRICASTALKING_WEBHOOK_SECRET
        given = parse_qs(urlsplit(url).query).get("key", [""])[0]
        return bool(secret) and constant_time_compare(given, secret)

    def receipt(self, form: QueryDict) -> Receipt | None:
        provider_id, status = value(form, "id", longest=200), value(form, "status", longest=40)
        reason = value(form, "failureReason", longest=200, default="")
        if status in OUTCOMES:
            is_off = not OFF.isdisjoint((status, reason))
            return Receipt(provider_id, OUTCOMES[status], reason or status, AWAY if is_off else None)
        if status not in UNDERWAY:
            unknown_state(self.name, status)
        return None

    def opted_out(self, form: QueryDict) -> str | None:
        stopped = form.get("failureReason", "").lower() == STOPPED_REASON
        return form.get("phoneNumber") if stopped else None

    def received(self, form: QueryDict) -> Received:
        return Received(
            value(form, "id", longest=200),
            value(form, "from", longest=40),
            value(form, "text", longest=5000, default=""),
        )


def _recipient(answer: requests.Response) -> dict[str, Any]:
    """What it says of our one recipient."""
    try:
        data = answer.json()["SMSMessageData"]
        recipients = data["Recipients"]
        if not recipients:
            # Nobody was sent anything, and the reason stands in the place of the sum: “InvalidSenderId” above all.
            raise GatewayError("It sent nothing: is the sender known to it?", rest=REST)
        recipient = recipients[0]
        return {"code": int(recipient["statusCode"]), "id": str(recipient.get("messageId") or "")}
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise GatewayError("Its answer can't be read.", rest=REST) from error


def _message_id(recipient: dict[str, Any]) -> str:
    code = recipient["code"]
    if code in TAKEN:
        return str(recipient["id"])
    said = f"{AfricasTalkingGateway.label}: {code}"
    if code in NUMBER:
        raise GatewayError(f"The number was refused. {said}", permanent=True)
    if code == STOPPED:
        raise GatewayError(f"The number has stopped our SMS. {said}", opted_out=True)
    if code in ELSEWHERE:
        raise GatewayError(f"It can't send to this number. {said}")
    if code == 405:
        said += ", no credit"
    raise GatewayError(said, rest=REST)
