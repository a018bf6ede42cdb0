"""Webhooks of the SMS providers: signed or secret, small, and safe to repeat. The log names providers, never people."""

import logging
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from notifications.channels.gateways import MalformedError
from notifications.channels.receipts import note, sent_not_before
from notifications.channels.sms.gateway import Gateway
from notifications.channels.sms.gateways.registry import GATEWAYS
from notifications.channels.sms.opt_outs import number_opted_out
from notifications.models import InboundMessage
from notifications.phone_numbers import as_e164
from notifications.work.wakeups import Wakeup, wake_on_commit

logger = logging.getLogger(__name__)

LARGEST = 64 * 1024
"""Bytes. The longest SMS there is, with all that a provider says of it, is a tenth of this."""


def _webhook(take: Callable[[Gateway, QueryDict], None]) -> Callable[[HttpRequest, str], HttpResponse]:
    @csrf_exempt
    @never_cache
    @require_POST
    @wraps(take)
    def view(request: HttpRequest, provider: str) -> HttpResponse:
        if provider not in GATEWAYS:
            return _refused(403, provider, "is of no provider of ours")
        gateway = GATEWAYS[provider]()
        if len(request.body) > LARGEST:
            return _refused(413, provider, "is too large")
        # The address as the provider knows it, whatever a proxy has made of it.
        url = f"{settings.BASE_URL}{request.get_full_path()}"
        if not gateway.is_genuine(url=url, form=request.POST, headers=request.headers):
            return _refused(403, provider, "isn't signed by it")
        if wrong := _take_each(gateway, request, take):
            return _refused(400, provider, f"is malformed ({wrong[0]})")
        return HttpResponse(status=204)

    return view


def _take_each(
    gateway: Gateway, request: HttpRequest, take: Callable[[Gateway, QueryDict], None]
) -> list[MalformedError]:
    """Take all that the call brings, and give back what couldn't be read; one of several spoils none of the others."""
    wrong = []
    try:
        for form in gateway.forms(request.content_type, request.POST, request.body):
            try:
                take(gateway, form)
            except MalformedError as error:
                wrong.append(error)
    except MalformedError as error:
        wrong.append(error)
    return wrong


@_webhook
def status(gateway: Gateway, form: QueryDict) -> None:
    """What became of a message that the provider took."""
    receipt, now = gateway.receipt(form), timezone.now()
    if receipt is not None and not note("sms", gateway.name, receipt, now=now):
        _nothing_new(gateway)
    elif number := gateway.opted_out(form):
        sent_at = sent_not_before("sms", gateway.name, receipt, now=now)
        number_opted_out(gateway.name, number, sent_at=sent_at, now=now)


@_webhook
def inbound(gateway: Gateway, form: QueryDict) -> None:
    """A message from somebody: kept, and dealt with by a worker."""
    received = gateway.received(form)
    now = timezone.now()
    _row, is_new = InboundMessage.objects.get_or_create(
        provider=gateway.name,
        provider_id=received.provider_id,
        defaults={
            "channel": "sms",
            "sender": as_e164(received.sender) or received.sender,
            "text": received.text,
            "command": received.command.value if received.command else "",
            "received_at": now,
            "due_at": now,
        },
    )
    if is_new:
        wake_on_commit(Wakeup.ANSWER_SMS)
    else:
        _nothing_new(gateway)


def _nothing_new(gateway: Gateway) -> None:
    """Providers repeat themselves when our answer got lost; so may others what they overheard."""
    logger.info("A call for %(provider)s says nothing new; it changed nothing.", {"provider": gateway.name})


def _refused(code: int, provider: str, why: str) -> HttpResponse:
    logger.warning("A call for %(provider)s %(why)s; it changed nothing.", {"provider": provider, "why": why})
    return HttpResponse(status=code)
