"""One batch of deliveries on its way through one channel."""

import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from django.db.models import BigIntegerField, Case, F, Value, When
from django.db.models.functions import Coalesce

from notifications.channels.base import Channel, Send
from notifications.exceptions import ChannelError
from notifications.models import Delivery, Notification
from notifications.pipeline.outgoing import OutgoingMessage, message, singly, together
from notifications.pipeline.relevance import withheld
from notifications.types import Reason, SendResult
from notifications.work.leases import Claim
from notifications.work.retry_policy import site_policy
from notifications.work.turns import TURN

logger = logging.getLogger(__name__)

Some = TypeVar("Some")

_READ = (
    *("channel", "digest", "address", "subject", "body", "failures"),
    *(
        f"notification__{field}"
        for field in (
            *(
                "recipient_id",
                "event_type",
                "category",
                "priority",
                "language",
                "path",
                "data",
            ),
            *("related_object_type", "related_object_id", "in_inbox", "routing", "scheduled_status"),
            "valid_until",
        )
    ),
)
"""What it takes to decide about a delivery and to send it. Reading all columns takes twice as long."""
_READ_OF_DIGESTS = (*_READ, "notification__title", "notification__body")
"""A digest also says what stands in the inbox."""
FRESH = 0.5
"""Seconds for which the answer to “does it still hold?” is good."""


@dataclass(slots=True)
class Delivered:
    """What one round did: how many deliveries it took, and when the first to be tried again is due."""

    taken: int = 0
    sent: int = 0
    next_due: datetime | None = None


def send_batch(channel: Channel, taken: Claim, *, as_digests: bool = False) -> Delivered:
    """Send the claimed deliveries, each by itself or as digests, and write down what became of each.

    What has been overtaken since is withheld with its reason; what there was no time for is given back.
    """
    result = Delivered(taken=len(taken.ids))
    if taken:
        rows = (
            Delivery.objects.filter(id__any_of=taken.ids)
            .select_related("notification")
            .only(*(_READ_OF_DIGESTS if as_digests else _READ))
            .order_by(*Delivery.ORDER)
        )
        pack = together if as_digests else singly
        _Round(channel, taken, result).run(pack(_still_wanted(taken, list(rows))))
    return result


@dataclass(slots=True)
class _Round:
    """One batch on its way through one channel.

    Each of the channel's places takes messages off one list for as long as what was checked is fresh, and what ended is
    collected in another, so that no message is handed to a thread and back. Threads only take from the one and add to
    the other; all else is done here.
    """

    channel: Channel
    taken: Claim
    result: Delivered
    waiting: deque[OutgoingMessage] = field(default_factory=deque)
    ended: deque[tuple[OutgoingMessage, SendResult | ChannelError]] = field(default_factory=deque)
    """What went out and what didn't, not yet written down."""
    found: Mapping[str, Any] = field(default_factory=dict)
    """What the channel looked up for the addresses."""
    fresh_until: float = 0.0
    """The monotonic time until which what waits may be sent as it is."""
    written: float = 0.0
    """When anything was written down last."""

    def run(self, messages: Sequence[OutgoingMessage]) -> None:
        if not messages:
            return
        self.waiting.extend(messages)
        self.fresh_until = time.monotonic() + FRESH
        try:
            self._look_up(messages)
            with self.channel.session() as send:
                try:
                    self._send_all(send)
                finally:
                    # Whatever ended it: what is sent is sent.
                    self._write_down()
        except ChannelError as error:
            # The session itself failed: none of the rest could even be tried.
            self.ended.extend((outgoing, error) for outgoing in _drained(self.waiting))
            self._write_down()

    def _send_all(self, send: Send) -> None:
        """Send as many at a time as the channel takes, the most urgent first."""
        # Counted from here, so that each round sends something, however long the server takes to answer.
        self.written = time.monotonic()
        over = self.written + TURN
        under_way: set[Future[None]] = set()
        with _places(self.channel.at_once) as places:
            while self.waiting or under_way:
                if time.monotonic() >= over:
                    self._give_back()
                elif time.monotonic() >= self.fresh_until:
                    # A slow server gave people the time to answer.
                    self._write_down()
                    self._look_again()
                    self.fresh_until = min(time.monotonic() + FRESH, over)
                self._keep_the_lease()
                for _ in range(min(self.channel.at_once - len(under_way), len(self.waiting))):
                    under_way.add(places.submit(self._send_some, send))
                ended, under_way = wait(under_way, timeout=FRESH, return_when=FIRST_COMPLETED)
                for each in ended:
                    each.result()
                if self.channel.acknowledge_each and not self._write_down():
                    # Another worker took it for dead, and so the others of this batch too, or will.
                    self._give_back()
                elif time.monotonic() - self.written >= FRESH:
                    self._write_down()

    def _send_some(self, send: Send) -> None:
        """One after the other as long as they are fresh; only one where it must be written down before the next."""
        while time.monotonic() < self.fresh_until:
            try:
                outgoing = self.waiting.popleft()
            except IndexError:
                return
            self.ended.append((outgoing, self._try(send, outgoing)))
            if self.channel.acknowledge_each:
                return

    def _look_up(self, messages: Sequence[OutgoingMessage]) -> None:
        self.found = self.channel.look_up({outgoing.address for outgoing in messages})

    def _look_again(self) -> None:
        """Leave of what waits what still makes sense."""
        rest = list(_drained(self.waiting))
        wanted = {row.pk for row in _still_wanted(self.taken, [row for each in rest for row in each.rows])}
        left = [some for each in rest if (some := each.only(wanted)).rows]
        self._look_up(left)
        self.waiting.extend(left)

    def _give_back(self) -> None:
        rest = list(_drained(self.waiting))
        if not rest:
            return
        as_before = Case(
            When(failures__gt=0, then=Value(Delivery.State.RETRY)), default=Value(Delivery.State.PENDING)
        )
        self.taken.release(_ids(rest), state=as_before, digest=_name_of_tried(F("digest")))

    def _keep_the_lease(self) -> None:
        """Renew it when it wouldn't outlast one more send. Lost, none is left to send."""
        if self.taken.clock() + timedelta(seconds=self.channel.longest_send) < self.taken.until:
            return
        until = self.taken.clock() + Delivery.LEASE
        rest = list(_drained(self.waiting))
        if self.taken.renew(_ids(rest)):
            self.taken = replace(self.taken, until=until)
            self.waiting.extend(rest)

    def _try(self, send: Send, outgoing: OutgoingMessage) -> SendResult | ChannelError:
        """Send it; no fault of ours in one message may hold up the others."""
        try:
            return send(message(outgoing, self.channel, self.found))
        except ChannelError as error:
            return error
        except Exception as error:
            logger.exception(
                "Delivery %(delivery)s by %(channel)s failed.",
                {"delivery": outgoing.ids[0], "channel": self.channel.name},
            )
            return ChannelError(f"{type(error).__name__}: {error}", permanent=False)

    def _write_down(self) -> bool:
        """What became of those that ended, alike ones with one statement; False if any that was sent was lost."""
        self.written = time.monotonic()
        answered: dict[SendResult, list[int]] = defaultdict(list)
        refused: dict[_Refusal, list[OutgoingMessage]] = defaultdict(list)
        for outgoing, outcome in _drained(self.ended):
            if isinstance(outcome, ChannelError):
                refused[_Refusal.of(outgoing, outcome)].append(outgoing)
            else:
                answered[outcome] += outgoing.ids
        ours = sum(self._acknowledge(ids, answer) for answer, ids in answered.items())
        self.result.sent += ours
        for refusal, alike in refused.items():
            self._fail(alike, refusal)
        return ours == sum(len(ids) for ids in answered.values())

    def _acknowledge(self, ids: Sequence[int], answer: SendResult) -> int:
        return self.taken.finish(
            ids,
            state=Delivery.State.SENT,
            sent_at=self.taken.clock(),
            provider=answer.provider,
            provider_id=answer.provider_id,
            parts=answer.parts,
            error="",
        )

    def _fail(self, alike: Sequence[OutgoingMessage], refusal: "_Refusal") -> None:
        again = self.taken.fail(
            ChannelError(refusal.said, permanent=refusal.permanent, retry_after=refusal.retry_after),
            site_policy(),
            failures=refusal.failures,
            ids=_ids(alike),
            valid_until=refusal.valid_until,
        )
        if again is not None:
            self.result.next_due = min(again, self.result.next_due or again)
            return
        for outgoing in alike:
            # Not why: the answer may name the address. The row says it to who may see it.
            logger.warning(
                "Delivery %(delivery)s by %(channel)s failed for good.",
                {"delivery": outgoing.ids[0], "channel": self.channel.name},
            )


class _Refusal(NamedTuple):
    """Why messages didn't go out, with all that decides when they are tried again."""

    said: str
    permanent: bool
    retry_after: timedelta | None
    failures: int
    valid_until: datetime | None

    @classmethod
    def of(cls, outgoing: OutgoingMessage, error: ChannelError) -> "_Refusal":
        failures, until = outgoing.rows[0].failures, outgoing.valid_until
        return cls(str(error), error.permanent, error.retry_after, failures, until)


class _Here:
    """Does what it is handed at once, in this thread: for channels that take one message at a time."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_result(work(*arguments))
        return future


def _places(at_once: int) -> AbstractContextManager[Any]:
    """Where so many messages may be under way at a time."""
    return ThreadPoolExecutor(at_once, "send") if at_once > 1 else nullcontext(_Here())


def _drained(shared: "deque[Some]") -> Iterator[Some]:
    """All that is in it, each taken off before another thread can."""
    while True:
        try:
            yield shared.popleft()
        except IndexError:
            return


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
            _hold(taken, [row for row in rows if row.pk in same], verdict.until, verdict.reason)
    return [row for row in rows if row.pk not in found]


def _name_of_tried(name: Any) -> Case:
    """What was tried may be in a mailbox already: it keeps its name, so it joins no others. The rest has none yet."""
    return Case(When(attempts__gt=1, then=name), default=None, output_field=BigIntegerField())


def _hold(taken: Claim, rows: Sequence[Delivery], until: datetime, reason: Reason) -> None:
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
                decision |= {"reason": reason.value, "send_at": until.isoformat()}
    Notification.objects.bulk_update([row.notification for row in rows], ["routing"])
