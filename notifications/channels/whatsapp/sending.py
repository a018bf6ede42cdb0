"""One message to the provider in use, unless it is in trouble and left alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import requests
from django.conf import settings
from django.utils import timezone

from notifications.channels import breaker
from notifications.channels.failover import handed_over
from notifications.channels.gateways import TELLS_WITHIN, GatewayError
from notifications.channels.idle import Idle
from notifications.channels.rate_limit import wait_for_slot
from notifications.channels.whatsapp.gateway import Outgoing, WhatsAppError
from notifications.channels.whatsapp.gateways.registry import in_use
from notifications.costs.prices import Prices
from notifications.rules.prices import Unit
from notifications.types import SendResult

SendOne = Callable[[Outgoing], SendResult]

_idle = Idle[requests.Session](requests.Session.close)


@contextmanager
def session() -> Iterator[SendOne]:
    """For several messages: the connection stays open between them, and for the next session."""
    http = _idle.take() or requests.Session()
    try:
        yield partial(_send, http, Prices.read(timezone.localdate()))
    finally:
        _idle.leave(http)


def provider_name() -> str:
    """What the provider in use is called among those of all channels, which may be in trouble apart."""
    return f"whatsapp-{in_use().name}"


def _send(http: requests.Session, prices: Prices, outgoing: Outgoing) -> SendResult:
    gateway, name, now = in_use(), provider_name(), timezone.now()
    failing = breaker.down([name]).get(name)
    if failing and failing.probe_at and not breaker.may_try(failing, now):
        raise WhatsAppError(f"It is left alone for now: {failing.reason}", retry_after=failing.probe_at - now)
    wait_for_slot(name, settings.SMS_PER_SECOND.get(name))
    try:
        provider_id = handed_over(name, lambda: gateway.send(http, outgoing))
    except GatewayError as error:
        if error.in_doubt:
            error.may_have_it, error.retry_after = gateway.name, TELLS_WITHIN
        if error.rest is not None:
            breaker.mark_down(name, reason=str(error), rest=error.rest, now=timezone.now())
        raise
    if failing:
        breaker.mark_well(name)
    unit = Unit.TEMPLATE if outgoing.template else Unit.FREE_TEXT
    cost = prices.cost(unit, gateway.name, outgoing.number)
    return SendResult(provider=gateway.name, provider_id=provider_id, parts=1, cost=cost)
