"""What a provider says later of a message that it took."""

import logging
from datetime import datetime

from notifications.channels.sms.gateway import Receipt
from notifications.models import Delivery
from notifications.work import plan

logger = logging.getLogger(__name__)

State = Delivery.State


def note(provider: str, receipt: Receipt, *, now: datetime) -> bool:
    """Write it down; whether it is news.

    What arrived has arrived: no later receipt makes it anything else. What a worker is sending again by now waits for
    the receipt of that. What didn't arrive makes room for the next step of its message's plan. Receipts of what isn't a
    delivery, such as our answers to an SMS, are not news.
    """
    rows = Delivery.objects.filter(channel="sms", provider=provider, provider_id=receipt.provider_id)
    if receipt.delivered:
        changed = rows.filter(state__in=(State.SENT, State.FAILED)).update(
            state=State.DELIVERED, delivered_at=now, error=""
        )
    else:
        changed = rows.filter(state=State.SENT).update(
            state=State.FAILED, error=f"It didn't reach the phone: {receipt.reason}"[:1000]
        )
        if changed:
            plan.advance(list(rows.values_list("pk", flat=True)), now=now)
            logger.warning("An SMS by %(provider)s didn't reach the phone.", {"provider": provider})
    return bool(changed)
