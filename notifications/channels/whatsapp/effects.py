"""What an error of a provider does beyond the one message."""

import logging
from datetime import datetime

from notifications.channels.whatsapp.gateway import Effect, Template
from notifications.channels.whatsapp.refusals import refuse
from notifications.channels.whatsapp.templates import State, mark
from notifications.signals import opted_out_at_provider

logger = logging.getLogger(__name__)

_STATES = {Effect.PAUSED: State.PAUSED, Effect.REJECTED: State.REJECTED}


def take(
    effect: Effect,
    *,
    provider: str,
    user_id: int,
    number: str,
    template: Template | None,
    said: str,
    sent_at: datetime,
    now: datetime,
) -> None:
    """Leave a number alone that isn't there, stop here what somebody stopped there, and show staff a template that
    isn't to be used. `sent_at` is when the message was sent of which it was said.
    """
    if effect is Effect.NOT_THERE:
        refuse(user_id, number, now=now)
    elif effect is Effect.STOPPED:
        _stop(user_id, provider, sent_at, now)
    elif template:
        approved = {"state": State.APPROVED}
        mark(template.name, template.language, state=_STATES[effect], problem=said, only=approved)


def _stop(user_id: int, provider: str, sent_at: datetime, now: datetime) -> None:
    told = opted_out_at_provider.send_robust(
        take, user_id=user_id, channel="whatsapp", provider=provider, sent_at=sent_at, now=now
    )
    for _receiver, error in told:
        if isinstance(error, Exception):
            logger.error("That somebody told a provider to stop can't be kept.", exc_info=error)
