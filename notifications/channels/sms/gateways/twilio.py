"""Twilio: https://www.twilio.com/docs/messaging/api/message-resource, …/docs/usage/webhooks/webhooks-security."""

from collections.abc import Mapping
from typing import Any, ClassVar

import requests
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext

from notifications.channels import twilio
from notifications.channels.gateways import AWAY, BREATHER, REST, GatewayError, unknown_state, value
from notifications.channels.http import post
from notifications.channels.receipts import Outcome, Receipt
from notifications.channels.sms.gateway import Gateway, Received, Sms
from notifications.rules.keywords import Command

# It can't, or may not, send from our number to there; another provider may.
ELSEWHERE = {21408, 21612}
STOPPED = 21610
# What a receipt has for a failure that may pass: a full queue, a phone that is off, a network with too much to do
# (https://www.twilio.com/docs/api/errors/30003 and so on). Not 30008 and 30410, of which nobody knows whether the
# message arrived all the same.
MAY_PASS = {"30001": BREATHER, "30003": AWAY, "30017": AWAY}

# https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
OUTCOMES = {
    "delivered": Outcome.DELIVERED,
    "read": Outcome.READ,
    **dict.fromkeys(("failed", "undelivered", "canceled"), Outcome.FAILED),
}
UNDERWAY = {"accepted", "scheduled", "queued", "sending", "sent", "partially_delivered"}


class TwilioGateway(Gateway):
    name: ClassVar[str] = "twilio"
    label: ClassVar = "Twilio"

    def how_to_start(self) -> str:
        return gettext(
            "You stopped SMS by answering STOP. To get them again, turn them on here and also send START to the number "
            "that they come from."
        )

    def send(self, http: requests.Session, sms: Sms) -> str:
        account = settings.TWILIO_ACCOUNT_SID
        sender = "MessagingServiceSid" if settings.TWILIO_FROM.startswith("MG") else "From"
        answer = post(
            http,
            f"{settings.TWILIO_URL}/2010-04-01/Accounts/{account}/Messages.json",
            {
                "To": sms.number,
                sender: settings.TWILIO_FROM,
                "Body": sms.text,
                "StatusCallback": f"{settings.BASE_URL}{reverse('inbound:status', args=[self.name])}",
            },
            auth=(account, settings.TWILIO_AUTH_TOKEN),
        )
        said = twilio.said(answer)
        if answer.status_code < 400:
            if not said.get("sid"):
                raise GatewayError("Its answer can't be read.", rest=REST)
            return str(said["sid"])
        raise _refusal(answer.status_code, said)

    def is_genuine(self, *, url: str, form: QueryDict, headers: Mapping[str, str]) -> bool:
        return twilio.is_genuine(url=url, form=form, headers=headers)

    def receipt(self, form: QueryDict) -> Receipt | None:
        provider_id, status = value(form, "MessageSid", longest=64), value(form, "MessageStatus", longest=40)
        code = value(form, "ErrorCode", longest=20, default="")
        if status in OUTCOMES:
            return Receipt(provider_id, OUTCOMES[status], f"{status} {code}".strip(), MAY_PASS.get(code))
        if status not in UNDERWAY:
            unknown_state(self.name, status)
        return None

    def opted_out(self, form: QueryDict) -> str | None:
        """Of a Messaging Service it is said here: it takes all messages at first."""
        return form.get("To") if form.get("ErrorCode") == str(STOPPED) else None

    def received(self, form: QueryDict) -> Received:
        """With “Advanced Opt-Out” Twilio carries out and answers STOP, START and HELP by itself, in words of one's own
        choice (https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out).
        """
        done = form.get("OptOutType", "").lower()
        return Received(
            value(form, "MessageSid", longest=64),
            value(form, "From", longest=40),
            value(form, "Body", longest=5000, default=""),
            Command(done) if done in set(Command) else None,
        )


def _refusal(status: int, said: dict[str, Any]) -> GatewayError:
    code = said.get("code")
    if code in twilio.BUSY:
        return GatewayError("It has too much to do.", rest=BREATHER, retry_after=BREATHER)
    if code in twilio.TROUBLE or status in (401, 402, 403, 404) or not isinstance(code, int):
        return GatewayError(f"It answered {status}, error {code}.", rest=REST)
    if code in ELSEWHERE:
        return GatewayError(f"It can't send to this number. Twilio: {code}")
    if code == STOPPED:
        return GatewayError(f"This number has sent STOP to the provider. Twilio: {code}", opted_out=True)
    # New codes for numbers that take no SMS appear now and then; what is ours is answered with another status.
    return GatewayError(f"The number or the text was refused. Twilio: {code}", permanent=True)
