"""One batch of deliveries on its way through one channel."""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, Self, TypeVar

from django.db import transaction
from django.db.models import BigIntegerField, Case, F, Value, When
from django.db.models.functions import Coalesce

from notifications.channels.base import Channel, ConcurrentChannel, ConcurrentSend, End, Send, TwoSteps
from notifications.channels.receipts import apply_kept, settle_doubt
from notifications.costs.charges import charges
from notifications.costs.sums import Paid, add, zones_of
from notifications.exceptions import ChannelError
from notifications.models import Delivery, Notification
from notifications.pipeline.digests import as_before, name_of_tried, part
from notifications.pipeline.due import DueDelivery, read
from notifications.pipeline.outgoing import OutgoingMessage, key_of, message, singly, together
from notifications.pipeline.relevance import withheld
from notifications.types import Message, Reason, SendResult
from notifications.work import plan
from notifications.work.leases import Claim
from notifications.work.retry_policy import site_policy
from notifications.work.turns import TURN

logger = logging.getLogger(__name__)

Some = TypeVar("Some")

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
        with taken.outlived():
            pack = together if as_digests else singly
            rows = read(taken.ids, as_digests=as_digests)
            _Round(channel, taken, result).run(pack(_still_wanted(taken, rows)))
    return result


@dataclass(slots=True)
class _Round:
    """One batch on its way through one channel.

    What a channel sends one after the other is sent here and now; a thread may begin with the next meanwhile. Of a
    concurrent channel, each of its places is a task that takes messages off the list for as long as what was checked is
    fresh. Those take turns in this thread, and stand still while anything else is done here. Neither ever meets the
    database.
    """

    channel: Channel
    taken: Claim
    result: Delivered
    waiting: deque[OutgoingMessage] = field(default_factory=deque)
    ended: list[tuple[OutgoingMessage, SendResult | ChannelError]] = field(default_factory=list)
    """What went out and what didn't, not yet written down."""
    found: Mapping[str, Any] = field(default_factory=dict)
    """What the channel looked up for the addresses."""
    zones: Mapping[int | None, str] = field(default_factory=dict)
    """In which the months begin that its messages are paid in."""
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
            if self.channel.costs:
                self.zones = zones_of(row.scope_id for each in messages for row in each.rows)
            try:
                self._send_all()
            finally:
                # Whatever ended it: what is sent is sent.
                self._write_down()
        except ChannelError as error:
            # The session itself failed: none of the rest could even be tried.
            self.ended += [(outgoing, error) for outgoing in self.waiting]
            self.waiting.clear()
            self._write_down()

    def _send_all(self) -> None:
        """By a session of the channel, the most urgent first."""
        if isinstance(self.channel, ConcurrentChannel):
            with self.channel.concurrent_session() as send, _Places(self.channel.at_once) as places:
                work = partial(self._send_concurrently, send)
                self._send_together(lambda: places.fill(work, at_most=len(self.waiting)))
        else:
            with self.channel.session() as send:
                if self.channel.acknowledge_each:
                    self._send_one_by_one(send)
                else:
                    self._send_together(partial(self._send_some, send))

    def _begin(self) -> float:
        """Until when this round may go on. Counted from here, so that each sends something, however long the server
        takes to answer.
        """
        self.written = time.monotonic()
        return self.written + TURN

    def _send_one_by_one(self, send: Send) -> None:
        """Write each down before the next one is ended; the next is begun meanwhile, where a channel can."""
        over = self._begin()
        begin = send.begin if isinstance(send, TwoSteps) else lambda message: partial(send, message)
        places: AbstractContextManager[Any] = (
            ThreadPoolExecutor(1, "begin") if isinstance(send, TwoSteps) else nullcontext(_Here())
        )
        with places as beside:
            while True:
                self._leave_what_holds(over)
                if not self.waiting:
                    # Before the session is left, which may take a while: whoever is killed meanwhile leaves no doubt.
                    self._write_down()
                    return
                outgoing = self.waiting.popleft()
                begun = beside.submit(self._try, outgoing, partial(self._hand_to, begin, outgoing))
                ours = self._write_down()
                is_fresh = time.monotonic() < self.fresh_until
                end: End | ChannelError = begun.result()
                if not ours:
                    # Another worker took it for dead, and so the others of this batch too, or will.
                    self.waiting.appendleft(outgoing)
                    self._give_back()
                elif isinstance(end, ChannelError):
                    self.ended.append((outgoing, end))
                elif is_fresh:
                    self.ended.append((outgoing, self._try(outgoing, end)))
                else:
                    # The database took its time. What was begun is forgotten, and looked at again.
                    self.waiting.appendleft(outgoing)

    def _send_together(self, send_some: Callable[[], bool]) -> None:
        """Write down together what ended within half a second. `send_some` says whether any is under way still."""
        over = self._begin()
        under_way = False
        while self.waiting or under_way:
            self._leave_what_holds(over)
            under_way = send_some()
            if time.monotonic() - self.written >= FRESH:
                self._write_down()

    def _leave_what_holds(self, over: float) -> None:
        """Of what waits: nothing once its time is over, and what was not looked at for a while only if it holds."""
        if time.monotonic() >= over:
            self._give_back()
        elif time.monotonic() >= self.fresh_until:
            # A slow server gave people the time to answer.
            self._write_down()
            self._look_again()
            self.fresh_until = min(time.monotonic() + FRESH, over)
        self._keep_the_lease()

    def _send_some(self, send: Send) -> bool:
        """One after the other."""
        for outgoing in self._fresh():
            self.ended.append((outgoing, self._try(outgoing, partial(self._hand_to, send, outgoing))))
        return False

    async def _send_concurrently(self, send: ConcurrentSend) -> None:
        """What one place sends."""
        for outgoing in self._fresh():
            try:
                outcome: SendResult | ChannelError = await self._hand_to(send, outgoing)
            except Exception as error:
                outcome = self._failure(outgoing, error)
            self.ended.append((outgoing, outcome))

    def _fresh(self) -> Iterator[OutgoingMessage]:
        """What waits, for as long as it may be sent as it is; each is taken off."""
        while self.waiting and time.monotonic() < self.fresh_until:
            yield self.waiting.popleft()

    def _hand_to(self, call: Callable[[Message], Some], outgoing: OutgoingMessage) -> Some:
        return call(message(outgoing, self.channel, self.found))

    def _try(self, outgoing: OutgoingMessage, step: Callable[[], Some]) -> Some | ChannelError:
        """Take this step with it."""
        try:
            return step()
        except Exception as error:
            return self._failure(outgoing, error)

    def _failure(self, outgoing: OutgoingMessage, error: Exception) -> ChannelError:
        """No fault of ours in one message may hold up the others."""
        if isinstance(error, ChannelError):
            return error
        logger.error(
            "Delivery %(delivery)s by %(channel)s failed.",
            {"delivery": outgoing.ids[0], "channel": self.channel.name},
            exc_info=error,
        )
        return ChannelError(f"{type(error).__name__}: {error}", permanent=False)

    def _look_up(self, messages: Iterable[OutgoingMessage]) -> None:
        self.found = self.channel.look_up({outgoing.address for outgoing in messages})

    def _look_again(self) -> None:
        """Leave of what waits what still makes sense."""
        rows = [row for outgoing in self.waiting for row in outgoing.rows]
        wanted = {row.pk: row for row in _still_wanted(self.taken, rows)}
        self.waiting = deque([left for each in self.waiting if (left := each.only(wanted)).rows])
        self._look_up(self.waiting)

    def _give_back(self) -> None:
        if not self.waiting:
            return
        self.taken.release(_ids(self.waiting), **as_before())
        self.waiting.clear()

    def _keep_the_lease(self) -> None:
        """Renew it when it wouldn't outlast one more send. Lost, none is left to send."""
        if self.taken.clock() + timedelta(seconds=self.channel.longest_send) < self.taken.until:
            return
        until = self.taken.clock() + Delivery.LEASE
        if self.taken.renew(_ids(self.waiting)):
            self.taken = replace(self.taken, until=until)
        else:
            self.waiting.clear()

    def _write_down(self) -> bool:
        """What became of those that ended, alike ones with one statement; False if any that was sent was lost."""
        self.written = time.monotonic()
        answered: dict[SendResult, list[OutgoingMessage]] = defaultdict(list)
        refused: dict[_Refusal, list[OutgoingMessage]] = defaultdict(list)
        for outgoing, outcome in self.ended:
            if isinstance(outcome, ChannelError):
                refused[_Refusal.of(outgoing, outcome)].append(outgoing)
            else:
                answered[outcome].append(outgoing)
        self.ended.clear()
        ours = sum(self._acknowledge(alike, answer) for answer, alike in answered.items())
        self.result.sent += ours
        if answered and self.channel.gives_receipts():
            keys = [key_of(outgoing.rows[0]) for alike in answered.values() for outgoing in alike]
            apply_kept(self.channel.name, answered, keys)
        for refusal, alike in refused.items():
            self._fail(alike, refusal)
        return ours == sum(len(outgoing.rows) for alike in answered.values() for outgoing in alike)

    def _acknowledge(self, alike: Sequence[OutgoingMessage], answer: SendResult) -> int:
        now = self.taken.clock()
        said: dict[str, Any] = {
            "state": Delivery.State.SENT,
            "sent_at": now,
            "provider": answer.provider,
            "provider_id": answer.provider_id,
            "error": "",
        }
        if not self.channel.costs:
            return self.taken.finish(_ids(alike), **said)
        # A digest is one message, so it is charged for on its first row alone.
        charged = [outgoing.ids[0] for outgoing in alike]
        with transaction.atomic():
            ours = self.taken.finish(charged, **said, **charges(answer))
            if beside := [id_ for outgoing in alike for id_ in outgoing.ids[1:]]:
                ours += self.taken.finish(beside, **said)
            if ours:
                add(_paid(alike, self.channel.name, answer), now=now, zones=self.zones)
        return ours

    def _fail(self, alike: Sequence[OutgoingMessage], refusal: "_Refusal") -> None:
        again = self.taken.fail(
            ChannelError(refusal.said, permanent=refusal.permanent, retry_after=refusal.retry_after),
            site_policy(),
            failures=refusal.failures,
            ids=_ids(alike),
            valid_until=refusal.valid_until,
            **refusal.doubt,
        )
        if refusal.may_have_it:
            keys = [key_of(outgoing.rows[0]) for outgoing in alike]
            if settle_doubt(self.channel.name, keys, now=self.taken.clock()) == len(alike):
                return
        if again is not None:
            self.result.next_due = min(again, self.result.next_due or again)
            return
        plan.advance(_ids(alike), now=self.taken.clock())
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
    may_have_it: str

    @classmethod
    def of(cls, outgoing: OutgoingMessage, error: ChannelError) -> "_Refusal":
        failures, until = outgoing.rows[0].failures, outgoing.valid_until
        return cls(str(error), error.permanent, error.retry_after, failures, until, error.may_have_it)

    @property
    def doubt(self) -> dict[str, Any]:
        """The column by which a provider that has it all the same finds it (`receipts.taken_after_all`). Not of what
        was sent before and failed on its way: late words of that sending could be taken for those of this one.
        """
        if not self.may_have_it:
            return {}
        return {"provider": Case(When(provider_id="", then=Value(self.may_have_it)), default=F("provider"))}


class _Here:
    """Does what it is handed at once, in this thread: for channels that do one thing at a time."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_result(work(*arguments))
        return future


class _Places:
    """Where so many tasks may be under way. Their event loop runs while they are waited for and at no other time, so
    that what is done in between may use the database.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._under_way: set[asyncio.Task[None]] = set()
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        # As many threads for what has to wait, such as for a connection: so one that hangs there holds up no other.
        self._runner.get_loop().set_default_executor(ThreadPoolExecutor(self._number, "send"))
        return self

    def __exit__(self, *_error: object) -> None:
        with self._runner:
            self._runner.run(self._wait())

    def fill(self, work: Callable[[], Coroutine[Any, Any, None]], *, at_most: int) -> bool:
        """Begin it in each free place, and wait until any ends, or for FRESH; whether any is still under way."""
        return self._runner.run(self._fill(work, at_most))

    async def _fill(self, work: Callable[[], Coroutine[Any, Any, None]], at_most: int) -> bool:
        for _ in range(min(at_most, self._number - len(self._under_way))):
            self._under_way.add(asyncio.create_task(work()))
        await self._wait(timeout=FRESH, return_when=asyncio.FIRST_COMPLETED)
        return bool(self._under_way)

    async def _wait(self, **until: Any) -> None:
        if self._under_way:
            ended, self._under_way = await asyncio.wait(self._under_way, **until)
            for each in ended:
                each.result()


def _paid(alike: Sequence[OutgoingMessage], channel: str, answer: SendResult) -> Iterator[Paid]:
    for outgoing in alike:
        row = outgoing.rows[0]
        yield Paid(row.scope_id, row.notification.category, channel, answer.parts, answer.cost)


def _ids(messages: Iterable[OutgoingMessage]) -> list[int]:
    return [id_ for outgoing in messages for id_ in outgoing.ids]


def _still_wanted(taken: Claim, rows: Sequence[DueDelivery]) -> list[DueDelivery]:
    """Those that still make sense now; the others are put away with the reason, or held for later."""
    found = withheld(rows, now=taken.clock())
    rows = part(taken, rows, found)
    for verdict in set(found.values()):
        same = [row for row in rows if found.get(row.pk) == verdict]
        ids = [row.pk for row in same]
        if verdict.until is None:
            taken.finish(ids, state=verdict.state, reason=verdict.reason, error="")
        elif verdict.reason is None:
            taken.release(ids, due_at=verdict.until, **as_before())
        else:
            _hold(taken, same, verdict.until, verdict.reason)
    plan.advance({row.pk for row in rows if row.pk in found and found[row.pk].makes_room}, now=taken.clock())
    return [row for row in rows if row.pk not in found]


def _hold(taken: Claim, rows: Sequence[DueDelivery], until: datetime, reason: Reason) -> None:
    """Have these wait until then, and say so to who asks why."""
    taken.release(
        [row.pk for row in rows],
        state=Delivery.State.PENDING,
        due_at=until,
        digest=name_of_tried(Coalesce("digest", "id", output_field=BigIntegerField())),
        **Delivery.HELD,
    )
    for row in rows:
        for decision in row.notification.routing:
            if decision["channel"] == row.channel:
                decision |= {"reason": reason.value, "send_at": until.isoformat()}
    changed = [Notification(pk=row.notification.pk, routing=row.notification.routing) for row in rows]
    Notification.objects.bulk_update(changed, ["routing"])
