"""Whatever the plan, the choices, the quiet hours and the luck: one message a step, none after an answer, none lost.

A message comes, and time goes on from one due moment to the next, as for a worker who is away at times. Meanwhile
providers refuse, receipts come in any order, and people read what they got, or don't.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any, ClassVar

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications import registry
from notifications.channels import receipts
from notifications.channels.base import Channel, Send
from notifications.channels.receipts import Outcome, Receipt
from notifications.exceptions import ChannelError
from notifications.models import ChannelChoice, Delivery, Notification, NotificationPreferences, RoutingPlan
from notifications.pipeline import insert
from notifications.pipeline.compose import compose
from notifications.pipeline.deliver import deliver, deliver_held
from notifications.replies import reading
from notifications.rules.quiet_hours import quiet_until
from notifications.types import (
    IN_APP,
    Message,
    Priority,
    QuietHours,
    Reason,
    Recipient,
    Rendered,
    SendResult,
)
from tests.factories import UserFactory
from tests.notifications.conftest import RAIN

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZONE = "Africa/Johannesburg"
NAMES = ("push", "email", "sms")


class _Fake(Channel):
    """Reaches everybody. What leaves is kept with its moment; `luck` says of each attempt what comes of it."""

    sent: ClassVar[list[tuple[str, datetime]]] = []
    luck: ClassVar[list[str]] = []

    def addresses(self, user_ids: Any) -> dict[int, str]:
        return {user_id: f"{self.name} {user_id}" for user_id in user_ids}

    def content(self, rendered: Rendered) -> tuple[str, str]:
        return "", rendered.short_text

    @contextmanager
    def session(self) -> Iterator[Send]:
        yield self._send

    def _send(self, message: Message) -> SendResult:
        luck = _Fake.luck.pop() if _Fake.luck else "good"
        if luck != "good":
            raise ChannelError(luck, permanent=luck == "refused")
        _Fake.sent.append((self.name, datetime.now(UTC)))
        return SendResult(self.name, f"{self.name} {message.key}")


class Push(_Fake):
    name = label = "push"


class Email(_Fake):
    name = label = "email"


class Sms(_Fake):
    name = label = "sms"
    costs = True


HAIL = replace(RAIN, name="weather.hail", channels={IN_APP: True, "push": True, "email": True})


@dataclass(frozen=True)
class Story:
    """What is planned and wanted, and what happens after so many minutes."""

    plan: list[tuple[str, int]]
    chosen: dict[str, bool]
    quiet: QuietHours | None
    priority: Priority
    valid: int | None
    luck: list[str]
    absences: list[int]
    receipts: list[tuple[int, bool]]
    read: int | None


walls = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
stories = st.builds(
    Story,
    plan=st.lists(
        st.tuples(st.sampled_from(NAMES), st.integers(1, 90)), max_size=3, unique_by=lambda step: step[0]
    ),
    chosen=st.dictionaries(st.sampled_from(NAMES), st.booleans(), max_size=2),
    quiet=st.none() | st.builds(QuietHours, walls, walls).filter(lambda quiet: quiet.start != quiet.end),
    priority=st.sampled_from([Priority.NORMAL, Priority.URGENT]),
    valid=st.none() | st.integers(1, 240),
    luck=st.lists(st.sampled_from(["good", "good", "storm", "refused"]), max_size=8),
    absences=st.lists(st.integers(0, 90), max_size=4),
    receipts=st.lists(st.tuples(st.integers(0, 240), st.booleans()), max_size=4),
    read=st.none() | st.integers(0, 240),
)


@pytest.fixture
def _hail(settings: Any) -> Iterator[None]:
    settings.NOTIFICATION_CHANNELS = [f"{__name__}.{each.__name__}" for each in (Push, Email, Sms)]
    registry.register(HAIL)
    yield
    registry.unregister(HAIL.name)


@pytest.mark.usefixtures("_hail")
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=stories)
def test_one_message_a_step_none_after_an_answer_none_too_late_and_none_lost(story: Story) -> None:
    _Fake.sent, _Fake.luck = [], list(story.luck)
    with transaction.atomic():
        user = _person(story)
        RoutingPlan.objects.create(category="system", steps=story.plan)
        with time_machine.travel(START, tick=False) as clock:
            _say(user.pk, story)
            away = list(story.absences)
            happens = [(at, "sent" if arrived else "lost") for at, arrived in story.receipts]
            happens += [] if story.read is None else [(story.read, "read")]
            for minutes, what in sorted(happens):
                _work_until(START + minutes * MINUTE, clock, away)
                _happen(what, user.pk, len(_Fake.sent))
            _work_until(None, clock, away)
        _check(story)
        transaction.set_rollback(True)


def _person(story: Story) -> Any:
    user = UserFactory()
    quiet = story.quiet or QuietHours(time(22), time(6))
    NotificationPreferences.objects.create(
        user=user,
        timezone=ZONE,
        quiet_hours_enabled=story.quiet is not None,
        quiet_hours_start=quiet.start,
        quiet_hours_end=quiet.end,
    )
    for channel, on in story.chosen.items():
        ChannelChoice.objects.create(user=user, category="system", channel=channel, on=on)
    return user


def _say(user_id: int, story: Story) -> None:
    recipient = Recipient(
        None,
        user_id,
        {"name": "Thandi", "what": "it hails"},
        dedupe_key="000000001",
        data={"user_id": user_id},
        valid_until=None if story.valid is None else START + story.valid * MINUTE,
    )
    insert.insert(compose(replace(HAIL, priority=story.priority), [recipient], now=START))


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
        for name in NAMES:
            now = datetime.now(UTC)
            while deliver(name, now=now).taken or deliver_held(name, now=now).taken:
                pass
    if end is not None:
        clock.move_to(max(end, datetime.now(UTC)))


def _happen(what: str, user_id: int, number: int) -> None:
    now = datetime.now(UTC)
    if what == "read":
        reading.message_read(message_id=Notification.objects.get().pk, user_id=user_id, now=now)
        return
    row = Delivery.objects.filter(channel="sms").first()
    if row is not None and row.provider_id:
        receipts.note(
            "sms",
            row.provider,
            Receipt(row.provider_id, Outcome.DELIVERED if what == "sent" else Outcome.FAILED),
            now=now,
        )


def _check(story: Story) -> None:
    message = Notification.objects.get()
    rows = {row.channel: row for row in message.deliveries.all()}
    when = dict(_Fake.sent)
    assert max(Counter(name for name, _at in _Fake.sent).values(), default=0) <= 1, "one message a step"
    for name, at in _Fake.sent:
        assert message.valid_until is None or at < message.valid_until, "none too late"
        if story.priority < Priority.URGENT:
            assert quiet_until(story.quiet, ZONE, at) is None, "none in the quiet hours"
        if message.read_at and rows[name].step is not None:
            assert at <= message.read_at, "none after an answer"
    steps = sorted((row for row in rows.values() if row.step is not None), key=lambda row: row.step or 0)
    minutes = {each["channel"]: each.get("minutes", 0) for each in message.routing}
    for before, row in pairwise(steps):
        if before.channel in when and row.channel in when and before.state in {"sent", "delivered"}:
            assert when[row.channel] - when[before.channel] >= minutes[row.channel] * MINUTE, "one at a time"
    for row in rows.values():
        assert row.finished_at is not None, "nothing waits for ever"
        assert (row.channel in when) == (row.sent_at is not None), "what is written down has happened"
    _check_the_end(message, rows, when)


def _check_the_end(message: Notification, rows: dict[str, Delivery], when: dict[str, datetime]) -> None:
    """What wasn't sent says why, and rightly."""
    arrived = {row.channel for row in rows.values() if row.delivered_at}
    for row in rows.values():
        if row.channel in when:
            continue
        assert row.state in {"failed", "expired", "cancelled"}
        if row.state == "failed":
            assert row.error, "none is lost"
        elif row.state == "expired":
            assert message.valid_until is not None, "none is lost"
        elif row.reason == Reason.REACHED:
            assert message.read_at or arrived - {row.channel}, "none is lost"
        else:
            assert row.reason == Reason.OVERTAKEN, "none is lost"
            step = row.step or 0
            later = any(other.step is not None and other.step > step for other in rows.values())
            had_the_time = message.valid_until is not None and any(
                other.step == step - 1 and other.sent_at for other in rows.values()
            )
            assert later or had_the_time, "none is lost"
