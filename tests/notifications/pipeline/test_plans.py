"""What is sent by one channel after the other: the next one only when the last one reached nobody."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications import registry
from notifications.channels import receipts
from notifications.channels.base import Channel, Send
from notifications.channels.receipts import Outcome, Receipt
from notifications.exceptions import ChannelError
from notifications.models import ChannelChoice, Delivery, Notification, RoutingPlan
from notifications.pipeline import insert
from notifications.pipeline.compose import compose
from notifications.pipeline.deliver import deliver, deliver_held
from notifications.replies import reading
from notifications.rules.plans import AFTER_A_SLOW_ONE, IN_HAND
from notifications.scheduling.dead_letters import retry_deliveries
from notifications.types import IN_APP, Message, Reason, Recipient, Rendered, SendResult
from notifications.work import plan, wakeups
from tests.factories import UserFactory
from tests.notifications.conftest import RAIN

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Refusal = Callable[[Message], None]


class _Fake(Channel):
    """Reaches everybody, and writes down when."""

    sent: ClassVar[list[tuple[str, datetime]]] = []
    refuse: ClassVar[dict[str, Refusal]] = {}

    def addresses(self, user_ids: Any) -> dict[int, str]:
        return {user_id: f"{self.name} {user_id}" for user_id in user_ids}

    def content(self, rendered: Rendered) -> tuple[str, str]:
        return "", rendered.short_text

    @contextmanager
    def session(self) -> Iterator[Send]:
        yield self._send

    def _send(self, message: Message) -> SendResult:
        if self.name in _Fake.refuse:
            _Fake.refuse[self.name](message)
        _Fake.sent.append((self.name, datetime.now(UTC)))
        return SendResult(self.name, f"{self.name} {message.key}")


class Push(_Fake):
    name = label = "push"


class Email(_Fake):
    name = label = "email"


class Sms(_Fake):
    name = label = "sms"
    costs = True


SHOWER = replace(RAIN, name="weather.shower", channels={IN_APP: True, "push": True, "email": True})


@pytest.fixture(autouse=True)
def _channels(settings: Any) -> Iterator[None]:
    settings.NOTIFICATION_CHANNELS = [f"{__name__}.{each.__name__}" for each in (Email, Sms, Push)]
    _Fake.sent, _Fake.refuse = [], {}
    registry.register(SHOWER)
    yield
    registry.unregister(SHOWER.name)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    monkeypatch.setattr(wakeups, "wake", lambda name, *args, **kwargs: found.append((name, *args)))
    return found


def staff_plan(*steps: tuple[str, int]) -> None:
    RoutingPlan.objects.create(category="system", steps=[list(step) for step in steps])


def say(*users: Any, **changes: Any) -> list[int]:
    recipients = [
        Recipient(
            None,
            user.pk,
            {"name": "Thandi", "what": "it rains"},
            dedupe_key=f"{Notification.objects.count():09d}",
            data={"user_id": user.pk},
            **changes,
        )
        for user in users
    ]
    return insert.insert(compose(SHOWER, recipients, now=datetime.now(UTC)))


def told(**changes: Any) -> Notification:
    [id_] = say(UserFactory(), **changes)
    return Notification.objects.get(pk=id_)


def work() -> None:
    for name in ("push", "sms", "email"):
        for send in (deliver, deliver_held):
            while send(name, now=datetime.now(UTC)).taken:
                pass


def after(clock: time_machine.Traveller, minutes: float) -> None:
    """So many minutes after the message came, all that is due by then has been done."""
    clock.move_to(NOW + minutes * MINUTE)
    work()


def by(channel: str, message: Notification | None = None) -> Delivery:
    rows = Delivery.objects.filter(channel=channel)
    return rows.get(notification=message) if message else rows.get()


def became(channel: str) -> tuple[str, str]:
    row = by(channel)
    return row.state, row.reason


def sent() -> list[str]:
    return [name for name, _at in _Fake.sent]


def gone(message: Message) -> None:
    raise ChannelError("nobody lives here", permanent=True)


def storm(message: Message) -> None:
    raise ChannelError("a storm", permanent=False)


def test_the_next_goes_when_nobody_has_read_it_in_time(clock: time_machine.Traveller) -> None:
    told()
    after(clock, 0)
    assert sent() == ["push"]
    after(clock, 14.9)
    assert sent() == ["push"]
    after(clock, 15)
    assert sent() == ["push", "email"]


def test_who_is_reached_by_one_channel_alone_gets_it_at_once(settings: Any) -> None:
    settings.NOTIFICATION_CHANNELS = [f"{__name__}.Email"]
    told()
    assert deliver("email", now=NOW).sent == 1


@pytest.mark.parametrize("act", [reading.message_read, reading.message_acknowledge, reading.message_dismiss])
def test_whoever_does_anything_with_it_gets_no_more_at_once(
    clock: time_machine.Traveller, act: Callable[..., bool]
) -> None:
    message = told()
    after(clock, 0)
    clock.move_to(NOW + MINUTE)
    assert act(message_id=message.pk, user_id=message.recipient_id, now=NOW + MINUTE)
    row = by("email")
    assert (row.state, row.reason, row.finished_at) == ("cancelled", Reason.REACHED, NOW + MINUTE)
    assert by("push").state == "sent"


def test_reading_all_ends_them_all(clock: time_machine.Traveller) -> None:
    user = UserFactory()
    say(user)
    say(user)
    other = told()
    reading.messages_read_all(user_id=user.pk, until=NOW, now=NOW)
    after(clock, 0)
    after(clock, 15)
    assert sent() == ["push", "email"]
    assert by("email", other).state == "sent"


def test_it_is_looked_at_again_when_it_is_due(clock: time_machine.Traveller) -> None:
    told()
    after(clock, 0)
    Notification.objects.update(read_at=NOW)
    after(clock, 15)
    assert became("email") == ("cancelled", Reason.REACHED)


def test_what_was_read_before_its_first_step_is_not_sent_at_all(clock: time_machine.Traveller) -> None:
    told()
    Notification.objects.update(read_at=NOW)
    after(clock, 15)
    assert sent() == []


def test_what_arrived_by_one_way_goes_by_no_other(clock: time_machine.Traveller) -> None:
    staff_plan(("sms", 0), ("email", 15))
    told()
    after(clock, 0)
    [row] = Delivery.objects.filter(channel="sms")
    assert receipts.note("sms", row.provider, Receipt(row.provider_id, Outcome.DELIVERED), now=NOW + MINUTE)
    after(clock, 60)
    assert sent() == ["sms"]
    assert became("email") == ("cancelled", Reason.REACHED)


def test_what_can_not_be_sent_makes_room_at_once(
    clock: time_machine.Traveller,
    woken: list[tuple[str, ...]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    _Fake.refuse = {"push": gone}
    told()
    with django_capture_on_commit_callbacks(execute=True):
        deliver("push", now=NOW)
    assert ("deliver", "email") in woken
    after(clock, 0)
    assert sent() == ["email"]


def test_a_receipt_that_says_it_failed_makes_room_at_once(clock: time_machine.Traveller) -> None:
    staff_plan(("push", 0), ("sms", 5), ("email", 60))
    told()
    after(clock, 0)
    after(clock, 5)
    row = by("sms")
    assert receipts.note(
        "sms", row.provider, Receipt(row.provider_id, Outcome.FAILED, "absent"), now=NOW + 6 * MINUTE
    )
    after(clock, 6)
    assert sent() == ["push", "sms", "email"]


def missed(channel: str, minutes: float, *, again_after: timedelta | None = None) -> None:
    """Its provider says so many minutes after the message came that it didn't reach the phone."""
    row = by(channel)
    receipt = Receipt(row.provider_id, Outcome.FAILED, "off", again_after)
    assert receipts.note(channel, row.provider, receipt, now=NOW + minutes * MINUTE)


def test_a_receipt_of_a_failure_that_may_pass_is_as_a_refusal_that_may_pass(
    clock: time_machine.Traveller,
) -> None:
    """It is sent once more, and the next step comes at its time, after which the first one isn't needed."""
    staff_plan(("sms", 0), ("email", 20))
    told()
    after(clock, 0)
    missed("sms", 1, again_after=15 * MINUTE)
    after(clock, 15)
    assert sent() == ["sms"]
    after(clock, 16)
    assert sent() == ["sms", "sms"]
    missed("sms", 17, again_after=15 * MINUTE)
    after(clock, 20)
    assert sent() == ["sms", "sms", "email"]
    after(clock, 33)
    assert sent() == ["sms", "sms", "email"]
    assert became("sms") == ("cancelled", Reason.OVERTAKEN)


def test_what_is_given_up_after_several_such_makes_room_at_once(
    clock: time_machine.Traveller, settings: Any
) -> None:
    settings.NOTIFICATION_RETRY_SECONDS = [10]
    staff_plan(("sms", 0), ("email", 500))
    told()
    after(clock, 0)
    missed("sms", 1, again_after=timedelta(0))
    after(clock, 2)
    missed("sms", 3, again_after=timedelta(0))
    after(clock, 3)
    assert sent() == ["sms", "sms", "email"]
    assert by("sms").state == "failed"


def test_what_was_read_elsewhere_ends_the_plan_at_once_and_stays_unread_in_the_inbox(
    clock: time_machine.Traveller,
) -> None:
    staff_plan(("sms", 0), ("push", 5), ("email", 60))
    message = told()
    after(clock, 0)
    row = by("sms")
    receipts.note("sms", row.provider, Receipt(row.provider_id, Outcome.READ), now=NOW + MINUTE)
    assert became("push") == became("email") == ("cancelled", Reason.REACHED)
    message.refresh_from_db()
    assert message.read_at is None
    after(clock, 90)
    assert sent() == ["sms"]


def test_a_late_failure_brings_nothing_forward_but_what_follows_it(clock: time_machine.Traveller) -> None:
    staff_plan(("sms", 0), ("push", 5), ("email", 60))
    told()
    after(clock, 0)
    after(clock, 5)
    receipts.note(
        "sms",
        by("sms").provider,
        Receipt(by("sms").provider_id, Outcome.FAILED, "absent"),
        now=NOW + 6 * MINUTE,
    )
    after(clock, 6)
    assert sent() == ["sms", "push"]


def test_a_channel_that_was_turned_off_meanwhile_makes_room(clock: time_machine.Traveller) -> None:
    staff_plan(("push", 0), ("sms", 5), ("email", 60))
    message = told()
    after(clock, 0)
    ChannelChoice.objects.create(user=message.recipient, category="system", channel="sms", on=False)
    after(clock, 5)
    assert sent() == ["push", "email"]


def test_a_channel_that_a_plan_names_rests_on_no_choice(clock: time_machine.Traveller) -> None:
    staff_plan(("sms", 0))
    told()
    after(clock, 0)
    assert sent() == ["sms"]


def test_nothing_is_sent_beyond_its_time(clock: time_machine.Traveller) -> None:
    told(valid_until=NOW + 20 * MINUTE)
    after(clock, 10)  # the first was late
    after(clock, 15)
    row = by("email")
    assert (row.state, row.reason) == ("cancelled", Reason.OVERTAKEN)
    after(clock, 60)
    assert sent() == ["push"]


def test_without_time_for_its_minutes_it_still_stands_in_for_one_that_fails(
    clock: time_machine.Traveller,
) -> None:
    _Fake.refuse["push"] = gone
    told(valid_until=NOW + 10 * MINUTE)
    after(clock, 0)
    after(clock, 0)
    assert sent() == ["email"]


def test_a_step_that_was_late_has_its_minutes_all_the_same(clock: time_machine.Traveller) -> None:
    told()
    after(clock, 10)
    after(clock, 24)
    assert sent() == ["push"]
    after(clock, 25)
    assert sent() == ["push", "email"]


def test_a_channel_in_trouble_is_left_behind(clock: time_machine.Traveller) -> None:
    _Fake.refuse = {"push": storm}
    told()
    for minutes in range(17):
        after(clock, minutes)
    assert sent() == ["email"]
    _Fake.refuse = {}
    for minutes in range(17, 60):
        after(clock, minutes)
    assert sent() == ["email"]
    assert became("push") == ("cancelled", Reason.OVERTAKEN)


def test_after_an_outage_the_steps_go_one_by_one(clock: time_machine.Traveller) -> None:
    told()
    clock.move_to(NOW + 120 * MINUTE)
    deliver("email", now=datetime.now(UTC))
    assert by("email").due_at == NOW + 120 * MINUTE + AFTER_A_SLOW_ONE
    assert by("email").state == "pending"
    after(clock, 120)
    after(clock, 120 + 10)
    assert sent() == ["push"]
    after(clock, 120 + 15)
    assert sent() == ["push", "email"]


def test_one_that_is_being_sent_is_waited_for_and_one_whose_worker_died_is_not(
    clock: time_machine.Traveller,
) -> None:
    told()
    until = NOW + 15 * MINUTE + Delivery.LEASE
    Delivery.objects.filter(channel="push").update(state="sending", lease_owner="a", lease_until=until)
    after(clock, 15)
    assert sent() == []
    assert by("email").due_at == NOW + 15 * MINUTE + 2 * IN_HAND
    clock.move_to(until + MINUTE)
    deliver("email", now=until + MINUTE)
    assert sent() == ["email"]
    after(clock, 30)
    assert sent() == ["email"]
    assert became("push") == ("cancelled", Reason.OVERTAKEN)


def test_what_is_held_for_the_quiet_hours_is_not_brought_forward(clock: time_machine.Traveller) -> None:
    told()
    Delivery.objects.filter(channel="email").update(**Delivery.HELD)
    assert plan.advance([by("push").pk], now=NOW) == 0
    Delivery.objects.filter(channel="email").update(lane=1)
    assert plan.advance([by("push").pk], now=NOW) == 1


def test_what_staff_send_again_goes_whatever_the_others_did(clock: time_machine.Traveller) -> None:
    _Fake.refuse = {"push": gone}
    told()
    after(clock, 0)
    assert sent() == ["email"]
    _Fake.refuse = {}
    assert retry_deliveries(Delivery.objects.filter(channel="push"), now=NOW) == 1
    after(clock, 1)
    assert sent() == ["email", "push"]


def test_a_plan_that_can_not_be_read_stops_nobodys_message(
    clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    RoutingPlan.objects.create(category="system", steps={"first": "push"})
    told()
    after(clock, 0)
    assert sent() == ["push"]
    assert "can't be read" in caplog.text


def test_one_whose_plan_can_not_be_read_takes_no_other_with_it(clock: time_machine.Traveller) -> None:
    bad, good = told(), told()
    after(clock, 0)
    routing = [{**each, "minutes": "soon"} if "minutes" in each else each for each in bad.routing]
    Notification.objects.filter(pk=bad.pk).update(routing=routing)
    after(clock, 15)
    assert {by("email", each).state for each in (bad, good)} == {"sent"}


def looked_up(people: int, clock: time_machine.Traveller) -> list[str]:
    """The statements that plans take for so many messages."""
    Notification.objects.all().delete()
    clock.move_to(NOW)
    say(*UserFactory.create_batch(people))
    rows = list(Delivery.objects.select_related("notification").filter(channel="email"))
    pushed = list(Delivery.objects.filter(channel="push").values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as asked:
        assert len(plan.back(rows, now=NOW)) == people
        assert plan.advance(pushed, now=NOW) == people
        assert plan.end([row.notification_id for row in rows], now=NOW) == 2 * people
    return [each["sql"] for each in asked if "notifications_delivery" in each["sql"]]


def test_it_takes_as_many_statements_for_many_as_for_one(clock: time_machine.Traveller) -> None:
    assert len(looked_up(1, clock)) == len(looked_up(30, clock)) == 5


def test_they_find_the_steps_of_a_message_by_its_index(clock: time_machine.Traveller) -> None:
    back, _failed, steps, *_updates = looked_up(1, clock)
    is_postgresql = connection.vendor == "postgresql"
    index = "delivery_once_per_channel" if is_postgresql else "sqlite_autoindex_notifications_delivery"
    with connection.cursor() as cursor:
        if is_postgresql:
            cursor.execute("SET LOCAL enable_seqscan = off")  # which is cheaper while a table is empty
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        for sql in (back, steps):
            cursor.execute(f"EXPLAIN {'' if is_postgresql else 'QUERY PLAN '}{sql}")
            assert index in "\n".join(str(row[-1]) for row in cursor.fetchall())
