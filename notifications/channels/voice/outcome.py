"""What became of a call: somebody heard the message, or nobody did, and they are called again."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy

from notifications.channels.receipts import Outcome, Receipt, note, taken_after_all
from notifications.channels.voice.gateways.registry import GATEWAYS
from notifications.costs.prices import Prices
from notifications.costs.sums import Paid, add
from notifications.exceptions import ChannelError
from notifications.models import Delivery
from notifications.rules.prices import Unit, minutes_begun
from notifications.rules.retries import RetryPolicy
from notifications.types import Reason
from notifications.work import plan
from notifications.work.periodic import periodic_task

logger = logging.getLogger(__name__)

State = Delivery.State

CHANNEL = "voice"
CALLS_AGAIN = RetryPolicy((timedelta(minutes=15),) * 2, jitter=0)
"""When somebody is called again who didn't answer: three calls in all, and none that would be too late."""
SILENCE = timedelta(minutes=10)
"""A call is over by then, whatever the provider says; so one that it has said nothing about counts as not answered."""
FORGOTTEN = timedelta(days=2)
"""What is older than this was seen by an earlier round."""
AT_ONCE = 200


def placed(provider: str, provider_id: str, key: str = "") -> list[Delivery]:
    """The messages of this call, the most urgent first; none for a call that we don't know, or have placed anew since.

    Who picks up at once may be faster than our own note that the call was placed: then its `key` (`Message.key`)
    names it.
    """
    known = _rows(provider=provider, provider_id=provider_id)
    if known:
        return known
    number = key.removeprefix("medguard-")
    if not number.isdecimal():
        return []
    first = Delivery.objects.filter(pk=number, channel=CHANNEL)
    person, digest = first.values_list("notification__recipient_id", "digest").first() or (None, None)
    if digest is None:
        return _rows(pk=number, state=State.SENDING) if person else []
    return _rows(notification__recipient_id=person, digest=digest, state=State.SENDING)


def placed_after_all(provider: str, provider_id: str, key: str, *, now: datetime) -> bool:
    """There is a call of this key, though its provider's answer when it was placed got lost; whether that was so."""
    return taken_after_all(CHANNEL, key, provider, provider_id, now=now)


def _rows(**which: object) -> list[Delivery]:
    rows = Delivery.objects.filter(channel=CHANNEL, **which).select_related("notification")
    return sorted(rows, key=lambda row: (-row.notification.priority, row.pk))


def heard(row: Delivery, provider: str, provider_id: str, *, now: datetime) -> bool:
    """Its message was played, in the call that its provider calls so, to somebody who asked for it; whether that is
    news. What is heard before our own note that the call was placed counts as soon as that is written.
    """
    return note(CHANNEL, provider, Receipt(provider_id, Outcome.READ, delivery_id=row.pk), now=now)


def ended(provider: str, provider_id: str, reason: str, *, now: datetime) -> int:
    """The call is over: who didn't hear a message is called again for it, or it has failed. How many messages.

    The same end twice changes nothing: the first has made something else of them.
    """
    rows = Delivery.objects.filter(channel=CHANNEL, provider=provider, provider_id=provider_id)
    return sum(
        _not_heard(row, reason, now=now)
        for row in rows.filter(state=State.SENT).select_related("notification")
    )


def charged(provider: str, provider_id: str, seconds: int) -> None:
    """What the minutes of a call cost, once its provider has said how long it was: on the message that was charged for
    when it was placed, and in the sums of that month. Told again, it changes nothing.
    """
    rows = Delivery.objects.filter(
        channel=CHANNEL, provider=provider, provider_id=provider_id, sendings__gt=0, seconds=None
    )
    row = rows.select_related("notification").first()
    if row is None or row.sent_at is None or not seconds:
        return
    prices = Prices.read(timezone.localdate(row.sent_at))
    cost = prices.cost(Unit.MINUTE, provider, str(row.address), minutes_begun(seconds))
    added = {"cost": Coalesce("cost", Decimal(0)) + cost} if cost is not None else {}
    paid = Paid(
        row.scope_id, row.notification.category, CHANNEL, parts=0, cost=cost or Decimal(0), messages=0
    )
    with transaction.atomic():
        if rows.filter(pk=row.pk).update(seconds=seconds, **added):
            add([paid], now=row.sent_at)


def settle_silent(*, now: datetime) -> int:
    """End the calls about which their provider has said nothing; how many messages. One query to find them.

    One that can't be settled is logged and left, and the others are.
    """
    tell = [name for name, gateway in GATEWAYS.items() if gateway.tells]
    silent = Delivery.objects.filter(
        channel=CHANNEL,
        finished_at__range=(now - FORGOTTEN, now - SILENCE),
        state=State.SENT,
        provider__in=tell,
    )
    return sum(_settled(_first(silent), now))


def _first(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return rows.select_related("notification").order_by("finished_at")[:AT_ONCE]


def _settled(rows: Iterable[Delivery], now: datetime) -> Iterable[bool]:
    for row in rows:
        try:
            yield _not_heard(row, "nothing was said of it", now=now)
        except Exception:
            logger.exception("The call of delivery %(delivery)s can't be settled.", {"delivery": row.pk})


def _not_heard(row: Delivery, reason: str, *, now: datetime) -> bool:
    """Call again when it is time, or make room for the next step of its message's plan; whether this was news."""
    said = f"Nobody heard it: {reason}"[:1000]
    again = CALLS_AGAIN.next_attempt(
        failures=row.failures + 1,
        error=ChannelError(said, permanent=False),
        now=now,
        valid_until=row.notification.valid_until,
        random=0.5,
    )
    waiting = Delivery.objects.filter(pk=row.pk, state=State.SENT, provider_id=row.provider_id)
    if again is None:
        changes = {"state": State.FAILED, "finished_at": now, "reason": Reason.NOT_ANSWERED}
    else:
        # What was reserved for it is spent.
        changes = {"state": State.RETRY, "finished_at": None, "due_at": again, "reserved": None}
    is_news = bool(waiting.update(failures=F("failures") + 1, error=said, **changes))
    if is_news and again is None:
        plan.advance([row.pk], now=now)
    return is_news


@periodic_task(
    "Calls without an end",
    cron="*/5 * * * *",
    label=gettext_lazy("Settle calls that nobody told us the end of"),
)
def settle_silent_calls(slot: datetime) -> str:
    return f"{settle_silent(now=slot)} settled"
