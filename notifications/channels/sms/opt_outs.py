"""A provider says that somebody told it to stop: whoever has that number gets no more SMS from us."""

import logging
from datetime import datetime

from notifications.channels.sms.numbers import owner_of
from notifications.signals import opted_out_at_provider

logger = logging.getLogger(__name__)


def number_opted_out(provider: str, number: str, *, sent_at: datetime, now: datetime) -> None:
    """Tell whoever keeps what people want, and when the message was sent of which it says that. What goes wrong there
    is logged, and keeps nobody else from their SMS.
    """
    user_id = owner_of(number)
    if user_id is None:
        return
    logger.info("Somebody told %(provider)s to stop.", {"provider": provider})
    told = opted_out_at_provider.send_robust(
        number_opted_out, user_id=user_id, channel="sms", provider=provider, sent_at=sent_at, now=now
    )
    for _receiver, error in told:
        if isinstance(error, Exception):
            logger.error("That somebody told a provider to stop can't be kept.", exc_info=error)
