"""What is published is written down first, once, and dealt with after the commit."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from notifications import bus, tasks
from notifications.exceptions import EventTypeError, PayloadError
from notifications.models import EventRecord, ListenerCall, Notification
from notifications.pipeline import listeners
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rain", "pigeons")]


def test_an_unknown_type_is_refused_by_name() -> None:
    with pytest.raises(EventTypeError, match=r"weather\.snow"):
        bus.publish("weather.snow", {})


@pytest.mark.parametrize(
    ("payload", "named"),
    [({}, "user_ids"), ({"user_ids": [], "wind": 1}, "wind"), ({"user_ids": 3}, "user_ids")],
)
def test_a_payload_that_does_not_fit_is_refused_by_key(payload: dict[str, Any], named: str) -> None:
    with pytest.raises(PayloadError, match=named):
        bus.publish("weather.rain", payload)
    with pytest.raises(PayloadError, match=named):
        bus.publish_many("weather.rain", [({"user_ids": []}, "a"), (payload, "b")])
    assert not EventRecord.objects.exists()


def test_the_same_key_is_one_publication() -> None:
    first = bus.publish("weather.rain", {"user_ids": []}, dedupe_key="a")
    again = bus.publish("weather.rain", {"user_ids": []}, dedupe_key="a")
    assert again.pk == first.pk
    assert bus.publish_many("weather.rain", [({"user_ids": []}, "a"), ({"user_ids": []}, "b")]) == 1
    assert EventRecord.objects.count() == 2


def test_without_a_key_each_is_its_own() -> None:
    bus.publish("weather.rain", {"user_ids": []})
    bus.publish("weather.rain", {"user_ids": []})
    assert EventRecord.objects.count() == 2


def test_publishing_many_takes_a_statement_for_many(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(25):
        assert bus.publish_many("weather.rain", [({"user_ids": []}, f"{n}") for n in range(900)]) == 900


def test_what_is_published_for_later_waits() -> None:
    person = UserFactory()
    at = timezone.now() + timedelta(days=1)
    record = bus.publish("weather.rain", {"user_ids": [person.pk]}, dedupe_key="a", at=at)
    tasks.fan_out.call_local()
    assert not Notification.objects.exists()
    EventRecord.objects.update(due_at=timezone.now())
    tasks.fan_out.call_local()
    assert Notification.objects.get().event_record_id == record.pk


def test_what_is_withdrawn_tells_nobody_until_it_is_published_again() -> None:
    person = UserFactory()
    at = timezone.now() + timedelta(days=1)
    bus.publish("weather.rain", {"user_ids": [person.pk]}, dedupe_key="a", at=at)
    assert bus.withdraw("weather.rain", "a")
    assert not bus.withdraw("weather.rain", "a")
    assert EventRecord.objects.get().state == EventRecord.State.CANCELLED

    bus.publish("weather.rain", {"user_ids": [person.pk]}, dedupe_key="a")
    tasks.fan_out.call_local()
    assert Notification.objects.count() == 1


def test_many_come_back_to_life_in_a_constant_number_of_queries(django_assert_max_num_queries: Any) -> None:
    person, now = UserFactory(), timezone.now()
    at = now + timedelta(days=1)
    keys = [f"{number}" for number in range(20)]
    empty: dict[str, Any] = {"user_ids": []}
    bus.publish_many("weather.rain", [(empty, key) for key in keys], at=at)
    assert all(bus.withdraw("weather.rain", key) for key in keys[1:])

    with django_assert_max_num_queries(10):
        again = bus.publish_many("weather.rain", [({"user_ids": [person.pk]}, key) for key in keys], now=now)

    assert again == 19  # the first one waits as it was said before
    assert not EventRecord.objects.exclude(state=EventRecord.State.PENDING, finished_at=None).exists()
    assert EventRecord.objects.get(dedupe_key="0").due_at == at
    tasks.fan_out.call_local()
    assert Notification.objects.filter(recipient=person).count() == 19
    assert bus.publish_many("weather.rain", [(empty, key) for key in keys], now=now) == 0


def test_what_has_been_told_can_not_be_withdrawn() -> None:
    bus.publish("weather.rain", {"user_ids": [UserFactory().pk]}, dedupe_key="a")
    tasks.fan_out.call_local()
    assert not bus.withdraw("weather.rain", "a")


def test_the_queue_being_down_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def refuse(*args: object) -> None:
        raise ConnectionError("the queue is down")

    monkeypatch.setattr(tasks.HUEY, "enqueue", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        bus.publish("weather.rain", {"user_ids": [UserFactory().pk]})
    assert EventRecord.objects.get().state == EventRecord.State.PENDING


def test_a_listener_is_called_once_for_each_publication() -> None:
    heard: list[int] = []

    @bus.subscribe("weather.rain")
    def umbrella(record: EventRecord) -> None:
        heard.append(record.pk)

    try:
        record = bus.publish("weather.rain", {"user_ids": []}, dedupe_key="a")
        bus.publish("weather.rain", {"user_ids": []}, dedupe_key="a")
        tasks.call_listeners.call_local()
        tasks.call_listeners.call_local()
    finally:
        listeners.remove("weather.rain", umbrella)
    assert heard == [record.pk]


def test_a_listener_that_fails_is_called_again_and_holds_up_no_other() -> None:
    heard: list[str] = []

    @bus.subscribe("weather.rain")
    def broken(record: EventRecord) -> None:
        heard.append("broken")
        raise RuntimeError("no umbrella")

    @bus.subscribe("weather.rain")
    def whole(record: EventRecord) -> None:
        heard.append("whole")

    try:
        bus.publish("weather.rain", {"user_ids": []})
        for _ in range(6):
            tasks.call_listeners.call_local()
            ListenerCall.objects.filter(finished_at=None).update(due_at=timezone.now())
    finally:
        listeners.remove("weather.rain", broken)
        listeners.remove("weather.rain", whole)
    assert sorted(heard) == ["broken"] * 5 + ["whole"]
    assert "no umbrella" in ListenerCall.objects.get(listener__endswith="broken").error
