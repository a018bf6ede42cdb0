"""Dealing with what people send us: what each message means is done first, for all of them; then they are answered."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from notifications.channels import registry as channels
from notifications.costs.sums import Paid, add
from notifications.encryption.cipher import is_unreadable
from notifications.exceptions import ChannelError, UnreadableError
from notifications.models import InboundMessage, Spending
from notifications.replies.interpretation import carry_out
from notifications.types import Reason
from notifications.work.clock import Clock
from notifications.work.leases import claim, count_due
from notifications.work.retry_policy import site_policy
from notifications.work.sweep import Unfinished, one_worker, register
from notifications.work.wakeups import Wakeup

logger = logging.getLogger(__name__)

REPLY_WITHIN = timedelta(minutes=15)
"""A reply that comes later than this puzzles more than it helps."""
_NOT_INTERPRETED: dict[str, Any] = {"interpretation": ""}
_INTERPRETED: dict[str, Any] = {"interpretation__gt": ""}


def interpret_next(*, now: datetime) -> bool:
    """Deal with the oldest message that waits, once; False when there is none. It calls nobody, so it takes no time."""
    taken = claim(InboundMessage, now=now, limit=1, **_NOT_INTERPRETED)
    if not taken:
        return False
    row = InboundMessage.objects.get(pk=taken.ids[0])
    try:
        carry_out(row)
    except Exception as error:
        logger.exception("Message %(message)s can't be dealt with.", {"message": row.pk})
        taken.fail(error, site_policy(), failures=row.failures)
    else:
        if row.reply:
            taken.release(taken.ids)
        else:
            taken.finish(state=InboundMessage.State.DONE, error="")
    return True


def has_replies(*, now: datetime) -> bool:
    """Whether a reply waits to be sent."""
    return count_due(InboundMessage, now=now, **_INTERPRETED) > 0


def reply_until(over: float, *, clock: Clock) -> bool:
    """Send replies until that monotonic time, one at least; whether there was any."""
    replied = False
    while reply_next(now=clock()):
        replied = True
        if time.monotonic() >= over:
            break
    return replied


def reply_next(*, now: datetime) -> bool:
    """Send the reply that has waited longest; False when there is none."""
    taken = claim(InboundMessage, now=now, limit=1, **_INTERPRETED)
    if not taken:
        return False
    row = InboundMessage.objects.get(pk=taken.ids[0])
    if now - row.received_at > REPLY_WITHIN:
        taken.finish(state=InboundMessage.State.DONE, reason=Reason.REPLY_TOO_LATE, error="")
        return True
    try:
        error, paid = _reply(row)
    except ChannelError as failure:
        taken.fail(failure, site_policy(), failures=row.failures)
    except Exception as failure:
        logger.exception("Message %(message)s can't be answered.", {"message": row.pk})
        taken.fail(failure, site_policy(), failures=row.failures)
    else:
        with transaction.atomic():
            taken.finish(state=InboundMessage.State.DONE, error=error)
            add(paid, now=now)
    return True


def _reply(row: InboundMessage) -> tuple[str, list[Paid]]:
    """Send the reply by the way it came, if there is one; why it wasn't sent, or what it costs. Raises ChannelError
    when it is worth another try.
    """
    channel = channels.outside().get(row.channel)
    if not row.reply or channel is None:
        return "", []
    if is_unreadable(row.reply) or is_unreadable(row.sender):
        raise UnreadableError(f"InboundMessage {row.pk}")
    try:
        sent = channel.reply(f"medguard-answer-{row.pk}", row.sender, row.reply)
    except ChannelError as error:
        if not error.permanent:
            raise
        # Twilio, for one, lets nothing through any more after a STOP, and answers it itself.
        return str(error)[:1000], []
    return "", [Paid(row.scope_id, Spending.Kind.REPLY, row.channel, sent.parts, sent.cost)]


register(
    Unfinished(
        Wakeup.ANSWER_SMS, one_worker(lambda now: count_due(InboundMessage, now=now) > 0), InboundMessage
    )
)
