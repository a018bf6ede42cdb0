"""Messages out of the house, by one channel at a time."""

import logging
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, Value, When
from django.utils import timezone

from notifications import registry
from notifications.channels import registry as channels
from notifications.channels.base import Channel, Send
from notifications.exceptions import ChannelError
from notifications.models import Delivery, Notification
from notifications.pipeline.lease import Claim, claim, due
from notifications.retries import RetryPolicy
from notifications.types import Message, Priority

logger = logging.getLogger(__name__)

TURN = 2.0
"""Seconds that one batch may take; the rest is given back. So a worker that is told to stop does, in time."""
FRESH = 0.5
"""Seconds for which the answer to “does it still hold?” is good."""
NO_LONGER_HOLDS = "It no longer held when it was to be sent."
TOO_LATE = "Its time had passed when it was to be sent."


@dataclass(slots=True)
class Delivered:
    """What one round did: how many deliveries it took, and when the first to be tried again is due."""

    taken: int = 0
    sent: int = 0
    next_due: datetime | None = None


def deliver(channel_name: str, *, now: datetime) -> Delivered:
    """Send the next due messages of a channel, most urgent first; `taken` is 0 when there are none.

    Nothing is locked while sending. Each outcome is written down before the next message goes, so that a worker
    that dies leaves at most one message in doubt.
    """
    channel = channels.outside()[channel_name]
    taken = claim(Delivery, now=now, limit=channel.batch_size, channel=channel_name)
    result = Delivered(taken=len(taken.ids))
    if taken:
        rows = (
            Delivery.objects.filter(id__any_of=taken.ids)
            .select_related("notification")
            .order_by(*Delivery.ORDER)
        )
        _Round(channel, taken, result).run(_still_wanted(taken, list(rows)))
    return result


def has_due(channel_name: str, *, now: datetime) -> bool:
    """Whether anything waits for this channel now."""
    return Delivery.objects.filter(due(Delivery, now), channel=channel_name).exists()


@dataclass(slots=True)
class _Round:
    """One batch on its way through one channel."""

    channel: Channel
    taken: Claim
    result: Delivered

    def run(self, rows: Sequence[Delivery]) -> None:
        waiting = list(rows)
        checked = time.monotonic()
        if not waiting:
            return
        try:
            with self.channel.session() as send:
                # Counted from here, so that each round sends something, however long the server takes to answer.
                over = time.monotonic() + TURN
                while waiting and self._has_time(waiting):
                    if time.monotonic() >= over:
                        self._give_back(waiting)
                        return
                    if time.monotonic() - checked >= FRESH:
                        # A slow server gave people the time to answer.
                        waiting = _still_wanted(self.taken, waiting)
                        checked = time.monotonic()
                        continue
                    self._send(send, waiting.pop(0))
        except ChannelError as error:
            # The session itself failed: none of the rest could even be tried.
            for row in waiting:
                self._set_back(row, error)

    def _give_back(self, waiting: Sequence[Delivery]) -> None:
        as_before = Case(
            When(failures__gt=0, then=Value(Delivery.State.RETRY)), default=Value(Delivery.State.PENDING)
        )
        self.taken.release([row.pk for row in waiting], state=as_before)

    def _has_time(self, waiting: Sequence[Delivery]) -> bool:
        """Whether the lease outlasts one more send; it is renewed when it wouldn't."""
        if timezone.now() + timedelta(seconds=self.channel.longest_send) < self.taken.until:
            return True
        ids = [row.pk for row in waiting]
        if not self.taken.renew(ids):
            return False
        self.taken = Claim(Delivery, self.taken.owner, tuple(ids), timezone.now() + Delivery.LEASE)
        return True

    def _send(self, send: Send, row: Delivery) -> None:
        try:
            sent = send(message(row))
        except ChannelError as error:
            self._set_back(row, error)
        except Exception as error:
            # A fault of ours in one message mustn't hold up the others.
            logger.exception("Delivery %s by %s failed.", row.pk, row.channel)
            self._set_back(row, ChannelError(f"{type(error).__name__}: {error}", permanent=False))
        else:
            self.result.sent += self.taken.finish(
                [row.pk],
                state=Delivery.State.SENT,
                sent_at=timezone.now(),
                provider=sent.provider,
                provider_id=sent.provider_id,
                error="",
            )

    def _set_back(self, row: Delivery, error: ChannelError) -> None:
        again = _policy().next_attempt(
            failures=row.failures + 1,
            error=error,
            now=timezone.now(),
            valid_until=row.notification.valid_until,
            random=random.random(),
        )
        said = str(error)[:1000]
        if again is None:
            # Not why: the answer may name the address. The row says it to who may see it.
            logger.warning("Delivery %s by %s failed for good.", row.pk, row.channel)
            self.taken.finish([row.pk], state=Delivery.State.FAILED, error=said, failures=row.failures + 1)
            return
        self.taken.postpone([row.pk], due_at=again, state=Delivery.State.RETRY, error=said)
        self.result.next_due = min(again, self.result.next_due or again)


def message(row: Delivery) -> Message:
    """What the channel is handed for this delivery."""
    notification = row.notification
    return Message(
        key=f"medguard-{row.pk}",
        address=row.address,
        subject=row.subject,
        body=row.body,
        language=notification.language,
        url=f"{settings.BASE_URL}/{notification.language}{notification.path or '/inbox/'}",
        priority=Priority(row.priority),
    )


def _still_wanted(taken: Claim, rows: Sequence[Delivery]) -> list[Delivery]:
    """Those that still make sense; the others are put away with the reason."""
    now = timezone.now()
    late = {row.pk for row in rows if row.notification.valid_until and row.notification.valid_until <= now}
    stale = _stale([row for row in rows if row.pk not in late])
    if late:
        taken.finish(late, state=Delivery.State.EXPIRED, error=TOO_LATE)
    if stale:
        taken.finish(stale, state=Delivery.State.CANCELLED, error=NO_LONGER_HOLDS)
    return [row for row in rows if row.pk not in late | stale]


def _stale(rows: Sequence[Delivery]) -> set[int]:
    """Ask each type, once, about all of its messages."""
    by_type: dict[str, list[Delivery]] = defaultdict(list)
    for row in rows:
        by_type[row.notification.event_type].append(row)
    stale = {row.pk for row in rows if row.notification.scheduled_status != Notification.Status.SENT}
    for name, group in by_type.items():
        event_type = registry.find(name)
        if event_type is None:
            continue
        data: list[dict[str, Any]] = [row.notification.data for row in group]
        answers = event_type.still_relevant(data)
        stale |= {row.pk for row, holds in zip(group, answers, strict=True) if not holds}
    return stale


def _policy() -> RetryPolicy:
    delays = tuple(timedelta(seconds=seconds) for seconds in settings.NOTIFICATION_RETRY_SECONDS)
    return RetryPolicy(delays=delays)
