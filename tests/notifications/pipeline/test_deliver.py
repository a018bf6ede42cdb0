"""Messages leave the house once, or it is written down why not."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any, ClassVar
from unittest.mock import patch

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from notifications import tasks
from notifications.channels.base import ConcurrentChannel, ConcurrentSend, End, TwoSteps
from notifications.exceptions import ChannelError
from notifications.models import Delivery, Notification
from notifications.pipeline import batch
from notifications.pipeline.deliver import deliver
from notifications.types import Message, Reason, SendResult
from notifications.work.leases import Claim
from tests.notifications.conftest import Ground, Pigeons
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db


def test_what_was_sent_is_marked_with_the_providers_answer(pigeons: type[Pigeons]) -> None:
    row = DeliveryFactory(notification__path="/today/", notification__language="af")
    assert deliver("pigeons", now=timezone.now()).sent == 1
    row.refresh_from_db()
    assert (row.state, row.provider, row.provider_id) == ("sent", "pigeons", f"wing medguard-{row.pk}")
    assert row.sent_at is not None
    assert row.finished_at is not None
    assert pigeons.sent[0].url.endswith("/af/today/")


def test_nothing_is_sent_twice(pigeons: type[Pigeons]) -> None:
    DeliveryFactory.create_batch(3)
    tasks.deliver.call_local("pigeons")
    tasks.deliver.call_local("pigeons")
    assert len(pigeons.sent) == 3


def test_a_transient_error_is_tried_again_later_and_then_is_failed_with_its_reason(
    pigeons: type[Pigeons], time_machine: time_machine.TimeMachineFixture
) -> None:
    time_machine.move_to(timezone.now(), tick=False)

    def storm(message: Message) -> None:
        raise ChannelError("a storm", permanent=False)

    row = DeliveryFactory()
    pigeons.on_send = storm
    now = timezone.now()
    for failures, seconds in enumerate([10, 60, 300, 600, 1200], start=1):
        result = deliver("pigeons", now=now)
        row.refresh_from_db()
        assert (row.state, row.failures, row.error) == ("retry", failures, "a storm")
        wait = (row.due_at - now).total_seconds()
        assert seconds * 0.85 < wait <= seconds * 1.1
        assert result.next_due == row.due_at
        now = row.due_at
    deliver("pigeons", now=now)
    row.refresh_from_db()
    assert (row.state, row.failures, row.error) == ("failed", 6, "a storm")


def test_a_permanent_error_ends_it_at_once(pigeons: type[Pigeons]) -> None:
    def gone(message: Message) -> None:
        raise ChannelError("nobody lives here", permanent=True)

    row = DeliveryFactory()
    pigeons.on_send = gone
    deliver("pigeons", now=timezone.now())
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", "nobody lives here")


@pytest.mark.parametrize("error", [ZeroDivisionError, MemoryError])
def test_one_bad_message_holds_up_no_other(pigeons: type[Pigeons], error: type[Exception]) -> None:
    rows = DeliveryFactory.create_batch(3)

    def trip(message: Message) -> None:
        if message.key.endswith(f"-{rows[0].pk}"):
            raise error

    pigeons.on_send = trip
    assert deliver("pigeons", now=timezone.now()).sent == 2
    rows[0].refresh_from_db()
    assert rows[0].state == "retry"
    assert error.__name__ in rows[0].error


def test_a_session_that_can_not_be_opened_sets_back_the_whole_batch(pigeons: type[Pigeons]) -> None:
    def locked() -> None:
        raise ChannelError("the loft is locked", permanent=False)

    DeliveryFactory.create_batch(3)
    pigeons.on_open = locked
    deliver("pigeons", now=timezone.now())
    assert (
        list(Delivery.objects.values_list("state", "failures", "error"))
        == [("retry", 1, "the loft is locked")] * 3
    )


def test_nothing_is_tried_past_its_time(pigeons: type[Pigeons]) -> None:
    def storm(message: Message) -> None:
        raise ChannelError("a storm", permanent=False)

    now = timezone.now()
    soon = DeliveryFactory(notification__valid_until=now + timedelta(seconds=5))
    over = DeliveryFactory(notification__valid_until=now - timedelta(seconds=5))
    pigeons.on_send = storm
    deliver("pigeons", now=now)
    soon.refresh_from_db()
    over.refresh_from_db()
    assert soon.state == "failed"
    assert (over.state, over.reason) == ("expired", Reason.EXPIRED)


def test_what_no_longer_holds_is_not_sent(pigeons: type[Pigeons], rain: type[Ground]) -> None:
    stale = DeliveryFactory(notification__event_type="weather.rain", notification__data={"user_id": 1})
    fresh = DeliveryFactory(notification__event_type="weather.rain", notification__data={"user_id": 2})
    cancelled = DeliveryFactory(notification__scheduled_status=Notification.Status.CANCELLED)
    rain.irrelevant = {1}
    deliver("pigeons", now=timezone.now())
    for row in (stale, fresh, cancelled):
        row.refresh_from_db()
    assert (stale.state, stale.reason) == ("cancelled", Reason.NO_LONGER_RELEVANT)
    assert (fresh.state, cancelled.state) == ("sent", "cancelled")
    assert len(pigeons.sent) == 1


def test_a_worker_that_runs_out_of_lease_sends_no_more(
    pigeons: type[Pigeons], time_machine: time_machine.TimeMachineFixture
) -> None:
    DeliveryFactory.create_batch(3)

    def dawdle(message: Message) -> None:
        # Meanwhile the lease has run out, and somebody else holds the rest.
        Delivery.objects.filter(finished_at=None).update(lease_owner="somebody else")
        time_machine.shift(58)

    time_machine.move_to(timezone.now(), tick=False)
    pigeons.on_send = dawdle
    result = deliver("pigeons", now=timezone.now())
    assert len(pigeons.sent) == 1
    assert result.sent == 0


def test_a_worker_whose_row_was_taken_by_another_leaves_it_the_rest(pigeons: type[Pigeons]) -> None:
    rows = DeliveryFactory.create_batch(3)

    def meanwhile(message: Message) -> None:
        Delivery.objects.filter(pk=rows[0].pk).update(lease_owner="another, whose clock is ahead")

    pigeons.on_send = meanwhile
    assert deliver("pigeons", now=timezone.now()).sent == 0
    assert len(pigeons.sent) == 1
    assert Delivery.objects.filter(state="pending", lease_owner="").count() == 2


def test_a_long_batch_renews_its_lease(
    pigeons: type[Pigeons], time_machine: time_machine.TimeMachineFixture
) -> None:
    DeliveryFactory.create_batch(3)
    started = timezone.now()
    leases: list[float] = []
    time_machine.move_to(started, tick=False)

    def dawdle(message: Message) -> None:
        left = Delivery.objects.filter(finished_at=None).latest("pk").lease_until
        leases.append((left - started).total_seconds())
        time_machine.shift(50)

    pigeons.on_send = dawdle
    assert deliver("pigeons", now=started).sent == 3
    assert leases == [60, 110, 160]


def test_each_sending_is_written_down_before_the_next_message_goes(pigeons: type[Pigeons]) -> None:
    DeliveryFactory.create_batch(3)
    written: list[int] = []
    pigeons.on_send = lambda message: written.append(Delivery.objects.filter(state="sent").count())
    deliver("pigeons", now=timezone.now())
    assert written == [0, 1, 2]


@pytest.fixture
def together(pigeons: type[Pigeons], monkeypatch: pytest.MonkeyPatch) -> type[Pigeons]:
    """Pigeons whose letters are known by their key."""
    monkeypatch.setattr(pigeons, "acknowledge_each", False)
    one_by_one = pigeons._send
    monkeypatch.setattr(
        pigeons, "_send", lambda self, message: replace(one_by_one(self, message), provider_id="")
    )
    return pigeons


def test_where_a_key_tells_what_came_twice_all_is_written_down_together(together: type[Pigeons]) -> None:
    DeliveryFactory.create_batch(9)
    written: list[int] = []
    together.on_send = lambda message: written.append(Delivery.objects.filter(state="sent").count())
    assert deliver("pigeons", now=timezone.now()).sent == 9
    assert written == [0] * 9
    assert set(Delivery.objects.values_list("state", "provider")) == {("sent", "pigeons")}


def test_what_is_sent_is_written_down_whatever_ends_the_batch(together: type[Pigeons]) -> None:
    rows = DeliveryFactory.create_batch(3)

    def stopped(message: Message) -> None:
        if message.key.endswith(f"-{rows[1].pk}"):
            raise SystemExit

    together.on_send = stopped
    with pytest.raises(SystemExit):
        deliver("pigeons", now=timezone.now())
    assert [Delivery.objects.get(pk=row.pk).state for row in rows] == ["sent", "sending", "sending"]


def test_what_is_sent_waits_no_longer_than_the_check_whether_the_rest_still_holds(
    together: type[Pigeons], monkeypatch: pytest.MonkeyPatch
) -> None:
    DeliveryFactory.create_batch(3)
    seconds = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: seconds[0])
    written: list[int] = []

    def dawdle(message: Message) -> None:
        seconds[0] += batch.FRESH
        written.append(Delivery.objects.filter(state="sent").count())

    together.on_send = dawdle
    assert deliver("pigeons", now=timezone.now()).sent == 3
    assert written == [0, 1, 2]


def test_what_is_out_of_date_once_the_clock_is_put_right_is_sent_no_more(
    together: type[Pigeons],
    time_machine: time_machine.TimeMachineFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began = timezone.now()
    time_machine.move_to(began)
    rows = DeliveryFactory.create_batch(3, notification__valid_until=began + timedelta(minutes=30))
    seconds = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: seconds[0])

    def put_right(message: Message) -> None:
        seconds[0] += batch.FRESH
        time_machine.shift(timedelta(hours=1))

    together.on_send = put_right
    deliver("pigeons", now=began)
    assert [Delivery.objects.get(pk=row.pk).state for row in rows] == ["sent", "expired", "expired"]


@pytest.mark.usefixtures("unhurried")
def test_the_number_of_queries_does_not_grow_but_for_the_outcomes(
    pigeons: type[Pigeons], django_assert_max_num_queries: Any
) -> None:
    DeliveryFactory.create_batch(10)
    with django_assert_max_num_queries(10 + 11):
        assert deliver("pigeons", now=timezone.now()).sent == 10


def test_a_session_that_can_not_be_opened_costs_no_query_for_each_message(
    pigeons: type[Pigeons], monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    def locked() -> None:
        raise ChannelError("the loft is locked", permanent=False)

    monkeypatch.setattr(pigeons, "batch_size", 30)
    DeliveryFactory.create_batch(30)
    pigeons.on_open = locked
    with django_assert_max_num_queries(15):
        deliver("pigeons", now=timezone.now())
    assert {(row.state, row.error) for row in Delivery.objects.all()} == {("retry", "the loft is locked")}


# In two steps --------------------------------------------------------------------------------------------------


@dataclass
class Begun:
    """The keys of the letters that were begun, by pigeons that are sent in two steps, and what happens then."""

    keys: list[str] = field(default_factory=list)
    on_begin: Callable[[str], None] = lambda key: None


@pytest.fixture
def begun(pigeons: type[Pigeons], monkeypatch: pytest.MonkeyPatch) -> Begun:
    begun = Begun()

    @contextmanager
    def session(self: Pigeons) -> Iterator[TwoSteps]:
        def begin(message: Message) -> End:
            begun.keys.append(message.key)
            begun.on_begin(message.key)
            return partial(self._send, message)

        yield TwoSteps(begin)

    monkeypatch.setattr(pigeons, "session", session)
    return begun


def test_the_next_is_begun_while_one_is_written_down_and_ended_after_that(
    pigeons: type[Pigeons], begun: Begun
) -> None:
    keys = [f"medguard-{row.pk}" for row in DeliveryFactory.create_batch(3)]
    written: list[int] = []
    pigeons.on_send = lambda message: written.append(Delivery.objects.filter(state="sent").count())
    there = {key: Event() for key in keys}
    begun.on_begin = lambda key: there[key].set()
    finish = Claim.finish

    def when_the_next_is_begun(claim: Claim, *arguments: Any, **fields: Any) -> int:
        assert all(there[key].wait(10) for key in keys[: len(pigeons.sent) + 1])
        return finish(claim, *arguments, **fields)

    with patch.object(Claim, "finish", when_the_next_is_begun):
        assert deliver("pigeons", now=timezone.now()).sent == 3
    assert written == [0, 1, 2]


def test_a_worker_whose_row_was_taken_by_another_does_not_end_what_it_has_begun(
    pigeons: type[Pigeons], begun: Begun
) -> None:
    rows = DeliveryFactory.create_batch(3)

    def meanwhile(message: Message) -> None:
        Delivery.objects.filter(pk=rows[0].pk).update(lease_owner="another, whose clock is ahead")

    pigeons.on_send = meanwhile
    assert deliver("pigeons", now=timezone.now()).sent == 0
    assert begun.keys == [f"medguard-{row.pk}" for row in rows[:2]]
    assert [message.key for message in pigeons.sent] == begun.keys[:1]
    assert Delivery.objects.filter(state="pending", lease_owner="").count() == 2


def test_what_was_overtaken_while_another_was_written_down_is_not_ended(
    pigeons: type[Pigeons], begun: Begun, rain: type[Ground], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        DeliveryFactory(notification__event_type="weather.rain", notification__data={"user_id": number})
        for number in range(3)
    ]
    keys = [f"medguard-{row.pk}" for row in rows]
    seconds = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: seconds[0])
    finish = Claim.finish

    def at_length(claim: Claim, *arguments: Any, **fields: Any) -> int:
        if len(pigeons.sent) == 1 and not seconds[0]:
            seconds[0] = batch.FRESH
            rain.irrelevant = {1}
        return finish(claim, *arguments, **fields)

    with patch.object(Claim, "finish", at_length):
        deliver("pigeons", now=timezone.now())
    assert begun.keys == keys
    assert [message.key for message in pigeons.sent] == [keys[0], keys[2]]
    assert [Delivery.objects.get(pk=row.pk).state for row in rows] == ["sent", "cancelled", "sent"]


def test_one_that_can_not_be_begun_holds_up_no_other(pigeons: type[Pigeons], begun: Begun) -> None:
    rows = DeliveryFactory.create_batch(4)

    def trip(key: str) -> None:
        if key == f"medguard-{rows[0].pk}":
            raise ZeroDivisionError
        if key == f"medguard-{rows[2].pk}":
            raise ChannelError("nobody lives here", permanent=True)

    begun.on_begin = trip
    assert deliver("pigeons", now=timezone.now()).sent == 2
    found = [Delivery.objects.get(pk=row.pk) for row in rows]
    assert [row.state for row in found] == ["retry", "sent", "failed", "sent"]
    assert "ZeroDivisionError" in found[0].error


# Several at a time --------------------------------------------------------------------------------------------


class Flock(Pigeons, ConcurrentChannel):
    """Three of them fly at a time."""

    batch_size: ClassVar[int] = 300
    acknowledge_each: ClassVar[bool] = False
    at_once: ClassVar[int] = 3
    fly: ClassVar[Callable[[Message], Awaitable[None]]]

    @contextmanager
    def concurrent_session(self) -> Iterator[ConcurrentSend]:
        yield self._fly

    async def _fly(self, message: Message) -> SendResult:
        await Flock.fly(message)
        return replace(self._send(message), provider_id="")


@pytest.fixture
def flock(pigeons: type[Pigeons], settings: Settings, monkeypatch: pytest.MonkeyPatch) -> type[Flock]:
    settings.NOTIFICATION_CHANNELS = [f"{__name__}.Flock"]
    monkeypatch.setattr(Flock, "fly", staticmethod(_home), raising=False)
    return Flock


async def _home(message: Message) -> None:
    """It knows the way."""
    await asyncio.sleep(0)


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("count", [12, 120])
def test_a_batch_of_any_size_costs_the_same_queries(
    flock: type[Flock], count: int, django_assert_max_num_queries: Any
) -> None:
    DeliveryFactory.create_batch(count)
    with django_assert_max_num_queries(14):
        assert deliver("pigeons", now=timezone.now()).sent == count


def test_as_many_go_at_a_time_as_the_provider_takes_and_no_more(flock: type[Flock]) -> None:
    DeliveryFactory.create_batch(9)
    all_there, flying, most = asyncio.Barrier(3), set[str](), list[int]()

    async def fly(message: Message) -> None:
        flying.add(message.key)
        async with asyncio.timeout(10):
            await all_there.wait()
            most.append(len(flying))
            await all_there.wait()
        flying.discard(message.key)

    flock.fly = fly
    assert deliver("pigeons", now=timezone.now()).sent == 9
    assert set(most) == {3}


def test_one_that_hangs_or_fails_holds_up_none_of_the_others(flock: type[Flock]) -> None:
    rows = DeliveryFactory.create_batch(9)
    hangs, fails, refused = (f"medguard-{row.pk}" for row in rows[:3])
    others = asyncio.Event()

    async def fly(message: Message) -> None:
        if message.key == fails:
            raise ZeroDivisionError
        if message.key == refused:
            raise ChannelError("nobody lives here", permanent=True)
        if message.key == hangs:
            await asyncio.wait_for(others.wait(), 10)
        elif len(flock.sent) == 5:
            others.set()

    flock.fly = fly
    assert deliver("pigeons", now=timezone.now()).sent == 7
    assert flock.sent[-1].key == hangs
    states = [Delivery.objects.get(pk=row.pk).state for row in rows]
    assert states == ["sent", "retry", "failed", *["sent"] * 6]


def test_what_is_sent_is_written_down_while_another_hangs(flock: type[Flock]) -> None:
    rows = DeliveryFactory.create_batch(2)
    written = asyncio.Event()
    finish = Claim.finish

    def noted(claim: Claim, *arguments: Any, **fields: Any) -> int:
        written.set()
        return finish(claim, *arguments, **fields)

    async def fly(message: Message) -> None:
        if message.key == f"medguard-{rows[0].pk}":
            await asyncio.wait_for(written.wait(), 10)

    flock.fly = fly
    with patch.object(Claim, "finish", noted):
        assert deliver("pigeons", now=timezone.now()).sent == 2


def test_what_is_under_way_is_written_down_whatever_ends_the_batch(
    flock: type[Flock], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = DeliveryFactory.create_batch(5)
    ended = asyncio.Event()
    asked: list[int] = []
    monkeypatch.setattr(batch, "FRESH", 0.01)

    def look_up(self: Flock, addresses: Collection[str]) -> dict[str, str]:
        asked.append(len(addresses))
        if len(asked) == 1:
            return {}
        ended.set()
        raise ZeroDivisionError

    async def fly(message: Message) -> None:
        await asyncio.wait_for(ended.wait(), 10)

    monkeypatch.setattr(flock, "look_up", look_up)
    flock.fly = fly
    with pytest.raises(ZeroDivisionError):
        deliver("pigeons", now=timezone.now())
    states = [Delivery.objects.get(pk=row.pk).state for row in rows]
    assert states == [*["sent"] * 3, *["sending"] * 2]


def test_what_a_channel_looks_up_is_looked_up_once_a_batch_and_again_when_it_may_be_out_of_date(
    together: type[Pigeons], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = DeliveryFactory.create_batch(3)
    asked: list[int] = []
    seconds = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: seconds[0])

    def look_up(self: Pigeons, addresses: Collection[str]) -> dict[str, int]:
        asked.append(len(addresses))
        return dict.fromkeys(addresses, len(asked))

    def dawdle(message: Message) -> None:
        if message.key == f"medguard-{rows[1].pk}":
            seconds[0] += batch.FRESH

    monkeypatch.setattr(together, "look_up", look_up)
    together.on_send = dawdle
    deliver("pigeons", now=timezone.now())
    assert [message.found for message in together.sent] == [1, 1, 2]
    assert asked == [len({row.address for row in rows}), 1]


def test_one_worker_a_channel_and_process(pigeons: type[Pigeons]) -> None:
    DeliveryFactory.create_batch(2)

    def meanwhile(message: Message) -> None:
        before = len(pigeons.sent)
        tasks.deliver.call_local("pigeons")
        assert len(pigeons.sent) == before

    pigeons.on_send = meanwhile
    tasks.deliver.call_local("pigeons")
    assert len(pigeons.sent) == 2
