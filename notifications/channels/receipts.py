"""What a provider says later of a message that it took, by whichever channel."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import or_

from django.db.models import Q
from django.db.models.functions import Coalesce

from notifications.channels import registry
from notifications.models import Delivery, EarlyReceipt
from notifications.models.delivery import SAYS_NOTHING
from notifications.types import SendResult

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


SAYS_WITHIN = timedelta(days=1)
"""By then a provider has said what became of a message, or it seldom will."""


def is_unconfirmed(delivery: Delivery, *, now: datetime) -> bool:
    """Whether it was sent a day ago or longer, and its provider, which would say so, hasn't said that it arrived."""
    if delivery.state != State.SENT or delivery.sent_at is None or delivery.sent_at > now - SAYS_WITHIN:
        return False
    channel = registry.outside().get(delivery.channel)
    return channel is not None and delivery.provider in channel.gives_receipts()


def unconfirmed(*, now: datetime) -> Q:
    """The deliveries of which `is_unconfirmed` is true."""
    reporting = [
        Q(channel=name, provider__in=sorted(providers))
        for name, channel in registry.outside().items()
        if (providers := channel.gives_receipts())
    ]
    told = reduce(or_, reporting, Q(pk__in=[]))
    return told & SAYS_NOTHING & Q(state=State.SENT, sent_at__lte=now - SAYS_WITHIN)


def note(channel: str, provider: str, receipt: Receipt, *, now: datetime) -> bool:
    """Write it down; whether it is news.

    The order in which receipts come doesn't matter: what was read has arrived, and what arrived has arrived, whatever
    comes later. One that comes before its sending is written down is kept until then (`apply_kept`), so this is no part
    of a larger transaction. What a worker is sending again by now waits for the receipt of that.
    """
    if _apply(channel, provider, receipt, at=now):
        return True
    name = {"channel": channel, "provider": provider, "provider_id": receipt.provider_id}
    if Delivery.objects.filter(**name).exists():
        return False
    kept, is_new = EarlyReceipt.objects.get_or_create(
        **name, outcome=receipt.outcome.value, defaults={"reason": receipt.reason, "received_at": now}
    )
    # Its sending may have been written down in between, before there was anything to find.
    if is_new and _apply(channel, provider, receipt, at=now):
        EarlyReceipt.objects.filter(pk=kept.pk).delete()
    return is_new


def apply_kept(channel: str, sent: Iterable[SendResult]) -> None:
    """Write down what was said of these messages before their sending was. One query where nothing was."""
    names = {(each.provider, each.provider_id) for each in sent}
    rows = EarlyReceipt.objects.filter(channel=channel, provider_id__in={id_ for _provider, id_ in names})
    kept = [row for row in rows.order_by("id") if (row.provider, row.provider_id) in names]
    for row in kept:
        receipt = Receipt(row.provider_id, Outcome(row.outcome), str(row.reason))
        _apply(channel, row.provider, receipt, at=row.received_at)
    if kept:
        EarlyReceipt.objects.filter(id__any_of=[row.pk for row in kept]).delete()


def _apply(channel: str, provider: str, receipt: Receipt, *, at: datetime) -> bool:
    """Write it down in the deliveries that it is about; whether that changed any."""
    rows = Delivery.objects.filter(channel=channel, provider=provider, provider_id=receipt.provider_id)
    match receipt.outcome:
        case Outcome.DELIVERED:
            changed = rows.filter(state__in=(State.SENT, State.FAILED)).update(
                state=State.DELIVERED, delivered_at=at, error=""
            )
        case Outcome.READ:
            changed = rows.filter(state__in=(State.SENT, State.FAILED, State.DELIVERED), read_at=None).update(
                state=State.DELIVERED, delivered_at=Coalesce("delivered_at", at), read_at=at, error=""
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
