"""What a provider says later of a message that it took, by whichever channel."""

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models.functions import Coalesce

from notifications.models import Delivery

logger = logging.getLogger(__name__)

State = Delivery.State


class Outcome(StrEnum):
    """What became of a message: it is there, somebody has read it, or it isn't there and won't be."""

    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider says of the message that it calls `provider_id`; `reason` is its own word for a failure."""

    provider_id: str
    outcome: Outcome
    reason: str = ""


def note(channel: str, provider: str, receipt: Receipt, *, now: datetime) -> bool:
    """Write it down; whether it is news.

    The order in which receipts come doesn't matter: what was read has arrived, and what arrived has arrived, whatever
    comes later. What a worker is sending again by now waits for the receipt of that. Receipts of what isn't a delivery,
    such as our answers to an SMS, are not news.
    """
    rows = Delivery.objects.filter(channel=channel, provider=provider, provider_id=receipt.provider_id)
    match receipt.outcome:
        case Outcome.DELIVERED:
            changed = rows.filter(state__in=(State.SENT, State.FAILED)).update(
                state=State.DELIVERED, delivered_at=now, error=""
            )
        case Outcome.READ:
            changed = rows.filter(state__in=(State.SENT, State.FAILED, State.DELIVERED), read_at=None).update(
                state=State.DELIVERED, delivered_at=Coalesce("delivered_at", now), read_at=now, error=""
            )
        case Outcome.FAILED:
            changed = rows.filter(state=State.SENT).update(
                state=State.FAILED, error=f"It didn't reach the phone: {receipt.reason}"[:1000]
            )
            if changed:
                logger.warning(
                    "A message by %(channel)s through %(provider)s didn't reach the phone.",
                    {"channel": channel, "provider": provider},
                )
    return bool(changed)
