"""Any provider with an HTTP interface, described in the environment: docs/sms.md has it for three of them."""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import requests
from django.conf import settings
from django.http import QueryDict
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from notifications.channels.gateways import REST, GatewayError, MalformedError, in_log, value
from notifications.channels.http import call
from notifications.channels.receipts import Outcome, Receipt
from notifications.channels.sms.gateway import Gateway, Received, Sms
from notifications.phone_numbers import as_e164
from notifications.rules.http_fields import filled, flat

logger = logging.getLogger(__name__)

ARGUMENT_OF = {"json": "json", "form": "data", "query": "params"}
"""Where `requests` takes the fields, by where SMS_HTTP_BODY wants them."""
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
ABOUT_THE_MESSAGE = {400, 409, 413, 422}
"""What HTTP has for a request that can't be carried out as it is. Another message may go, and another provider may
take this one. All else that isn't 2xx is about the account or the address, and so about every message.
"""
LONGEST_ANSWER = 20_000
"""Characters that are looked at."""


class HttpGateway(Gateway):
    name: ClassVar[str] = "http"
    label: ClassVar = _("SMS gateway")

    def send(self, http: requests.Session, sms: Sms) -> str:
        values = {"number": sms.number, "digits": sms.number.lstrip("+"), "text": sms.text, "key": sms.key}
        fields = {ARGUMENT_OF[settings.SMS_HTTP_BODY]: filled(settings.SMS_HTTP_FIELDS, values)}
        answer = call(
            http,
            settings.SMS_HTTP_METHOD,
            settings.SMS_HTTP_URL,
            headers=settings.SMS_HTTP_HEADERS,
            **fields,
        )
        said = answer.text[:LONGEST_ANSWER]
        provider_id = _id_in(said)
        if answer.status_code < 300 and _is_taken(said, provider_id):
            return provider_id
        raise _refusal(answer.status_code, said)

    def forms(self, content_type: str | None, form: QueryDict, body: bytes) -> Sequence[QueryDict]:
        """A list has one of them in each of its entries."""
        if content_type in FORMS:
            return [form]
        try:
            data = json.loads(body)
            return [_as_form(each) for each in (data if isinstance(data, list) else [data])]
        except (ValueError, RecursionError) as error:
            raise MalformedError("no JSON") from error

    def gives_receipts(self) -> bool:
        """If it is described how."""
        described = settings.SMS_HTTP_RECEIPT_ID and settings.SMS_HTTP_RECEIPT_STATUS
        return bool(settings.SMS_HTTP_WEBHOOK_SECRET and described and settings.SMS_HTTP_RECEIPT_DELIVERED)

    def is_genuine(self, *, url: str, form: QueryDict, headers: Mapping[str, str]) -> bool:
        """The address that we gave it is the secret."""
        secret = settings.SMS_HTTP_WEBHOOK_SECRET
        given = parse_qs(urlsplit(url).query).get("key", [""])[0]
        return bool(secret) and constant_time_compare(given, secret)

    def receipt(self, form: QueryDict) -> Receipt | None:
        provider_id = _first(form, settings.SMS_HTTP_RECEIPT_ID, longest=200)
        status = _first(form, settings.SMS_HTTP_RECEIPT_STATUS, longest=40)
        if status in settings.SMS_HTTP_RECEIPT_DELIVERED:
            return Receipt(provider_id, Outcome.DELIVERED)
        if status in settings.SMS_HTTP_RECEIPT_FAILED:
            return Receipt(provider_id, Outcome.FAILED, status)
        logger.info(
            "A receipt of %(provider)s settles nothing: %(status)s.",
            {"provider": self.name, "status": in_log(status)},
        )
        return None

    def received(self, form: QueryDict) -> Received:
        sender = _first(form, settings.SMS_HTTP_INBOUND_FROM, longest=40)
        return Received(
            _first(form, settings.SMS_HTTP_INBOUND_ID, longest=200),
            # Many leave out the +, and then no country but ours could be told.
            (as_e164(f"+{sender}") if sender.isdecimal() else None) or sender,
            _first(form, settings.SMS_HTTP_INBOUND_TEXT, longest=5000, default=""),
        )


def _as_form(data: Any) -> QueryDict:
    form = QueryDict(mutable=True)
    form.update(flat(data))
    return form


def _first(form: QueryDict, names: Sequence[str], *, longest: int, default: str | None = None) -> str:
    """The first of these that the call has: what a provider sends isn't always spelled as it documents it."""
    found = next((name for name in names if name in form), names[0] if names else "")
    return value(form, found, longest=longest, default=default)


def _id_in(said: str) -> str:
    """The provider's id in its answer: by a name in JSON, or by a /pattern/ with one group. Empty without one."""
    wanted = settings.SMS_HTTP_ID
    if wanted.startswith("/"):
        found = re.search(wanted.strip("/"), said)
        return found[1][:200] if found else ""
    try:
        answered = flat(json.loads(said))
    except (ValueError, RecursionError):
        return ""
    return next((answered[name] for name in wanted.split(",") if name in answered), "")[:200]


def _is_taken(said: str, provider_id: str) -> bool:
    """Where no pattern says so, the id does; without both any 2xx is a yes."""
    if settings.SMS_HTTP_SUCCESS:
        return re.search(settings.SMS_HTTP_SUCCESS, said) is not None
    return bool(provider_id) or not settings.SMS_HTTP_ID


def _refusal(status: int, said: str) -> GatewayError:
    """What it said itself may name the number, so it isn't told."""
    if settings.SMS_HTTP_PERMANENT and re.search(settings.SMS_HTTP_PERMANENT, said):
        return GatewayError(f"The number was refused: it answered {status}.", permanent=True)
    if status in ABOUT_THE_MESSAGE:
        return GatewayError(f"It can't send this message: it answered {status}.")
    return GatewayError(f"It answered {status}, and that isn't a yes.", rest=REST)
