"""What was held for one person is sent out as one message."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from notifications import tasks
from notifications.exceptions import ChannelError
from notifications.models import Delivery, NotificationPreferences
from notifications.pipeline.deliver import deliver, deliver_held, has_due
from notifications.pipeline.digests import claim_held
from notifications.pipeline.relevance import Withheld
from notifications.scheduling.dead_letters import revive_deliveries
from notifications.types import Lane, Message, Reason
from notifications.work.leases import Claim
from notifications.work.quarantine import give_up_poison
from notifications.work.turns import TURN
from tests.factories import UserFactory
from tests.notifications.conftest import Ground, Pigeons
from tests.notifications.factories import DeliveryFactory, NotificationPreferencesFactory

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def held(user: Any = None, **fields: Any) -> Delivery:
    person = {"notification__recipient": user} if user else {}
    return DeliveryFactory(lane=Lane.HELD, **person, **fields)


def states(*rows: Delivery) -> list[str]:
    return [Delivery.objects.get(pk=row.pk).state for row in rows]


def test_all_that_was_held_for_a_person_goes_as_one(pigeons: type[Pigeons]) -> None:
    user = UserFactory()
    rows = [held(user) for _ in range(3)]
    alone = held()
    assert deliver_held("pigeons", now=timezone.now()).sent == 4
    one, other = sorted(pigeons.sent, key=lambda message: len(message.items), reverse=True)
    assert one.key == f"medguard-{rows[0].pk}"
    assert [item.title for item in one.items] == [row.notification.title for row in rows]
    assert one.body == "You have 3 messages from your clinic"
    assert (other.key, other.items, other.body) == (f"medguard-{alone.pk}", (), "Hello")
    sent = Delivery.objects.filter(notification__recipient=user)
    assert set(sent.values_list("state", "provider_id")) == {("sent", f"wing {one.key}")}


def test_it_is_in_the_persons_language(pigeons: type[Pigeons]) -> None:
    preferences = NotificationPreferencesFactory(language="af")
    held(preferences.user)
    held(preferences.user)
    deliver_held("pigeons", now=timezone.now())
    assert pigeons.sent[0].body == "U het 2 boodskappe van u kliniek"
    assert pigeons.sent[0].url.endswith("/af/inbox/")
    assert {item.url for item in pigeons.sent[0].items} == {pigeons.sent[0].url}


def test_what_was_not_held_is_not_looked_at_and_goes_by_itself(pigeons: type[Pigeons]) -> None:
    user = UserFactory()
    now_due, later = DeliveryFactory(notification__recipient=user), held(user)
    assert deliver("pigeons", now=timezone.now()).sent == 1
    assert states(now_due, later) == ["sent", "pending"]
    assert has_due("pigeons", now=timezone.now())
    tasks.deliver.call_local("pigeons")
    assert states(later) == ["sent"]


def test_what_is_held_for_later_stays(pigeons: type[Pigeons]) -> None:
    now = timezone.now()
    user = UserFactory()
    due, later = held(user), held(user, due_at=now + MINUTE)
    deliver_held("pigeons", now=now)
    assert states(due, later) == ["sent", "pending"]
    assert not has_due("pigeons", now=now)


def test_nothing_that_lost_its_sense_goes_in_and_nothing_goes_when_nothing_is_left(
    pigeons: type[Pigeons], rain: type[Ground]
) -> None:
    user, other = UserFactory(), UserFactory()
    now = timezone.now()
    about = {"notification__event_type": "weather.rain"}
    good = [held(user, **about, notification__data={"user_id": 1}) for _ in range(2)]
    stale = held(user, **about, notification__data={"user_id": 2})
    over = held(user, notification__valid_until=now)
    nothing = held(other, notification__valid_until=now)
    rain.irrelevant = {2}
    deliver_held("pigeons", now=now)
    assert states(*good, stale, over, nothing) == ["sent", "sent", "cancelled", "expired", "expired"]
    assert [len(message.items) for message in pigeons.sent] == [2]
    assert Delivery.objects.get(pk=stale.pk).reason == Reason.NO_LONGER_RELEVANT
    assert Delivery.objects.get(pk=over.pk).reason == Reason.EXPIRED


def test_of_which_one_is_left_that_one_goes_in_its_own_words(pigeons: type[Pigeons]) -> None:
    user = UserFactory()
    first = held(user, notification__valid_until=timezone.now())
    second = held(user)
    deliver_held("pigeons", now=timezone.now())
    [message] = pigeons.sent
    assert (message.body, message.items) == ("Hello", ())
    assert message.key == f"medguard-{first.pk}"
    assert states(first, second) == ["expired", "sent"]


def test_two_workers_make_one_message(pigeons: type[Pigeons]) -> None:
    user = UserFactory()
    rows = [held(user) for _ in range(3)]
    now = timezone.now()
    first = claim_held("pigeons", now=now, limit=1)
    assert set(first.ids) == {row.pk for row in rows}
    assert not claim_held("pigeons", now=now, limit=1)


def test_a_batch_is_of_people(pigeons: type[Pigeons]) -> None:
    users = [UserFactory() for _ in range(3)]
    for user in users * 2:
        held(user)
    assert len(claim_held("pigeons", now=timezone.now(), limit=2).ids) in {2, 4}
    assert len(claim_held("pigeons", now=timezone.now(), limit=10).ids) >= 2
    assert not claim_held("pigeons", now=timezone.now(), limit=10)


def test_one_that_failed_keeps_its_name_and_takes_nothing_new_in(pigeons: type[Pigeons]) -> None:
    user = UserFactory()
    first, second = held(user, notification__valid_until=timezone.now() + 5 * MINUTE), held(user)

    def storm(message: Message) -> None:
        raise ChannelError("a storm", permanent=False)

    pigeons.on_send = storm
    deliver_held("pigeons", now=timezone.now())
    assert states(first, second) == ["retry", "retry"]
    again = Delivery.objects.get(pk=first.pk).due_at
    assert Delivery.objects.get(pk=second.pk).due_at == again

    pigeons.on_send = None
    new = held(user, due_at=again)
    # The first has lost its sense meanwhile; the message keeps its name all the same.
    type(first.notification).objects.filter(pk=first.notification_id).update(valid_until=again - MINUTE)
    deliver_held("pigeons", now=again)
    assert {message.key for message in pigeons.sent} == {f"medguard-{first.pk}", f"medguard-{new.pk}"}
    assert states(first, second, new) == ["expired", "sent", "sent"]


def test_a_failure_for_good_fails_all_of_it(pigeons: type[Pigeons]) -> None:
    def gone(message: Message) -> None:
        raise ChannelError("nobody lives here", permanent=True)

    user = UserFactory()
    rows = [held(user), held(user)]
    pigeons.on_send = gone
    deliver_held("pigeons", now=timezone.now())
    assert states(*rows) == ["failed", "failed"]


def test_what_a_dead_worker_had_is_taken_again_alone_and_under_the_same_name(pigeons: type[Pigeons]) -> None:
    user, other = UserFactory(), UserFactory()
    rows = [held(user), held(user)]
    now = timezone.now()
    died = claim_held("pigeons", now=now, limit=10)
    assert set(died.ids) == {row.pk for row in rows}
    fresh = held(other)
    later = now + 2 * MINUTE
    again = claim_held("pigeons", now=later, limit=10)
    assert set(again.ids) == {row.pk for row in rows}
    assert set(Delivery.objects.filter(pk__in=again.ids).values_list("digest", "crashes")) == {
        (rows[0].pk, 1)
    }
    # While it is being looked at, the others go on.
    assert claim_held("pigeons", now=later, limit=10).ids == (fresh.pk,)


def test_one_that_was_alone_at_a_crash_too_comes_after_the_others(pigeons: type[Pigeons]) -> None:
    row, now = held(UserFactory()), timezone.now()
    for _ in range(2):
        assert claim_held("pigeons", now=now, limit=10).ids == (row.pk,)
        now += 2 * MINUTE
    fresh = held(UserFactory())
    assert claim_held("pigeons", now=now, limit=10).ids == (fresh.pk,)
    assert claim_held("pigeons", now=now, limit=10).ids == (row.pk,)


def test_whose_sender_died_before_it_could_write_it_down_comes_again_under_the_same_name(
    pigeons: type[Pigeons], rain: type[Ground]
) -> None:
    user = UserFactory()
    about = {"notification__event_type": "weather.rain"}
    rows = [held(user, **about, notification__data={"user_id": number}) for number in range(3)]

    def dies(message: Message) -> None:
        pigeons.sent.append(message)
        raise SystemExit

    now = timezone.now()
    pigeons.on_send = dies
    with pytest.raises(SystemExit):
        deliver_held("pigeons", now=now)
    pigeons.on_send = None
    # Meanwhile the first has lost its sense, and something new waits.
    rain.irrelevant = {0}
    new = held(user)
    deliver_held("pigeons", now=now + 2 * MINUTE)
    deliver_held("pigeons", now=now + 2 * MINUTE)
    first, again, other = pigeons.sent
    assert (first.key, len(first.items)) == (f"medguard-{rows[0].pk}", 3)
    assert (again.key, len(again.items)) == (first.key, 2)
    assert other.key == f"medguard-{new.pk}"
    assert states(*rows, new) == ["cancelled", "sent", "sent", "sent"]


def test_one_that_stops_its_workers_is_given_up(pigeons: type[Pigeons]) -> None:
    user = UserFactory()
    rows = [held(user), held(user)]
    now = timezone.now()
    for attempt in range(3):
        claim_held("pigeons", now=now + attempt * 2 * MINUTE, limit=10)
    give_up_poison(Delivery, now=now + 6 * MINUTE)
    assert states(*rows) == ["failed", "failed"]


def test_whoever_is_in_their_quiet_hours_when_it_is_sent_is_left_in_peace(pigeons: type[Pigeons]) -> None:
    """It was due before they began: the sender was away."""
    now = timezone.now().replace(second=0, microsecond=0)
    preferences = _quiet_around(now)
    row = DeliveryFactory(
        notification__recipient=preferences.user,
        notification__routing=[{"channel": "pigeons", "send": True, "reason": "default", "send_at": None}],
    )
    urgent = DeliveryFactory(notification__recipient=preferences.user, notification__priority=3)
    short = DeliveryFactory(
        notification__recipient=preferences.user, notification__valid_until=now + 30 * MINUTE
    )
    deliver("pigeons", now=timezone.now())
    row.refresh_from_db()
    assert (row.state, row.lane, row.lease_owner, row.attempts) == ("pending", Lane.HELD, "", 0)
    assert row.due_at == now + timedelta(hours=1)
    row.notification.refresh_from_db()
    assert row.notification.routing[0]["reason"] == "quiet_hours"
    assert row.notification.routing[0]["send_at"] == row.due_at.isoformat()
    assert states(urgent, short) == ["sent", "expired"]


def test_what_may_have_been_sent_before_the_quiet_hours_joins_no_other(pigeons: type[Pigeons]) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    preferences = _quiet_around(now)
    tried = DeliveryFactory(notification__recipient=preferences.user, attempts=1, failures=1)
    fresh = DeliveryFactory(notification__recipient=preferences.user)
    deliver("pigeons", now=timezone.now())
    tried.refresh_from_db()
    fresh.refresh_from_db()
    assert (tried.digest, fresh.digest) == (tried.pk, None)


def test_one_that_was_held_again_before_it_was_tried_goes_with_the_others(pigeons: type[Pigeons]) -> None:
    now = timezone.now()
    preferences = _quiet_around(now)
    again = held(preferences.user)
    assert deliver_held("pigeons", now=now).sent == 0
    again.refresh_from_db()
    held(preferences.user, due_at=again.due_at)
    NotificationPreferences.objects.update(quiet_hours_enabled=False)
    assert deliver_held("pigeons", now=again.due_at).sent == 2
    assert len(pigeons.sent) == 1


@pytest.mark.parametrize("tried", [False, True])
@pytest.mark.parametrize("urgent", [0, 1, 2])
def test_what_waits_longer_than_the_rest_goes_by_another_name(
    pigeons: type[Pigeons], urgent: int, tried: bool
) -> None:
    """One of three can't wait for the end of the quiet hours, which began meanwhile. A provider that knows names would
    drop a second message of the same name.
    """
    now = timezone.now()
    preferences = _quiet_around(now)
    rows = [held(preferences.user, notification__priority=3 if nth == urgent else 1) for nth in range(3)]
    if tried:
        _try_in_vain(pigeons, now)
        now = Delivery.objects.get(pk=rows[0].pk).due_at
    deliver_held("pigeons", now=now)
    for waiting in Delivery.objects.filter(state="pending").order_by("due_at"):
        deliver_held("pigeons", now=waiting.due_at)
    assert states(*rows) == ["sent"] * 3
    first, *others = [message.key for message in pigeons.sent]
    assert Delivery.objects.get(pk=rows[urgent].pk).provider_id == f"wing {first}"
    assert others
    assert len({first, *others}) == 1 + len(others)
    for key in (first, *others):
        row = Delivery.objects.get(pk=key.removeprefix("medguard-"))
        # A receipt finds the whole message by the row that the name is of.
        assert row.provider_id == f"wing {key}"


Held = dict[int, Withheld]


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Held:
    """What is withheld, by id; each as long as it says."""
    chosen: Held = {}

    def withheld(rows: Any, now: datetime) -> Held:
        return {
            row.pk: chosen[row.pk]
            for row in rows
            if row.pk in chosen and now < (chosen[row.pk].until or datetime.max.replace(tzinfo=UTC))
        }

    monkeypatch.setattr("notifications.pipeline.batch.withheld", withheld)
    return chosen


def later(until: datetime, reason: Reason | None = None) -> Withheld:
    return Withheld(Delivery.State.PENDING, reason, until)


def names(pigeons: type[Pigeons]) -> list[str]:
    """Of what was sent, in order."""
    return [message.key.removeprefix("medguard-") for message in pigeons.sent]


def test_what_a_budget_kept_back_may_be_sent_by_its_own_name_later(
    pigeons: type[Pigeons], found: Held
) -> None:
    user, now = UserFactory(), timezone.now()
    first, second = held(user), held(user)
    found[first.pk] = Withheld(Delivery.State.FAILED, Reason.BUDGET)
    deliver_held("pigeons", now=now)
    found.clear()
    revive_deliveries(Delivery.objects.filter(pk=first.pk), due_at=now)
    deliver_held("pigeons", now=now)
    assert names(pigeons) == [str(second.pk), str(first.pk)]


@pytest.mark.parametrize("tried", [False, True])
def test_whoever_dies_as_a_digest_parts_leaves_no_two_of_one_name(
    pigeons: type[Pigeons], found: Held, monkeypatch: pytest.MonkeyPatch, tried: bool
) -> None:
    user, now = UserFactory(), timezone.now()
    rows = [held(user) for _ in range(3)]
    if tried:
        _try_in_vain(pigeons, now)
    now += 10 * MINUTE
    found |= {rows[0].pk: later(now + 60 * MINUTE), rows[1].pk: later(now + 90 * MINUTE)}
    release = Claim.release

    def dies(taken: Claim, ids: Any, **fields: Any) -> int:
        release(taken, ids, **fields)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Claim, "release", dies)
        with pytest.raises(SystemExit):
            deliver_held("pigeons", now=now)
    for minutes in range(2, 120, 2):
        deliver_held("pigeons", now=now + minutes * MINUTE)
    assert states(*rows) == ["sent"] * 3
    assert len(set(names(pigeons))) == len(names(pigeons)) == 3


def test_what_was_never_tried_has_all_its_attempts_beside_what_failed_often(
    pigeons: type[Pigeons], found: Held
) -> None:
    user, now = UserFactory(), timezone.now()
    first, often = held(user), held(user)
    Delivery.objects.update(failures=5, attempts=5, digest=first.pk, state="retry")
    found[often.pk] = later(now + 60 * MINUTE, Reason.QUIET_HOURS)
    deliver_held("pigeons", now=now)
    fresh = held(user, due_at=now + 60 * MINUTE)
    _storm(pigeons)
    deliver_held("pigeons", now=now + 60 * MINUTE)
    assert states(often, fresh) == ["failed", "retry"]


def test_each_name_is_borne_by_its_row_however_often_its_digest_parts(
    pigeons: type[Pigeons], found: Held
) -> None:
    user, now = UserFactory(), timezone.now()
    night = now + 60 * MINUTE
    older = held(user, due_at=night)
    first, second = held(user), held(user)
    _try_in_vain(pigeons, now)
    now += 10 * MINUTE
    found[second.pk] = later(now + 3 * MINUTE)
    deliver_held("pigeons", now=now)
    fresh = held(user, due_at=now + 2 * MINUTE)
    found |= {row.pk: later(night, Reason.QUIET_HOURS) for row in (second, fresh)}
    deliver_held("pigeons", now=now + 4 * MINUTE)
    deliver_held("pigeons", now=night)
    assert states(older, first, second, fresh) == ["sent"] * 4
    for name in names(pigeons):
        assert Delivery.objects.get(pk=name).provider_id == f"wing medguard-{name}"
    assert len(set(names(pigeons))) == len(names(pigeons))


def test_a_row_that_was_lost_as_a_digest_parted_holds_up_nobody(
    pigeons: type[Pigeons], found: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are given back, and go with the next round."""
    user, other, now = UserFactory(), UserFactory(), timezone.now()
    first, second, lost, good = held(user), held(user), held(other), held(other)
    found[first.pk] = later(now + 60 * MINUTE)
    renew = Claim.renew

    def slow(taken: Claim, ids: Any, **fields: Any) -> bool:
        Delivery.objects.filter(pk=lost.pk).update(lease_owner="another")
        return renew(taken, ids, **fields)

    with monkeypatch.context() as patch:
        patch.setattr(Claim, "renew", slow)
        assert deliver_held("pigeons", now=now).sent == 0
    assert deliver_held("pigeons", now=now).sent == 2
    assert states(second, good, lost) == ["sent", "sent", "sending"]
    assert set(Delivery.objects.values_list("crashes", flat=True)) == {0}


def _storm(pigeons: type[Pigeons]) -> None:
    def storm(message: Message) -> None:
        raise ChannelError("a storm", permanent=False)

    pigeons.on_send = storm


def _try_in_vain(pigeons: type[Pigeons], now: datetime) -> None:
    """While nobody has quiet hours."""
    _storm(pigeons)
    NotificationPreferences.objects.update(quiet_hours_enabled=False)
    deliver_held("pigeons", now=now)
    NotificationPreferences.objects.update(quiet_hours_enabled=True)
    pigeons.on_send = None
    pigeons.sent.clear()


def _quiet_around(now: datetime) -> NotificationPreferences:
    return NotificationPreferencesFactory(
        timezone="UTC",
        quiet_hours_enabled=True,
        quiet_hours_start=(now - timedelta(hours=1)).time(),
        quiet_hours_end=(now + timedelta(hours=1)).time(),
    )


def test_neither_waits_until_there_is_no_more_of_the_other(
    pigeons: type[Pigeons], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow server: each message takes a whole turn."""
    for _ in range(3):
        DeliveryFactory()
        held()
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])

    def dawdle(message: Message) -> None:
        clock[0] += TURN

    pigeons.on_send = dawdle
    monkeypatch.setattr(pigeons, "batch_size", 1)
    monkeypatch.setattr(tasks, "wake", lambda *args, **kwargs: None)
    tasks.deliver.call_local("pigeons")
    sent = Delivery.objects.filter(state="sent")
    assert sorted(sent.values_list("lane", flat=True)) == [1, Lane.HELD]


def test_what_failed_together_may_be_tried_again_by_itself(pigeons: type[Pigeons]) -> None:
    user = UserFactory()
    rows = [held(user, state="failed", digest=1, finished_at=timezone.now()) for _ in range(2)]
    for row in rows:
        revive_deliveries(Delivery.objects.filter(pk=row.pk), due_at=timezone.now())
        deliver_held("pigeons", now=timezone.now())
    assert [message.key for message in pigeons.sent] == [f"medguard-{row.pk}" for row in rows]


@pytest.mark.usefixtures("unhurried")
def test_the_number_of_queries_does_not_grow_with_what_was_held(
    pigeons: type[Pigeons], django_assert_max_num_queries: Any
) -> None:
    users = [UserFactory() for _ in range(5)]
    for _ in range(6):
        for user in users:
            held(user)
    with django_assert_max_num_queries(20 + 5):
        assert deliver_held("pigeons", now=timezone.now()).sent == 30
