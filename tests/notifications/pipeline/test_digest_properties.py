"""Whatever people choose and whatever the clocks do: what is held is never lost, never early, never doubled.

Messages come at random moments around a change of the clock, to people in random zones with random wishes; then time
goes on from one due moment to the next, as it does for a worker, who is away at times. Its one channel writes down
what left and when.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications import registry
from notifications.channels.base import Send
from notifications.channels.email.channel import EmailChannel
from notifications.exceptions import ChannelError
from notifications.models import Delivery, NotificationPreferences
from notifications.pipeline import insert
from notifications.pipeline.compose import compose
from notifications.pipeline.deliver import deliver, deliver_held
from notifications.rules.quiet_hours import quiet_until
from notifications.types import (
    IN_APP,
    Category,
    EmailTime,
    EventType,
    Message,
    Param,
    Priority,
    QuietHours,
    Recipient,
    SendResult,
)
from tests.factories import UserFactory
from tests.notifications.conftest import Ground, texts

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
# Each just before a change of the clock in one of the zones, and one where nothing changes.
DAYS = [
    datetime(2026, 3, 28, 12, tzinfo=UTC),
    datetime(2026, 10, 24, 12, tzinfo=UTC),
    datetime(2026, 10, 31, 12, tzinfo=UTC),
    datetime(2026, 4, 4, 3, tzinfo=UTC),
    datetime(2026, 6, 1, tzinfo=UTC),
]
ZONES = ["Africa/Johannesburg", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]


@dataclass(frozen=True)
class Wish:
    zone: str
    quiet: QuietHours | None
    email_time: EmailTime


@dataclass(frozen=True)
class Said:
    """A message: after how many minutes, how urgent, and how many minutes it is of use."""

    after: int
    priority: Priority
    time_critical: bool
    valid: int | None


walls = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
wishes = st.builds(
    Wish,
    st.sampled_from(ZONES),
    st.none() | st.builds(QuietHours, walls, walls).filter(lambda quiet: quiet.start != quiet.end),
    st.sampled_from(EmailTime),
)
said = st.builds(
    Said,
    st.integers(0, 36 * 60),
    st.sampled_from(Priority),
    st.booleans(),
    st.none() | st.integers(1, 24 * 60),
)


class Letters(EmailChannel):
    """E-mail, as far as choices go; what leaves is kept, with its moment. Some of it is refused at first."""

    left: ClassVar[list[tuple[datetime, Message]]] = []
    refusals: ClassVar[list[bool]] = []

    @contextmanager
    def session(self) -> Iterator[Send]:
        yield self._send

    def _send(self, message: Message) -> SendResult:
        if Letters.refusals and Letters.refusals.pop():
            raise ChannelError("not now", permanent=False)
        Letters.left.append((datetime.now(UTC), message))
        return SendResult("letters", message.key)


DRIZZLE = EventType(
    name="weather.drizzle",
    label="Drizzle",
    category=Category.SYSTEM,
    payload={"user_ids": list},
    params=(Param("name", "Name", "Anna"), Param("what", "What", "it rains")),
    texts={language: texts(language) for language in ("en", "af")},
    recipients=Ground.recipients,
    channels={IN_APP: True, "email": True, "push": True},
)
STORM = replace(DRIZZLE, name="weather.storm", time_critical=True)


@pytest.fixture
def _weather() -> Iterator[None]:
    for event_type in (DRIZZLE, STORM):
        registry.register(event_type)
    yield
    for event_type in (DRIZZLE, STORM):
        registry.unregister(event_type.name)


@pytest.mark.usefixtures("_weather")
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    start=st.sampled_from(DAYS),
    people=st.lists(st.tuples(wishes, st.lists(said, min_size=1, max_size=5)), min_size=1, max_size=3),
    refusals=st.lists(st.booleans(), max_size=4),
    absences=st.lists(st.integers(0, 600), max_size=4),
)
def test_what_is_held_comes_once_in_time_and_in_peace(
    settings: Any,
    start: datetime,
    people: list[tuple[Wish, list[Said]]],
    refusals: list[bool],
    absences: list[int],
) -> None:
    settings.NOTIFICATION_CHANNELS = [f"{__name__}.Letters"]
    Letters.left, Letters.refusals = [], list(refusals)
    with transaction.atomic():
        wish_of = {_person(wish).pk: wish for wish, _ in people}
        messages = sorted(
            (
                (start + each.after * MINUTE, user_id, each)
                for user_id, (_, all_said) in zip(wish_of, people, strict=True)
                for each in all_said
            ),
            key=lambda message: message[:2],
        )
        away = list(absences)
        with time_machine.travel(start, tick=False) as clock:
            for number, (at, user_id, each) in enumerate(messages):
                _work_until(at, clock, away)
                _say(user_id, each, number, at)
            _work_until(None, clock, away)
        _check(wish_of, messages)
        transaction.set_rollback(True)


def _person(wish: Wish) -> Any:
    user = UserFactory()
    quiet = wish.quiet or QuietHours(time(22), time(6))
    NotificationPreferences.objects.create(
        user=user,
        timezone=wish.zone,
        quiet_hours_enabled=wish.quiet is not None,
        quiet_hours_start=quiet.start,
        quiet_hours_end=quiet.end,
        email_time=wish.email_time,
    )
    return user


def _say(user_id: int, each: Said, number: int, at: datetime) -> None:
    event_type = replace(STORM if each.time_critical else DRIZZLE, priority=each.priority)
    recipient = Recipient(
        None,
        user_id,
        {"name": "Thandi", "what": str(number)},
        dedupe_key=f"{number:09d}",
        data={"user_id": user_id},
        valid_until=None if each.valid is None else at + each.valid * MINUTE,
    )
    insert.insert(compose(event_type, [recipient], now=at))


def _work_until(end: datetime | None, clock: Any, away: list[int]) -> None:
    """What a worker does up to that moment, who may be `away` for so many minutes when something is due."""
    while True:
        unfinished = Delivery.objects.filter(finished_at=None).order_by("due_at")
        due = unfinished.values_list("due_at", flat=True).first()
        if due is None:
            break
        back = max(due, datetime.now(UTC)) + (away.pop() if away else 0) * MINUTE
        if end is not None and back >= end:
            break
        clock.move_to(back)
        _work()
    if end is not None:
        clock.move_to(end)


def _work() -> None:
    while deliver("email", now=datetime.now(UTC)).taken or deliver_held("email", now=datetime.now(UTC)).taken:
        pass


def _check(wish_of: dict[int, Wish], messages: list[tuple[datetime, int, Said]]) -> None:
    deliveries = list(Delivery.objects.select_related("notification"))
    spoken = {f"{number:09d}": message for number, message in enumerate(messages)}
    sent_in = {message.key: (at, message) for at, message in Letters.left}
    assert len(sent_in) == len(Letters.left), "nothing is sent twice"
    slots: dict[tuple[int, str], set[str]] = {}
    carried: dict[str, int] = {}
    for delivery in deliveries:
        _, user_id, each = spoken[delivery.notification.dedupe_key]
        wish = wish_of[user_id]
        assert delivery.state in {"sent", "expired", "failed"}, "nothing is lost"
        if delivery.state != "sent":
            assert delivery.notification.valid_until is not None
            continue
        at, message = sent_in[delivery.provider_id]
        carried[message.key] = carried.get(message.key, 0) + 1
        exempt = each.time_critical or each.priority >= Priority.URGENT
        assert exempt or quiet_until(wish.quiet, wish.zone, at) is None, "never in the quiet hours"
        valid_until = delivery.notification.valid_until
        assert valid_until is None or at < valid_until, "never after its time"
        [decision] = [each for each in delivery.notification.routing if each["channel"] == "email"]
        if decision["send_at"] and delivery.attempts == 1:
            slots.setdefault((user_id, decision["send_at"]), set()).add(message.key)
    for _, message in Letters.left:
        assert carried[message.key] == max(1, len(message.items)), "each is in one message"
    assert {len(keys) for keys in slots.values()} <= {1}, "one message a slot"
