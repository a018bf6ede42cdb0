"""Whatever the plan, the choices, the quiet hours and the luck: one message a step, none after an answer, none lost.

A message comes at any hour, and time goes on from one due moment to the next, as for a worker who is away at times.
Meanwhile providers refuse, receipts of any channel come in any order, before their sending too, and people read or
answer what they got, or don't.
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
from hypothesis import HealthCheck, example, given, settings
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
from notifications.quick_replies import Outcome as Answered
from notifications.quick_replies import Question, QuickReplyType, token_for
from notifications.quick_replies import register as take_answers
from notifications.quick_replies import unregister as take_none
from notifications.replies import reading
from notifications.replies.reply_links import answer_given
from notifications.rules.night import hour_for_calls, night_until
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

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MANY = 200
"""More than any story takes."""
ZONE = "Africa/Johannesburg"
NAMES = ("push", "email", "whatsapp", "sms", "voice")


class _Fake(Channel):
    """Reaches everybody. What leaves is kept with its moment; `luck` says of each attempt what comes of it."""

    sent: ClassVar[list[tuple[str, datetime]]] = []
    luck: ClassVar[list[str]] = []

    def addresses(self, user_ids: Any) -> dict[int, str]:
        return {user_id: f"{self.name} {user_id}" for user_id in user_ids}

    def gives_receipts(self) -> frozenset[str]:
        return frozenset([self.name])

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


class WhatsApp(_Fake):
    name = label = "whatsapp"
    costs = True


class Sms(_Fake):
    name = label = "sms"
    costs = True


class Voice(_Fake):
    name = label = "voice"
    costs = rings = True


OK = QuickReplyType(
    "ok",
    "OK",
    "Noted",
    answer=lambda _message, _user, _now: Answered.DONE,
    asks=lambda _message, _detail: Question("OK?", "OK"),
)
HAIL = replace(RAIN, name="weather.hail", channels={IN_APP: True, "push": True, "email": True})


@dataclass(frozen=True)
class Story:
    """At which hour it begins, what is planned and wanted, and what happens after so many minutes."""

    hour: int
    plan: list[tuple[str, int]]
    chosen: dict[str, bool]
    quiet: QuietHours | None
    priority: Priority
    valid: int | None
    luck: list[str]
    absences: list[int]
    receipts: list[tuple[int, str, Outcome]]
    seen: tuple[int, str] | None

    @property
    def start(self) -> datetime:
        return MIDNIGHT + timedelta(hours=self.hour)


walls = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
stories = st.builds(
    Story,
    hour=st.integers(0, 23),
    plan=st.lists(
        st.tuples(st.sampled_from(NAMES), st.integers(0, 90)), max_size=4, unique_by=lambda step: step[0]
    ),
    chosen=st.dictionaries(st.sampled_from(NAMES), st.booleans(), max_size=2),
    quiet=st.none() | st.builds(QuietHours, walls, walls).filter(lambda quiet: quiet.start != quiet.end),
    priority=st.sampled_from([Priority.NORMAL, Priority.URGENT]),
    valid=st.none() | st.integers(1, 240),
    luck=st.lists(st.sampled_from(["good", "good", "storm", "refused"]), max_size=8),
    absences=st.lists(st.integers(0, 90), max_size=4),
    receipts=st.lists(
        st.tuples(st.integers(0, 240), st.sampled_from(NAMES), st.sampled_from(Outcome)), max_size=5
    ),
    seen=st.none()
    | st.tuples(st.integers(0, 240), st.sampled_from(["read", "acknowledge", "dismiss", "answer"])),
)

late_first_step = Story(
    0, [], {}, None, Priority.NORMAL, None, [], [33], [(33, "email", Outcome.FAILED)], None
)
tried_again_after_another_failed = Story(
    0, [], {}, None, Priority.NORMAL, None, ["storm", "good"], [30, 0], [(0, "email", Outcome.FAILED)], None
)
no_hour_for_calls = Story(
    0, [("voice", 0)], {"voice": True}, QuietHours(time(7), time(0)), Priority.NORMAL, None, [], [], [], None
)


@pytest.fixture
def _hail(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With everybody's consent, and an answer."""
    channels = (Push, Email, WhatsApp, Sms, Voice)
    settings.NOTIFICATION_CHANNELS = [f"{__name__}.{each.__name__}" for each in channels]
    monkeypatch.setattr("notifications.gate._gates", [])
    registry.register(HAIL)
    take_answers(HAIL.name, OK)
    yield
    take_none(HAIL.name)
    registry.unregister(HAIL.name)


@pytest.mark.usefixtures("_hail")
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(late_first_step)
@example(tried_again_after_another_failed)
@example(no_hour_for_calls)
@given(story=stories)
def test_one_message_a_step_none_after_an_answer_none_too_late_and_none_lost(story: Story) -> None:
    _Fake.sent, _Fake.luck = [], list(story.luck)
    with transaction.atomic():
        user = _person(story)
        RoutingPlan.objects.create(category="system", steps=story.plan)
        with time_machine.travel(story.start, tick=False) as clock:
            _say(user.pk, story)
            away = list(story.absences)
            happens: list[tuple[int, str, Any]] = [(at, name, what) for at, name, what in story.receipts]
            happens += [] if story.seen is None else [(*story.seen, None)]
            failed: dict[str, datetime] = {}
            for minutes, name, outcome in sorted(happens, key=lambda each: each[0]):
                _work_until(story.start + minutes * MINUTE, clock, away)
                if outcome is None:
                    _is_seen(name, user.pk)
                elif _is_reported(name, outcome) and outcome is Outcome.FAILED:
                    failed.setdefault(name, datetime.now(UTC))
            _work_until(None, clock, away)
        _check(story, failed)
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
        voice_enabled=True,
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
        valid_until=None if story.valid is None else story.start + story.valid * MINUTE,
    )
    insert.insert(compose(replace(HAIL, priority=story.priority), [recipient], now=story.start))


def _work_until(end: datetime | None, clock: Any, away: list[int]) -> None:
    """What a worker does up to that moment, who may be `away` for so many minutes when something is due."""
    for _ in range(MANY):
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
            _rounds(name, now)
    else:
        raise AssertionError("There is no end of it.")
    if end is not None:
        clock.move_to(max(end, datetime.now(UTC)))


def _rounds(name: str, now: datetime) -> None:
    """Whatever is due in this channel: each round leaves less of it."""
    for _ in range(MANY):
        if not (deliver(name, now=now).taken or deliver_held(name, now=now).taken):
            return
    raise AssertionError("A worker would never have done with it.")


def _is_seen(how: str, user_id: int) -> None:
    message, now = Notification.objects.get(), datetime.now(UTC)
    if how == "answer":
        answer_given(token=token_for(message.pk, OK.name), now=now)
        return
    acts = {
        "read": reading.message_read,
        "acknowledge": reading.message_acknowledge,
        "dismiss": reading.message_dismiss,
    }
    acts[how](message_id=message.pk, user_id=user_id, now=now)


def _is_reported(channel: str, outcome: Outcome) -> bool:
    """The provider says this of the message by that channel, sent or not; whether there is one."""
    row = Delivery.objects.filter(channel=channel).first()
    if row is not None:
        receipt = Receipt(f"{channel} medguard-{row.pk}", outcome, "as it said")
        receipts.note(channel, channel, receipt, now=datetime.now(UTC))
    return row is not None


def _check(story: Story, failed: dict[str, datetime]) -> None:
    """`failed` is when a provider first said of a message that it didn't arrive."""
    message = Notification.objects.get()
    rows = {row.channel: row for row in message.deliveries.all()}
    when = dict(_Fake.sent)
    order = list(when)
    assert max(Counter(name for name, _at in _Fake.sent).values(), default=0) <= 1, "one message a step"
    for name, at in _Fake.sent:
        assert message.valid_until is None or at < message.valid_until, "none too late"
        if story.priority < Priority.URGENT:
            assert quiet_until(story.quiet, ZONE, at) is None, "none in the quiet hours"
        assert name != "voice" or night_until(ZONE, at) is None, "nobody is called at night"
        if rows[name].step is not None:
            assert at <= _end_of_plan(message, rows, when, but=name), "none after an answer or an arrival"
    steps = sorted((row for row in rows.values() if row.step is not None), key=lambda row: row.step or 0)
    minutes = {each["channel"]: each.get("minutes", 0) for each in message.routing}
    for before, row in pairwise(steps):
        if before.channel in when and row.channel in when:
            # The one before goes after the other where it had to be tried again, and the other failed.
            other = min(before, row, key=lambda each: order.index(each.channel))
            first, then = sorted((when[before.channel], when[row.channel]))
            made_room = failed.get(other.channel, then + MINUTE) <= then
            assert made_room or then - first >= minutes[row.channel] * MINUTE, "one at a time"
    for row in rows.values():
        assert row.finished_at is not None, "nothing waits for ever"
        assert (row.channel in when) == (row.sent_at is not None), "what is written down has happened"
    _check_the_end(story, message, rows, when)


def _end_of_plan(
    message: Notification, rows: dict[str, Delivery], when: dict[str, datetime], *, but: str
) -> datetime:
    """When its reader saw it, or it is known that it has arrived by another channel."""
    seen = [message.read_at, message.acknowledged_at, message.dismissed_at]
    arrived = [
        max(row.delivered_at, when[name]) for name, row in rows.items() if row.delivered_at and name != but
    ]
    return min([*filter(None, seen), *arrived], default=datetime.max.replace(tzinfo=UTC))


def _check_the_end(
    story: Story, message: Notification, rows: dict[str, Delivery], when: dict[str, datetime]
) -> None:
    """What wasn't sent says why, and rightly."""
    arrived = {row.channel for row in rows.values() if row.delivered_at}
    seen = message.read_at or message.acknowledged_at or message.dismissed_at
    for row in rows.values():
        if row.channel in when:
            continue
        assert row.state in {"failed", "expired", "cancelled"}
        if row.state == "failed":
            assert row.error, "none is lost"
        elif row.state == "expired":
            assert message.valid_until is not None, "none is lost"
        elif row.reason == Reason.NO_HOUR:
            assert row.channel == "voice", "none is lost"
            assert hour_for_calls(story.quiet, ZONE, story.start) is None, "none is lost"
        elif row.reason == Reason.REACHED:
            assert seen or arrived - {row.channel}, "none is lost"
        else:
            assert row.reason == Reason.OVERTAKEN, "none is lost"
            step = row.step or 0
            later = any(other.step is not None and other.step > step for other in rows.values())
            had_the_time = message.valid_until is not None and any(
                other.step == step - 1 and other.sent_at for other in rows.values()
            )
            assert later or had_the_time, "none is lost"
