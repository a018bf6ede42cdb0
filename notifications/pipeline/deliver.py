"""Messages out of the house, by one channel at a time."""

import logging
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, Value, When
from django.utils import timezone

from notifications.answers import offered
from notifications.channels import registry as channels
from notifications.channels.base import Channel, Send
from notifications.exceptions import ChannelError
from notifications.models import Delivery
from notifications.pipeline.lease import Claim, claim, count_due
from notifications.pipeline.relevance import overtaken
from notifications.retries import RetryPolicy
from notifications.types import Message, Priority, SendResult

logger = logging.getLogger(__name__)

TURN = 2.0
"""Seconds that one batch may take; the rest is given back. So a worker that is told to stop does, in time."""
FRESH = 0.5
"""Seconds for which the answer to “does it still hold?” is good."""


@dataclass(slots=True)
class Delivered:
    """What one round did: how many deliveries it took, and when the first to be tried again is due."""

    taken: int = 0
    sent: int = 0
    next_due: datetime | None = None


def deliver(channel_name: str, *, now: datetime) -> Delivered:
    """Send the next due messages of a channel, most urgent first; `taken` is 0 when there are none.

    Nothing is locked while sending. Each outcome is written down before the next message goes, so that a worker
    that dies leaves at most one message in doubt; a channel may ask for less (`Channel.acknowledge_each`).
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
    return count_due(Delivery, now=now, channel=channel_name) > 0


@dataclass(slots=True)
class _Round:
    """One batch on its way through one channel."""

    channel: Channel
    taken: Claim
    result: Delivered
    sent: list[tuple[int, SendResult]] = field(default_factory=list)
    """What is sent and not yet written down, with the provider's answers."""

    def run(self, rows: Sequence[Delivery]) -> None:
        waiting = list(rows)
        checked = time.monotonic()
        if not waiting:
            return
        try:
            with self.channel.session() as send:
                try:
                    self._send_all(send, waiting, checked)
                finally:
                    # Whatever ended it: what is sent is sent.
                    self._acknowledge()
        except ChannelError as error:
            # The session itself failed: none of the rest could even be tried.
            for row in waiting:
                self._set_back(row, error)

    def _send_all(self, send: Send, waiting: list[Delivery], checked: float) -> None:
        """Send one after the other, and take each off the list; `checked` is when all of them still held."""
        # Counted from here, so that each round sends something, however long the server takes to answer.
        over = time.monotonic() + TURN
        while waiting and self._has_time(waiting):
            if time.monotonic() >= over:
                self._give_back(waiting)
                waiting.clear()
            elif time.monotonic() - checked >= FRESH:
                # A slow server gave people the time to answer.
                self._acknowledge()
                waiting[:] = _still_wanted(self.taken, waiting)
                checked = time.monotonic()
            else:
                self._send(send, waiting.pop(0))
                if self.channel.acknowledge_each and not self._acknowledge():
                    # Another worker took it for dead, and so the others of this batch too, or will.
                    self._give_back(waiting)
                    waiting.clear()

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
            sent = send(message(row, with_answers=self.channel.takes_answers))
        except ChannelError as error:
            self._set_back(row, error)
        except Exception as error:
            # A fault of ours in one message mustn't hold up the others.
            logger.exception(
                "Delivery %(delivery)s by %(channel)s failed.", {"delivery": row.pk, "channel": row.channel}
            )
            self._set_back(row, ChannelError(f"{type(error).__name__}: {error}", permanent=False))
        else:
            self.sent.append((row.pk, sent))

    def _acknowledge(self) -> bool:
        """Write down what is sent, with one statement for all that were answered alike; False if any of it was lost."""
        sent = self.result.sent + len(self.sent)
        answered: dict[SendResult, list[int]] = defaultdict(list)
        for id_, answer in self.sent:
            answered[answer].append(id_)
        self.sent.clear()
        for answer, ids in answered.items():
            self.result.sent += self.taken.finish(
                ids,
                state=Delivery.State.SENT,
                sent_at=timezone.now(),
                provider=answer.provider,
                provider_id=answer.provider_id,
                parts=answer.parts,
                error="",
            )
        return self.result.sent == sent

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
            logger.warning(
                "Delivery %(delivery)s by %(channel)s failed for good.",
                {"delivery": row.pk, "channel": row.channel},
            )
            self.taken.finish([row.pk], state=Delivery.State.FAILED, error=said, failures=row.failures + 1)
            return
        self.taken.postpone([row.pk], due_at=again, state=Delivery.State.RETRY, error=said)
        self.result.next_due = min(again, self.result.next_due or again)


def message(row: Delivery, *, with_answers: bool = False) -> Message:
    """What the channel is handed for this delivery."""
    notification = row.notification
    key = f"medguard-{row.pk}"
    answers = offered(notification) if with_answers else ()
    return Message(
        key=key,
        address=row.address,
        subject=row.subject,
        body=row.body,
        language=notification.language,
        url=f"{settings.BASE_URL}/{notification.language}{notification.path or '/inbox/'}",
        priority=Priority(row.priority),
        # What asks for an answer asks again; the last time is the one that counts.
        thread=f"{notification.related_object_type}-{notification.related_object_id}" if answers else key,
        valid_until=notification.valid_until,
        answers=answers,
    )


def _still_wanted(taken: Claim, rows: Sequence[Delivery]) -> list[Delivery]:
    """Those that still make sense; the others are put away with the reason."""
    found = overtaken(rows, now=timezone.now())
    for state, error in set(found.values()):
        same = [id_ for id_, verdict in found.items() if verdict == (state, error)]
        taken.finish(same, state=state, error=error)
    return [row for row in rows if row.pk not in found]


def _policy() -> RetryPolicy:
    delays = tuple(timedelta(seconds=seconds) for seconds in settings.NOTIFICATION_RETRY_SECONDS)
    return RetryPolicy(delays=delays)
