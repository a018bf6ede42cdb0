"""One call through the first provider that places it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import requests
from django.conf import settings
from django.utils import timezone

from notifications.channels.failover import first_that_takes
from notifications.channels.gateways import TELLS_WITHIN
from notifications.channels.idle import Idle
from notifications.channels.rate_limit import wait_for_slot
from notifications.channels.voice import script
from notifications.channels.voice.gateway import Call
from notifications.channels.voice.gateways.registry import in_use
from notifications.costs.prices import Prices
from notifications.exceptions import ChannelError
from notifications.types import SendResult

PlaceCall = Callable[[Call, script.Clips], SendResult]
"""Has a number called, with what is recorded. Raises ChannelError."""

AMONG_OTHERS = "voice-"
"""Begins their names among those of all providers: a company's SMS may work while its calls don't."""
_idle = Idle[requests.Session](requests.Session.close)


@contextmanager
def session() -> Iterator[PlaceCall]:
    """For several calls: connections stay open between them, and for the next session."""
    http = _idle.take() or requests.Session()
    try:
        yield partial(_place, http, Prices.read(timezone.localdate()))
    finally:
        _idle.leave(http)


def _place(http: requests.Session, prices: Prices, call: Call, recorded: script.Clips) -> SendResult:
    gateways = in_use()
    lacking = {
        name: script.missing(call.event_types, call.language, recorded=recorded, voices=each.voices)
        for name, each in gateways.items()
    }
    able = [name for name in gateways if not lacking[name]]
    if not able:
        texts = ", ".join(sorted({text for each in lacking.values() for text in each}))
        raise ChannelError(
            f"Not recorded in “{call.language}”, and no provider has a voice for it: {texts}.", permanent=True
        )

    def hand_over(name: str) -> str:
        wait_for_slot(f"{AMONG_OTHERS}{name}", settings.VOICE_PER_SECOND.get(name))
        return gateways[name].place(http, call)

    name, provider_id = first_that_takes(
        able,
        hand_over,
        nobody="No provider placed the call",
        prefix=AMONG_OTHERS,
        tells_within=TELLS_WITHIN,
    )
    cost = prices.placed(name, call.number)
    return SendResult(provider=name, provider_id=provider_id, parts=1, cost=cost)
