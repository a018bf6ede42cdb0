"""From publications to messages: each person once, in their language, by the channels they want."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from notifications import bus, registry
from notifications.encryption.cipher import SEALED
from notifications.models import (
    ChannelChoice,
    Delivery,
    EventRecord,
    Notification,
    NotificationTemplate,
)
from notifications.pipeline.compose import compose
from notifications.pipeline.fan_out import fan_out, fan_out_and_spread
from notifications.pipeline.insert import insert
from notifications.types import TEXT_FIELDS, About, Recipient
from notifications.work.leases import claim
from tests.factories import UserFactory
from tests.notifications.conftest import Ground
from tests.notifications.encryption.keys import kept
from tests.notifications.factories import NotificationPreferencesFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rain", "pigeons")]


def rains_on(*people: Any, key: str = "") -> EventRecord:
    return bus.publish("weather.rain", {"user_ids": [person.pk for person in people]}, dedupe_key=key)


def fan_out_all() -> None:
    while fan_out(now=timezone.now()).records:
        pass


def test_each_person_is_told_in_their_own_language() -> None:
    thandi, pieter = UserFactory.create_batch(2)
    NotificationPreferencesFactory(user=pieter, language="af")
    record = rains_on(thandi, pieter)
    fan_out_all()
    titles = dict(Notification.objects.values_list("recipient_id", "title"))
    assert titles == {thandi.pk: "Hello Thandi", pieter.pk: "Hallo Thandi"}
    record.refresh_from_db()
    assert (record.state, record.recipients) == (EventRecord.State.PROCESSED, 2)


def test_outside_the_words_are_discreet_unless_the_person_wants_detail() -> None:
    discreet, detailed = UserFactory.create_batch(2)
    NotificationPreferencesFactory(user=detailed, detail="detailed")
    rains_on(discreet, detailed)
    fan_out_all()
    bodies = dict(Delivery.objects.values_list("notification__recipient_id", "body"))
    assert bodies == {discreet.pk: "Hello, a message", detailed.pk: "Hello Thandi: it <b>rains</b>"}


def test_what_leaves_the_site_is_sealed_in_the_table_and_what_people_share_is_sealed_once() -> None:
    people = UserFactory.create_batch(2)
    rains_on(*people)
    fan_out_all()
    one, other = Delivery.objects.order_by("pk")
    addresses, bodies = (
        [kept(Delivery, column, row.pk) for row in (one, other)] for column in ("address", "body")
    )
    assert bodies[0] == bodies[1] and addresses[0] != addresses[1]
    assert all(value.startswith(SEALED) for value in (*addresses, *bodies))
    assert (one.body, one.address) == ("Hello, a message", f"loft {people[0].pk}")


def test_a_delivery_is_of_its_messages_scope() -> None:
    people = UserFactory.create_batch(3)
    recipients = [
        Recipient(None, person.pk, {"name": "Thandi", "what": "it rains"}, "key", about=About(scope))
        for person, scope in zip(people, (7, 8, None), strict=True)
    ]
    insert(compose(registry.get("weather.rain"), recipients, now=timezone.now()))
    scopes = dict(Delivery.objects.values_list("notification__recipient_id", "scope_id"))
    assert scopes == {people[0].pk: 7, people[1].pk: 8, people[2].pk: None}


def test_open_pages_hear_of_each_chunk_when_it_is_there_and_channels_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("notifications.pipeline.fan_out.CHUNK", 2)
    woken: list[tuple[object, int]] = []
    monkeypatch.setattr(
        "notifications.pipeline.fan_out.wake",
        lambda what, *about: woken.append((about, Notification.objects.count())),
    )
    told: list[tuple[set[int], int]] = []
    monkeypatch.setattr(
        "notifications.pipeline.fan_out.announce",
        lambda user_ids: told.append((set(user_ids), Notification.objects.count())),
    )
    one, other, third = UserFactory.create_batch(3)
    rains_on(one, other, third)
    assert fan_out_and_spread(now=timezone.now())
    assert told == [({one.pk, other.pk}, 2), ({third.pk}, 3)]
    assert {count for _about, count in woken} == {3}


def test_a_round_that_is_repeated_tells_nobody_twice() -> None:
    record = rains_on(*UserFactory.create_batch(3))
    fan_out_all()
    EventRecord.objects.filter(pk=record.pk).update(state=EventRecord.State.PENDING, finished_at=None)
    fan_out_all()
    assert Notification.objects.count() == Delivery.objects.count() == 3


def test_a_worker_that_died_between_chunks_leaves_the_rest_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("notifications.pipeline.fan_out.CHUNK", 2)
    monkeypatch.setattr("notifications.work.leases.Claim.renew", lambda self, ids: False)
    record = rains_on(*UserFactory.create_batch(5))
    fan_out(now=timezone.now())
    assert Notification.objects.count() == 2
    monkeypatch.undo()
    fan_out(now=timezone.now() + timedelta(seconds=61))
    assert Notification.objects.count() == Delivery.objects.count() == 5
    record.refresh_from_db()
    assert record.state == EventRecord.State.PROCESSED


def test_a_choice_turns_a_channel_off_and_the_reason_is_kept() -> None:
    person = UserFactory()
    ChannelChoice.objects.create(user=person, category="system", channel="pigeons", on=False)
    ChannelChoice.objects.create(user=person, category="system", channel="in_app", on=False)
    rains_on(person)
    fan_out_all()
    message = Notification.objects.get()
    assert not message.in_inbox
    assert not message.deliveries.exists()
    assert [(each["channel"], each["reason"]) for each in message.routing] == [
        ("in_app", "off_by_choice"),
        ("pigeons", "off_by_choice"),
    ]


def test_quiet_hours_hold_the_delivery_and_not_the_inbox() -> None:
    person = UserFactory()
    local = timezone.localtime()
    NotificationPreferencesFactory(
        user=person,
        quiet_hours_enabled=True,
        quiet_hours_start=(local - timedelta(hours=1)).time().replace(second=0, microsecond=0),
        quiet_hours_end=(local + timedelta(hours=1)).time().replace(second=0, microsecond=0),
    )
    rains_on(person)
    fan_out_all()
    message = Notification.objects.get()
    assert message.scheduled_status == Notification.Status.SENT
    delivery = message.deliveries.get()
    assert timedelta(minutes=58) < delivery.due_at - timezone.now() <= timedelta(hours=1)
    assert message.routing[1]["reason"] == "quiet_hours"


def test_what_is_too_late_is_kept_as_expired_and_not_sent(rain: type[Ground]) -> None:
    rain.valid_until = timezone.now() - timedelta(seconds=1)
    rains_on(UserFactory())
    fan_out_all()
    message = Notification.objects.get()
    assert (message.scheduled_status, message.sent_at) == (Notification.Status.EXPIRED, None)
    assert not message.deliveries.exists()


def test_whoever_is_gone_or_inactive_is_left_out() -> None:
    here, inactive = UserFactory(), UserFactory(is_active=False)
    bus.publish("weather.rain", {"user_ids": [here.pk, inactive.pk, 999_999]})
    fan_out_all()
    assert [message.recipient_id for message in Notification.objects.all()] == [here.pk]


def test_one_bad_publication_holds_up_no_other_and_is_failed_with_its_reason(rain: type[Ground]) -> None:
    good, bad = UserFactory.create_batch(2)
    rain.broken = {bad.pk}
    broken, whole = rains_on(bad), rains_on(good)
    for _ in range(3):
        fan_out_all()
        EventRecord.objects.filter(finished_at=None).update(due_at=timezone.now())
    whole.refresh_from_db()
    broken.refresh_from_db()
    assert whole.state == EventRecord.State.PROCESSED
    assert (broken.state, broken.failures) == (EventRecord.State.FAILED, 3)
    assert f"no such {bad.pk}" in broken.error


def test_one_bad_message_of_a_publication_keeps_no_other_from_being_told(
    rain: type[Ground], caplog: pytest.LogCaptureFixture
) -> None:
    people = UserFactory.create_batch(7)
    rain.speechless = {people[3].pk}
    record, other = rains_on(*people), rains_on(people[0])
    for _ in range(3):
        fan_out_all()
        EventRecord.objects.filter(finished_at=None).update(due_at=timezone.now())
    told = sorted(Notification.objects.values_list("recipient_id", flat=True))
    assert told == sorted(each.pk for each in [people[0], *people] if each != people[3])
    record.refresh_from_db()
    other.refresh_from_db()
    assert (record.state, other.state) == (EventRecord.State.FAILED, EventRecord.State.PROCESSED)
    assert "got no value for 'what'" in record.error
    assert people[3].first_name not in "".join(each.getMessage() for each in caplog.records)


def test_where_every_message_is_bad_the_publication_fails_at_once(rain: type[Ground]) -> None:
    people = UserFactory.create_batch(60)
    rain.speechless = {person.pk for person in people}
    record = rains_on(*people)
    fan_out(now=timezone.now())
    record.refresh_from_db()
    assert (record.failures, Notification.objects.count()) == (1, 0)


def test_a_bad_publication_is_set_back_without_those_that_were_taken_with_it(rain: type[Ground]) -> None:
    good, bad = UserFactory.create_batch(2)
    rain.broken = {bad.pk}
    records = [rains_on(person) for person in (bad, good, good, good)]
    fan_out(now=timezone.now())
    told = EventRecord.objects.filter(state=EventRecord.State.PROCESSED)
    assert [row.pk for row in told] == [records[1].pk]
    assert EventRecord.objects.get(failures=1).pk == records[0].pk


def test_a_live_template_is_used_from_then_on_and_changes_no_earlier_message() -> None:
    person = UserFactory()
    rains_on(person)
    fan_out_all()
    words = {f"{field}_{language}": f"{language} rain" for field in TEXT_FIELDS for language in ("en", "af")}
    template = NotificationTemplate.objects.create(event_type="weather.rain", **words)
    rains_on(person)
    fan_out_all()
    NotificationTemplate.objects.filter(pk=template.pk).update(live=False)
    rains_on(person)
    fan_out_all()
    assert [m.title for m in Notification.objects.order_by("id")] == [
        "Hello Thandi",
        "en rain",
        "Hello Thandi",
    ]


def test_a_template_broken_in_the_database_gives_way_to_the_built_in_texts() -> None:
    words = {f"{field}_{language}": "{{ nobody }}" for field in TEXT_FIELDS for language in ("en", "af")}
    NotificationTemplate.objects.create(event_type="weather.rain", **words)
    rains_on(UserFactory())
    fan_out_all()
    assert Notification.objects.get().title == "Hello Thandi"


def test_a_text_missing_in_one_language_is_taken_from_the_other() -> None:
    pieter = UserFactory()
    NotificationPreferencesFactory(user=pieter, language="af")
    words = {f"{field}_en": "rain" for field in TEXT_FIELDS}
    NotificationTemplate.objects.create(event_type="weather.rain", **words)
    rains_on(pieter)
    fan_out_all()
    assert Notification.objects.get().title == "rain"


@pytest.mark.parametrize("size", [10, 300])
def test_the_number_of_queries_does_not_grow_with_the_people(
    size: int, django_assert_max_num_queries: Any
) -> None:
    people = UserFactory.create_batch(size)
    # Half of them chose by category, and half of those another way for the type.
    choices = [("", False)] * (size // 2) + [("weather.rain", True)] * (size // 4)
    ChannelChoice.objects.bulk_create(
        ChannelChoice(user=person, category="system", event_type=event_type, channel="pigeons", on=on)
        for person, (event_type, on) in zip(people[: size // 2] + people[: size // 4], choices, strict=True)
    )
    rains_on(*people)
    with django_assert_max_num_queries(30):
        fan_out(now=timezone.now())
    assert Notification.objects.count() == size
    assert Delivery.objects.count() == size - size // 2 + size // 4


def test_urgent_publications_overtake_earlier_ones() -> None:
    people = UserFactory.create_batch(2)
    first, second = rains_on(people[0]), rains_on(people[1])
    EventRecord.objects.filter(pk=second.pk).update(priority=3)
    assert claim(EventRecord, now=timezone.now(), limit=1).ids == (second.pk,)
    assert claim(EventRecord, now=timezone.now(), limit=1).ids == (first.pk,)
