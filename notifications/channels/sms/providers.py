"""One SMS through the first provider that takes it.

A provider in trouble is passed over by all processes from its first failure on, and tried again by one message every
five minutes. Whether a provider that didn't answer in time has sent the message, nobody knows; the next one sends it
all the same: a reminder that comes twice is better than none (docs/decisions/0020-an-sms-rather-twice-than-never.md).
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import requests
from django.utils import timezone

from notifications.channels import breaker
from notifications.channels.gateways import GatewayError
from notifications.channels.idle import Idle
from notifications.channels.rate_limit import wait_for_slot
from notifications.channels.sms.gateway import Gateway, Sms
from notifications.channels.sms.gateways.registry import in_use
from notifications.channels.sms.opt_outs import number_opted_out
from notifications.costs.prices import Prices
from notifications.exceptions import ChannelError
from notifications.texts.sms_parts import measure
from notifications.types import SendResult

logger = logging.getLogger(__name__)

SendSms = Callable[[Sms], SendResult]


_idle = Idle[requests.Session](requests.Session.close)


@contextmanager
def session() -> Iterator[SendSms]:
    """For several messages: connections stay open between them, and for the next session."""
    http = _idle.take() or requests.Session()
    try:
        yield partial(_send, http, Prices.read(timezone.localdate()))
    finally:
        _idle.leave(http)


def send_sms(sms: Sms) -> SendResult:
    """Send one message now. Takes up to `settings.SMS_TIMEOUT` seconds and a few for each provider.

    Raises ChannelError: permanent when the number takes no SMS, else when no provider took it.
    """
    with session() as send:
        return send(sms)


def _send(http: requests.Session, prices: Prices, sms: Sms) -> SendResult:
    gateways = in_use()
    failing = breaker.down(gateways)
    errors: list[GatewayError] = []
    for name in breaker.in_order(gateways, failing, now=timezone.now()):
        try:
            provider_id = _try(http, gateways[name], sms)
        except GatewayError as error:
            if error.opted_out:
                number_opted_out(name, sms.number, now=timezone.now())
            if error.permanent:
                raise
            if error.rest is not None:
                breaker.mark_down(name, reason=str(error), rest=error.rest, now=timezone.now())
            errors.append(error)
            continue
        if name in failing:
            breaker.mark_well(name)
        parts = measure(sms.text).parts
        return SendResult(name, provider_id, parts, prices.cost(name, sms.number, parts))
    raise _nobody(list(gateways), errors)


def _try(http: requests.Session, gateway: Gateway, sms: Sms) -> str:
    """Hand it over at the provider's pace, and log how that went: neither to whom nor what."""
    wait_for_slot(gateway.name)
    began = time.monotonic()
    outcome = "failed"
    try:
        provider_id = gateway.send(http, sms)
        outcome = "taken"
    except GatewayError as error:
        outcome = "refused" if error.permanent else "failed"
        raise
    finally:
        logger.info(
            "SMS by %(provider)s: %(outcome)s after %(ms)d ms.",
            {
                "provider": gateway.name,
                "outcome": outcome,
                "ms": round((time.monotonic() - began) * 1000),
            },
        )
    return provider_id


def _nobody(names: Sequence[str], errors: Sequence[GatewayError]) -> ChannelError:
    waits = [error.retry_after for error in errors if error.retry_after is not None]
    return ChannelError(
        f"No SMS provider took it ({', '.join(names)}): " + " ".join(str(error) for error in errors),
        permanent=False,
        # Only where all of them asked for time.
        retry_after=min(waits) if len(waits) == len(errors) else None,
    )
