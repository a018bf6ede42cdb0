"""What a provider says later of a message that it took, by whichever channel."""

import logging
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from notifications.channels import registry
from notifications.costs.charges import charges
from notifications.costs.sums import Paid, add
from notifications.exceptions import ChannelError
from notifications.models import Delivery, EarlyReceipt
from notifications.models.delivery import SAYS_NOTHING
from notifications.models.early_receipt import ALL
from notifications.types import SendResult
from notifications.work import plan
from notifications.work.retry_policy import site_policy

logger = logging.getLogger(__name__)

State = Delivery.State


class Outcome(StrEnum):
    """What became of a message: it is there, somebody has read it, or it isn't there and won't be."""

    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider says of the message that it calls `provider_id`; `reason` is its own word for a failure.

    `again_after` is how long to wait at least until a message that failed is sent once more; None where that would be
    in vain. With a `delivery_id` it is about that one alone of several that are one message.
    """

    provider_id: str
    outcome: Outcome
    reason: str = ""
    again_after: timedelta | None = None
    delivery_id: int | None = None


TAKEN = "taken"
"""The outcome of what is kept of a message that its provider has while we wait for that answer: under our name for it,
with the provider's as its reason.
"""
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
    of a larger transaction. What a worker has in hand again by now waits for the receipt of that.
    """
    if _apply(channel, provider, receipt, at=now):
        return True
    name = {"channel": channel, "provider": provider, "provider_id": receipt.provider_id}
    if Delivery.objects.filter(**name).exists():
        return False
    kept, is_new = EarlyReceipt.objects.get_or_create(
        **name,
        outcome=receipt.outcome.value,
        delivery_id=receipt.delivery_id or ALL,
        defaults={"reason": receipt.reason, "again_after": receipt.again_after, "received_at": now},
    )
    # Its sending may have been written down in between, before there was anything to find.
    if is_new and _apply(channel, provider, receipt, at=now):
        EarlyReceipt.objects.filter(pk=kept.pk).delete()
    return is_new


def sent_not_before(channel: str, provider: str, receipt: Receipt | None, *, now: datetime) -> datetime:
    """When the message of a receipt that comes now was sent; where that is unknown, since when it must have been."""
    rows = Delivery.objects.filter(channel=channel, provider=provider, sent_at__isnull=False)
    sent = rows.filter(provider_id=receipt.provider_id).order_by() if receipt else rows.none()
    return sent.values_list("sent_at", flat=True).first() or now - SAYS_WITHIN


def apply_kept(channel: str, sent: Iterable[SendResult], keys: Iterable[str] = ()) -> None:
    """Write down what was said of these messages, which we call `keys`, before their sending was. One query where
    nothing was.
    """
    names = {(each.provider, each.provider_id) for each in sent}
    ours = set(keys)
    rows = EarlyReceipt.objects.filter(
        channel=channel, provider_id__in={id_ for _provider, id_ in names} | ours
    )
    kept = [
        row
        for row in rows.order_by("id")
        if (row.provider, row.provider_id) in names or row.provider_id in ours
    ]
    for row in kept:
        if row.outcome == TAKEN:
            continue  # which is known now
        receipt = Receipt(
            row.provider_id,
            Outcome(row.outcome),
            str(row.reason),
            row.again_after,
            None if row.delivery_id == ALL else row.delivery_id,
        )
        _apply(channel, row.provider, receipt, at=row.received_at)
    if kept:
        EarlyReceipt.objects.filter(id__any_of=[row.pk for row in kept]).delete()


def taken_after_all(channel: str, key: str, provider: str, provider_id: str, *, now: datetime) -> bool:
    """A provider has a message that we call `key` (`Message.key`), and tells us so by that name. If it was in doubt,
    because its answer got lost (`ChannelError.may_have_it`), nobody gets it once more; whether it was.

    While the answer is waited for still, this is kept until it is there, or in doubt (`settle_doubt`). What a worker
    has in hand again by now is left to that one. Three queries where nothing was in doubt, four for a digest.
    """
    ids = _named(channel, key)
    if not ids:
        return False
    if _was_taken(channel, ids, provider, provider_id, now):
        return True
    if not Delivery.objects.filter(pk__in=ids, state=State.SENDING).exists():
        return False
    EarlyReceipt.objects.get_or_create(
        channel=channel,
        provider=provider,
        provider_id=key,
        outcome=TAKEN,
        delivery_id=ALL,
        defaults={"reason": provider_id, "received_at": now},
    )
    # The doubt may have been written down in between.
    return settle_doubt(channel, [key], now=now) > 0


def settle_doubt(channel: str, keys: Iterable[str], *, now: datetime) -> int:
    """Of these messages, which are in doubt now, count those as sent of which their provider has told us already. How
    many; one query where there are none.
    """
    settled = 0
    for kept in EarlyReceipt.objects.filter(channel=channel, provider_id__in=list(keys), outcome=TAKEN):
        ids = _named(channel, kept.provider_id)
        settled += _was_taken(channel, ids, kept.provider, str(kept.reason), now)
    return settled


def _was_taken(channel: str, ids: Sequence[int], provider: str, provider_id: str, now: datetime) -> bool:
    """Write down that these rows, which are one message, were sent if that was in doubt; whether it was."""
    doubtful = Delivery.objects.filter(_IN_DOUBT, pk__in=ids, provider=provider, provider_id="")
    first = doubtful.select_related("notification").order_by("pk").first()
    if first is None:
        return False
    way = registry.outside().get(channel)
    answer = SendResult(provider, provider_id, parts=1, cost=way.price(first, now=now) if way else None)
    sent = {
        "state": State.SENT,
        "provider_id": provider_id,
        "sent_at": now,
        "finished_at": now,
        "error": "",
    }
    with transaction.atomic():
        taken = doubtful.filter(pk=first.pk).update(**sent, **charges(answer))
        if taken:
            doubtful.update(**sent)
            paid = Paid(first.scope_id, first.notification.category, channel, answer.parts, answer.cost)
            add([paid], now=now)
    apply_kept(channel, [answer])
    return bool(taken)


_IN_DOUBT = Q(state=State.RETRY, lease_owner="") | Q(state=State.FAILED)


def _named(channel: str, key: str) -> list[int]:
    """The deliveries that are the message of this key: one, or those of a digest."""
    number = key.removeprefix("medguard-")
    if not number.isdecimal():
        return []
    rows = Delivery.objects.filter(channel=channel)
    first = rows.filter(pk=number).values_list("pk", "notification__recipient_id", "digest").first()
    if first is None:
        return []
    id_, person, digest = first
    if digest is None:
        return [id_]
    return list(rows.filter(notification__recipient_id=person, digest=digest).values_list("pk", flat=True))


_ON_ITS_WAY = Q(state__in=(State.SENT, State.FAILED)) | Q(state=State.RETRY, lease_owner="")
"""What may yet arrive: also what waits to be sent once more, as long as nobody has begun with that."""


def _apply(channel: str, provider: str, receipt: Receipt, *, at: datetime) -> bool:
    """Write it down in the deliveries that it is about; whether that changed any. What was read needs no further step
    of its message's plan.
    """
    rows = Delivery.objects.filter(channel=channel, provider=provider, provider_id=receipt.provider_id)
    if receipt.delivery_id:
        rows = rows.filter(pk=receipt.delivery_id)
    there = {
        "state": State.DELIVERED,
        "delivered_at": Coalesce("delivered_at", at),
        "finished_at": Coalesce("finished_at", at),
        "error": "",
        "reason": "",
    }
    match receipt.outcome:
        case Outcome.DELIVERED:
            return bool(rows.filter(_ON_ITS_WAY).update(**there))
        case Outcome.READ:
            unread = rows.filter(_ON_ITS_WAY | Q(state=State.DELIVERED), read_at=None)
            with transaction.atomic():
                changed = unread.update(**there, read_at=at)
                if changed:
                    plan.end(list(rows.values_list("notification_id", flat=True)), now=at)
            return bool(changed)
        case Outcome.FAILED:
            return _failed(channel, provider, rows, receipt, at)


def _failed(channel: str, provider: str, rows: QuerySet[Delivery], receipt: Receipt, at: datetime) -> bool:
    """Send it once more where that may help, as whatever a provider refuses for the moment; else make room for the next
    step of its message's plan.

    The rows of a digest are one message, and go on as one.
    """
    failed = rows.filter(state=State.SENT)
    lost = list(failed.select_related("notification").order_by("pk"))
    if not lost:
        return False
    said = f"It didn't reach the phone: {receipt.reason}"[:1000]
    again = _again(lost, receipt, said, at)
    if again is None:
        changes: dict[str, Any] = {"state": State.FAILED}
    else:
        changes = {
            "state": State.RETRY,
            "finished_at": None,
            "due_at": again,
            "failures": F("failures") + 1,
            # What was reserved for it is spent.
            "reserved": None,
        }
    changed = failed.update(error=said, **changes)
    if changed and again is None:
        plan.advance([row.pk for row in lost], now=at)
        logger.warning(
            "A message by %(channel)s through %(provider)s didn't reach the phone.",
            {"channel": channel, "provider": provider},
        )
    return bool(changed)


def _again(lost: Sequence[Delivery], receipt: Receipt, said: str, at: datetime) -> datetime | None:
    """When these rows, which are one message, are sent once more; None where that would be in vain, or too late."""
    sent_at, ends = lost[0].sent_at, [row.notification.valid_until for row in lost]
    is_old = sent_at is None or sent_at <= at - SAYS_WITHIN
    if receipt.again_after is None or is_old or any(not row.body or not row.address for row in lost):
        return None
    return site_policy().next_attempt(
        failures=max(row.failures for row in lost) + 1,
        error=ChannelError(said, permanent=False, retry_after=receipt.again_after),
        now=at,
        valid_until=None if None in ends else max(end for end in ends if end is not None),
        random=random.random(),
    )
