"""One batch of deliveries on its way through one channel."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Case, F, Value, When
from django.db.models.functions import Coalesce

from notifications.channels.base import Channel, Send
from notifications.exceptions import ChannelError
from notifications.models import Delivery, Notification
from notifications.pipeline.outgoing import OutgoingMessage, message
from notifications.pipeline.relevance import withheld
from notifications.types import Reason, SendResult
from notifications.work.leases import Claim
from notifications.work.retry_policy import site_policy
from notifications.work.turns import TURN

logger = logging.getLogger(__name__)

FRESH = 0.5
"""Seconds for which the answer to “does it still hold?” is good."""


@dataclass(slots=True)
class Delivered:
    """What one round did: how many deliveries it took, and when the first to be tried again is due."""

    taken: int = 0
    sent: int = 0
    next_due: datetime | None = None


def send_batch(
    channel: Channel, taken: Claim, pack: Callable[[Sequence[Delivery]], list[OutgoingMessage]]
) -> Delivered:
    """Send the claimed deliveries, made into outgoing messages by `pack`, and write down what became of each.

    What has been overtaken since is withheld with its reason; what there was no time for is given back.
    """
    result = Delivered(taken=len(taken.ids))
    if taken:
        rows = (
            Delivery.objects.filter(id__any_of=taken.ids)
            .select_related("notification")
            .order_by(*Delivery.ORDER)
        )
        _Round(channel, taken, result).run(pack(_still_wanted(taken, list(rows))))
    return result


@dataclass(slots=True)
class _Round:
    """One batch on its way through one channel."""

    channel: Channel
    taken: Claim
    result: Delivered
    sent: list[tuple[int, SendResult]] = field(default_factory=list)
    """What is sent and not yet written down, with the provider's answers."""

    def run(self, messages: Sequence[OutgoingMessage]) -> None:
        waiting = list(messages)
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
            for outgoing in waiting:
                self._fail(outgoing, error)

    def _send_all(self, send: Send, waiting: list[OutgoingMessage], checked: float) -> None:
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
                waiting[:] = self._look_again(waiting)
                checked = time.monotonic()
            else:
                self._send(send, waiting.pop(0))
                if self.channel.acknowledge_each and not self._acknowledge():
                    # Another worker took it for dead, and so the others of this batch too, or will.
                    self._give_back(waiting)
                    waiting.clear()

    def _look_again(self, waiting: Sequence[OutgoingMessage]) -> list[OutgoingMessage]:
        """What of these still makes sense, each with what is left of it."""
        wanted = {row.pk for row in _still_wanted(self.taken, [row for each in waiting for row in each.rows])}
        return [left for each in waiting if (left := each.only(wanted)).rows]

    def _give_back(self, waiting: Sequence[OutgoingMessage]) -> None:
        as_before = Case(
            When(failures__gt=0, then=Value(Delivery.State.RETRY)), default=Value(Delivery.State.PENDING)
        )
        self.taken.release(_ids(waiting), state=as_before, digest=_name_of_tried(F("digest")))

    def _has_time(self, waiting: Sequence[OutgoingMessage]) -> bool:
        """Whether the lease outlasts one more send; it is renewed when it wouldn't."""
        if self.taken.clock() + timedelta(seconds=self.channel.longest_send) < self.taken.until:
            return True
        ids = _ids(waiting)
        if not self.taken.renew(ids):
            return False
        self.taken = replace(self.taken, ids=tuple(ids), until=self.taken.clock() + Delivery.LEASE)
        return True

    def _send(self, send: Send, outgoing: OutgoingMessage) -> None:
        try:
            sent = send(message(outgoing, self.channel))
        except ChannelError as error:
            self._fail(outgoing, error)
        except Exception as error:
            # A fault of ours in one message mustn't hold up the others.
            logger.exception(
                "Delivery %(delivery)s by %(channel)s failed.",
                {"delivery": outgoing.ids[0], "channel": self.channel.name},
            )
            self._fail(outgoing, ChannelError(f"{type(error).__name__}: {error}", permanent=False))
        else:
            self.sent += [(id_, sent) for id_ in outgoing.ids]

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
                sent_at=self.taken.clock(),
                provider=answer.provider,
                provider_id=answer.provider_id,
                parts=answer.parts,
                error="",
            )
        return self.result.sent == sent

    def _fail(self, outgoing: OutgoingMessage, error: ChannelError) -> None:
        again = self.taken.fail(
            error,
            site_policy(),
            failures=outgoing.rows[0].failures,
            ids=outgoing.ids,
            valid_until=outgoing.valid_until,
        )
        if again is None:
            # Not why: the answer may name the address. The row says it to who may see it.
            logger.warning(
                "Delivery %(delivery)s by %(channel)s failed for good.",
                {"delivery": outgoing.ids[0], "channel": self.channel.name},
            )
            return
        self.result.next_due = min(again, self.result.next_due or again)


def _ids(messages: Sequence[OutgoingMessage]) -> list[int]:
    return [id_ for outgoing in messages for id_ in outgoing.ids]


def _still_wanted(taken: Claim, rows: Sequence[Delivery]) -> list[Delivery]:
    """Those that still make sense now; the others are put away with the reason, or held for later."""
    found = withheld(rows, now=taken.clock())
    for verdict in set(found.values()):
        same = [id_ for id_, each in found.items() if each == verdict]
        if verdict.until is None:
            taken.finish(same, state=verdict.state, reason=verdict.reason, error="")
        else:
            _hold(taken, [row for row in rows if row.pk in same], verdict.until)
    return [row for row in rows if row.pk not in found]


def _name_of_tried(name: Any) -> Case:
    """What was tried may be in a mailbox already: it keeps its name, so it joins no others. The rest has none yet."""
    return Case(When(attempts__gt=1, then=name), default=None, output_field=BigIntegerField())


def _hold(taken: Claim, rows: Sequence[Delivery], until: datetime) -> None:
    """Have these wait until then, and say so to who asks why."""
    taken.release(
        [row.pk for row in rows],
        state=Delivery.State.PENDING,
        due_at=until,
        digest=_name_of_tried(Coalesce("digest", "id", output_field=BigIntegerField())),
        **Delivery.HELD,
    )
    for row in rows:
        for decision in row.notification.routing:
            if decision["channel"] == row.channel:
                decision |= {"reason": Reason.QUIET_HOURS.value, "send_at": until.isoformat()}
    Notification.objects.bulk_update([row.notification for row in rows], ["routing"])
