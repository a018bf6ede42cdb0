"""One SMS through the first provider that takes it.

A provider in trouble is passed over by all processes from its first failure on, and tried again by one message every
five minutes. Whether a provider that didn't answer in time has sent the message, nobody knows; the next one sends it
all the same: a reminder that comes twice is better than none (docs/decisions/0020-an-sms-rather-twice-than-never.md).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import requests
from django.conf import settings
from django.utils import timezone

from notifications.channels.failover import first_that_takes
from notifications.channels.gateways import GatewayError
from notifications.channels.idle import Idle
from notifications.channels.rate_limit import wait_for_slot
from notifications.channels.sms.gateway import Sms
from notifications.channels.sms.gateways.registry import in_use
from notifications.channels.sms.opt_outs import number_opted_out
from notifications.costs.prices import Prices
from notifications.rules.prices import Unit
from notifications.texts.sms_parts import measure
from notifications.types import SendResult

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

    def hand_over(name: str) -> str:
        wait_for_slot(name, settings.SMS_PER_SECOND.get(name))
        try:
            return gateways[name].send(http, sms)
        except GatewayError as error:
            if error.opted_out:
                now = timezone.now()
                number_opted_out(name, sms.number, sent_at=now, now=now)
            raise

    name, provider_id = first_that_takes(gateways, hand_over, nobody="No SMS provider took it")
    parts = measure(sms.text).parts
    return SendResult(name, provider_id, parts, prices.cost(Unit.SMS_PART, name, sms.number, parts))
