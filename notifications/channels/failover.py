"""One message through the first provider that takes it, of whichever channel.

A provider in trouble is passed over by all processes from its first failure on, and tried again by one message every
five minutes.
"""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

from django.utils import timezone

from notifications.channels import breaker
from notifications.channels.gateways import GatewayError
from notifications.exceptions import ChannelError

logger = logging.getLogger(__name__)

HandOver = Callable[[str], str]
"""Hands the message to the provider of that name; gives the provider's id for it. Raises GatewayError."""


def first_that_takes(
    names: Iterable[str],
    hand_over: HandOver,
    *,
    nobody: str,
    prefix: str = "",
    tells_within: timedelta | None = None,
) -> tuple[str, str]:
    """The name of the first of these providers that took it, and its id for the message.

    `prefix` tells providers of the same name apart that do something else. Raises ChannelError: permanent when the
    number or the text is to blame; else, beginning with the words `nobody`, when none took it. With `tells_within` one
    that may have taken it has so long to tell us, before any is asked again.
    """
    ours = {f"{prefix}{name}": name for name in names}
    failing = breaker.down(ours)
    errors: list[GatewayError] = []
    for known_as in breaker.in_order(ours, failing, now=timezone.now()):
        try:
            provider_id = handed_over(known_as, partial(hand_over, ours[known_as]))
        except GatewayError as error:
            if error.permanent:
                raise
            if error.rest is not None:
                breaker.mark_down(known_as, reason=str(error), rest=error.rest, now=timezone.now())
            if error.in_doubt and tells_within is not None:
                raise ChannelError(
                    f"{nobody} ({ours[known_as]}): {error}",
                    permanent=False,
                    retry_after=tells_within,
                    may_have_it=ours[known_as],
                ) from error
            errors.append(error)
            continue
        if known_as in failing:
            breaker.mark_well(known_as)
        return ours[known_as], provider_id
    waits = [error.retry_after for error in errors if error.retry_after is not None]
    raise ChannelError(
        f"{nobody} ({', '.join(ours.values())}): " + " ".join(str(error) for error in errors),
        permanent=False,
        # Only where all of them asked for time.
        retry_after=min(waits) if len(waits) == len(errors) else None,
    )


def handed_over(known_as: str, send: Callable[[], str]) -> str:
    """Hand a message to the provider that is known so, and log how that went: neither to whom nor what. Gives the
    provider's id for it. Raises GatewayError.
    """
    began = time.monotonic()
    outcome = "failed"
    try:
        provider_id = send()
        outcome = "taken"
    except GatewayError as error:
        outcome = "refused" if error.permanent else "failed"
        raise
    finally:
        took = round((time.monotonic() - began) * 1000)
        logger.info(
            "A message by %(provider)s: %(outcome)s after %(ms)d ms.",
            {"provider": known_as, "outcome": outcome, "ms": took},
        )
    return provider_id
