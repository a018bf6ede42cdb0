"""From a change of an event to the words that each person reads."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events import event_texts
from events.models import Attendance, ClinicEvent
from events.services.attendance import attendance_mark, event_join, event_leave
from events.services.event import event_cancel
from events.services.notices import send_event_notices
from home.models import User
from notifications import bus, registry
from notifications.models import Delivery, EventRecord, Notification, NotificationPreferences
from notifications.pipeline.fan_out import fan_out
from notifications.rules.placeholders import placeholders
from notifications.types import Publication, Texts
from tests.events.changes import event_change, event_move
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory
from tests.factories import CareRoleFactory, UserFactory

pytestmark = pytest.mark.django_db

OURS = {
    "event.joined": event_texts.JOINED,
    "event.place_free": event_texts.PLACE_FREE,
    "event.reminder": event_texts.REMINDER,
    "event.starting": event_texts.STARTING,
    "event.moved": event_texts.MOVED,
    "event.cancelled": event_texts.CANCELLED,
    "event.ended": event_texts.ENDED,
}
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def event() -> ClinicEvent:
    return ClinicEventFactory(clinic__name="Delft Clinic")


def person(language: str = "en", **wishes: Any) -> User:
    user = UserFactory()
    NotificationPreferences.objects.create(user=user, language=language, **wishes)
    return user


def inbox(user: User) -> list[Notification]:
    while fan_out(now=timezone.now()).records:
        pass
    assert not EventRecord.objects.filter(state=EventRecord.State.FAILED).exists()
    return list(Notification.objects.filter(recipient=user).order_by("id"))


def titles(user: User) -> list[str]:
    return [message.title for message in inbox(user)]


def test_a_person_who_joins_reads_when_and_where_in_their_own_language(event: ClinicEvent) -> None:
    thandi, pieter = person(), person("af")
    for user in (thandi, pieter):
        event_join(event_id=event.id, user=user, now=NOW)
    [hers], [his] = inbox(thandi), inbox(pieter)
    assert hers.title == "You have a place: Outreach day"
    assert hers.body.startswith("Outreach day\nWednesday 25 November, 08:00 to 10:00\nHall, Delft Clinic\n")
    assert his.title == "U het ’n plek: Uitreikdag"
    assert his.body.startswith("Uitreikdag\nWoensdag 25 November, 08:00")
    assert hers.path == f"/events/{event.id}/"
    assert (hers.related_object_type, hers.related_object_id) == ("clinicevent", event.id)
    assert hers.valid_until == event.ends_at


def test_times_are_local_to_the_reader(event: ClinicEvent) -> None:
    user = person(timezone="Europe/London")
    event_join(event_id=event.id, user=user, now=NOW)
    assert "Wednesday 25 November, 06:00 to 08:00" in inbox(user)[0].body


def test_a_title_that_lacks_a_translation_is_read_in_the_other_language() -> None:
    user = person("af")
    event_join(event_id=ClinicEventFactory(title_af="").id, user=user, now=NOW)
    assert titles(user) == ["U het ’n plek: Outreach day"]


def test_a_person_who_moves_up_is_notified(event: ClinicEvent) -> None:
    ClinicEvent.objects.update(capacity=1)
    thandi, pieter = person(), person("af")
    for user in (thandi, pieter):
        event_join(event_id=event.id, user=user, now=NOW)
    event_leave(event_id=event.id, user=thandi, now=NOW)
    assert titles(pieter) == ["U het nou ’n plek: Uitreikdag"]


def test_all_notifications_of_an_event_for_a_person_who_attends(event: ClinicEvent, clock: Any) -> None:
    user = person()
    event_join(event_id=event.id, user=user, now=NOW)
    for now in (event.starts_at - DAY, event.starts_at - HOUR, event.ends_at):
        clock.move_to(now)
        send_event_notices(now=now)
        inbox(user)
    assert titles(user) == [
        "You have a place: Outreach day",
        "Reminder: Outreach day",
        "Starting soon: Outreach day",
        "Thank you for coming: Outreach day",
    ]
    assert [message.valid_until for message in inbox(user)[1:]] == [
        event.starts_at,
        event.starts_at,
        event.ends_at + DAY,
    ]


def test_leaving_sends_none_later_also_of_what_was_published_before(event: ClinicEvent, clock: Any) -> None:
    stays, leaves = person(), person()
    for user in (stays, leaves):
        AttendanceFactory(event=event, user=user)
    clock.move_to(event.starts_at - DAY)
    send_event_notices(now=event.starts_at - DAY)
    event_leave(event_id=event.id, user=leaves, now=event.starts_at - DAY)
    clock.move_to(event.starts_at - HOUR)
    send_event_notices(now=event.starts_at - HOUR)
    assert titles(leaves) == []
    assert len(titles(stays)) == 2


def test_the_waiting_list_is_not_reminded(event: ClinicEvent, clock: Any) -> None:
    user = person()
    ClinicEvent.objects.filter(id=event.id).update(capacity=1)
    AttendanceFactory(event=event)
    AttendanceFactory(event=event, user=user, state=Attendance.State.WAITING)
    clock.move_to(event.starts_at - HOUR)
    send_event_notices(now=event.starts_at - HOUR)
    assert titles(user) == []


def test_an_absent_person_is_not_thanked(event: ClinicEvent, clock: Any) -> None:
    there, absent = AttendanceFactory(event=event), AttendanceFactory(event=event)
    clock.move_to(event.starts_at)
    attendance_mark(attendance_id=there.id, state="attended", now=event.starts_at)
    attendance_mark(attendance_id=absent.id, state="no_show", now=event.starts_at)
    clock.move_to(event.ends_at)
    send_event_notices(now=event.ends_at)
    assert titles(there.user) == ["Thank you for coming: Outreach day"]
    assert titles(absent.user) == []


class TestMoved:
    def test_everyone_who_joined_or_waits_is_notified_once(self, event: ClinicEvent) -> None:
        joined, waits, left = person(), person("af"), person()
        AttendanceFactory(event=event, user=joined)
        AttendanceFactory(event=event, user=waits, state=Attendance.State.WAITING)
        AttendanceFactory(event=event, user=left, state=Attendance.State.LEFT)
        event_move(event_id=event.id, starts_at=NOW + 3 * DAY, ends_at=NOW + 3 * DAY + HOUR, now=NOW)
        [hers], [his] = inbox(joined), inbox(waits)
        assert hers.title == "Changed: Outreach day"
        assert (
            "Wednesday 25 November, 08:00 is now Thursday 26 November, 08:00 to 09:00 (Hall)\n" in hers.body
        )
        assert "Woensdag 25 November, 08:00 is nou Donderdag 26 November, 08:00 tot 09:00 (Hall)" in his.body
        assert titles(left) == []

    def test_a_pending_reminder_is_dropped(self, event: ClinicEvent, clock: Any) -> None:
        user = AttendanceFactory(event=event).user
        now = event.starts_at - DAY
        clock.move_to(now)
        send_event_notices(now=now)
        event_move(event_id=event.id, starts_at=now + 2 * DAY, ends_at=now + 3 * DAY, now=now)
        assert titles(user) == ["Changed: Outreach day"]

    def test_of_two_moves_before_a_notification_only_the_last_counts(self, event: ClinicEvent) -> None:
        user = AttendanceFactory(event=event).user
        for days in (3, 4):
            start = NOW + days * DAY
            event_move(event_id=event.id, starts_at=start, ends_at=start + HOUR, now=NOW)
        [message] = inbox(user)
        assert "is now Friday 27 November" in message.body

    def test_another_place_is_notified_as_well(self, event: ClinicEvent) -> None:
        user = AttendanceFactory(event=event).user
        event_change(event_id=event.id, details={"place": "Tent"}, now=NOW)
        event_change(event_id=event.id, details={"title_en": "Great outreach day"}, now=NOW)
        [message] = inbox(user)
        assert message.title == "Changed: Great outreach day"
        assert "\nWednesday 25 November, 08:00 to 10:00 (Tent)\n" in message.body
        event.refresh_from_db()
        assert event.sequence == 1

    def test_a_move_to_the_same_time_notifies_nobody(self, event: ClinicEvent) -> None:
        user = AttendanceFactory(event=event).user
        event_move(event_id=event.id, starts_at=event.starts_at, ends_at=event.ends_at, now=NOW)
        assert titles(user) == []

    def test_of_200_people_each_has_one_message_and_no_reminder_of_the_old_time(
        self, event: ClinicEvent, clock: Any
    ) -> None:
        people = [AttendanceFactory(event=event).user for _ in range(200)]
        old = event.starts_at
        start = old + 2 * DAY
        event_move(event_id=event.id, starts_at=start, ends_at=start + HOUR, now=NOW)
        for now in (old - DAY, old - HOUR, old):
            clock.move_to(now)
            send_event_notices(now=now)
            inbox(people[0])
        assert [len(inbox(user)) for user in people] == [1] * 200
        assert set(Notification.objects.values_list("event_type", flat=True)) == {"event.moved"}


def test_everyone_is_notified_once_of_the_cancellation_and_its_reason(event: ClinicEvent) -> None:
    joined, waits = person(), person("af")
    AttendanceFactory(event=event, user=joined)
    AttendanceFactory(event=event, user=waits, state=Attendance.State.WAITING)
    for _ in range(2):
        event_cancel(event_id=event.id, now=NOW, reason="The nurse is ill.")
    [message] = inbox(joined)
    assert message.title == "Cancelled: Outreach day"
    assert message.body == (
        "Outreach day at Delft Clinic will not take place:\nWednesday 25 November, 08:00 to 10:00\n\n"
        "Reason: The nurse is ill."
    )
    assert titles(waits) == ["Gekanselleer: Uitreikdag"]


def test_a_pending_reminder_is_dropped_when_the_event_is_cancelled(event: ClinicEvent, clock: Any) -> None:
    user = AttendanceFactory(event=event).user
    clock.move_to(event.starts_at - DAY)
    send_event_notices(now=event.starts_at - DAY)
    event_cancel(event_id=event.id, now=event.starts_at - DAY)
    assert titles(user) == ["Cancelled: Outreach day"]


class TestStillRelevant:
    """Whether pending notifications are still relevant is checked before they are sent."""

    def asked(self, user: User) -> list[bool]:
        message = inbox(user)[-1]
        return list(registry.get(message.event_type).still_relevant([message.data]))

    def test_a_reminder_is_relevant_while_the_event_is_at_its_time_and_the_person_has_a_place(
        self, event: ClinicEvent, clock: Any
    ) -> None:
        user = AttendanceFactory(event=event).user
        now = event.starts_at - DAY
        clock.move_to(now)
        send_event_notices(now=now)
        assert self.asked(user) == [True]
        event_leave(event_id=event.id, user=user, now=now)
        assert self.asked(user) == [False]
        event_join(event_id=event.id, user=user, now=now)
        reminder = Notification.objects.get(event_type="event.reminder")
        relevant = registry.get("event.reminder").still_relevant
        assert relevant([reminder.data]) == [True]
        event_move(event_id=event.id, starts_at=now + 2 * DAY, ends_at=now + 3 * DAY, now=now)
        assert relevant([reminder.data]) == [False]

    def test_a_cancellation_is_relevant_and_reminders_no_longer_are(self, event: ClinicEvent) -> None:
        user = AttendanceFactory(event=event).user
        event_move(event_id=event.id, starts_at=NOW + 3 * DAY, ends_at=NOW + 4 * DAY, now=NOW)
        assert self.asked(user) == [True]
        moved = Notification.objects.get(event_type="event.moved")
        event_cancel(event_id=event.id, now=NOW)
        assert registry.get("event.moved").still_relevant([moved.data]) == [False]
        assert self.asked(user) == [True]


def test_people_who_died_are_not_notified(event: ClinicEvent) -> None:
    role = CareRoleFactory(patient__deceased_on=date(2026, 11, 20))
    carer = CareRoleFactory(patient__deceased_on=date(2026, 11, 20), relation="carer").user
    for user in (role.user, carer):
        AttendanceFactory(event=event, user=user)
    event_cancel(event_id=event.id, now=NOW)
    assert titles(role.user) == []
    assert len(titles(carer)) == 1


def test_a_lock_screen_shows_only_discreet_texts(event: ClinicEvent) -> None:
    user = AttendanceFactory(event=event).user
    event_cancel(event_id=event.id, now=NOW)
    inbox(user)
    [mail] = Delivery.objects.filter(channel="email")
    assert mail.subject == "You have a message from your clinic"


def test_what_a_lock_screen_shows_of_a_visit_is_at_most_its_day() -> None:
    discreet = {
        name: set(placeholders(texts.short_text_discreet) + placeholders(texts.email_subject_discreet))
        for name, texts in {each.name: each.texts["en"] for each in registry.event_types()}.items()
        if name.startswith(("visit.", "event."))
    }
    assert {name: found for name, found in discreet.items() if found} == {
        "visit.reminder": {"when"},
        "visit.missed": {"when"},
        "visit.moved": {"change"},
    }


@pytest.mark.parametrize("name", OURS)
def test_every_text_is_there_in_both_languages_with_the_same_placeholders(name: str) -> None:
    english, afrikaans = OURS[name]["en"], OURS[name]["af"]
    for field in fields(Texts):
        texts = [getattr(each, field.name) for each in (english, afrikaans)]
        assert all(texts) and texts[0] != texts[1]
        assert set(placeholders(texts[0])) == set(placeholders(texts[1]))
    assert registry.get(name).texts == OURS[name]


def publications(name: str, attendances: list[Attendance]) -> list[dict[str, Any]]:
    events = list({each.event_id: each.event for each in attendances}.values())
    if name in ("event.joined", "event.place_free"):
        return [{"attendance_id": each.id} for each in attendances]
    if name == "event.moved":
        return [{"moved": [[each.id, each.sequence, NOW.isoformat()] for each in events]}]
    if name == "event.cancelled":
        ClinicEvent.objects.update(state="cancelled")
        return [{"event_ids": [each.id for each in events]}]
    more = {"minutes": 60} if name == "event.reminder" else {}
    return [{"event_id": each.id, "starts_at": each.starts_at.isoformat(), **more} for each in events]


@pytest.mark.parametrize("name", OURS)
def test_finding_the_people_takes_two_queries_and_asking_again_one(name: str) -> None:
    attendances = [AttendanceFactory() for _ in range(12)]
    event_type = registry.get(name)
    payloads = publications(name, attendances)
    for payload in payloads:
        registry.check_payload(event_type, payload)
    with CaptureQueriesContext(connection) as captured:
        found = list(event_type.recipients([Publication(n, each) for n, each in enumerate(payloads)], NOW))
    assert len(captured) == 2
    assert len(found) == 12
    with CaptureQueriesContext(connection) as captured:
        assert event_type.still_relevant([each.data for each in found]) == [True] * 12
    assert len(captured) == 1


def test_a_publication_said_twice_is_one_message(event: ClinicEvent) -> None:
    attendance = AttendanceFactory(event=event)
    for _ in range(2):
        bus.publish("event.joined", {"attendance_id": attendance.id}, dedupe_key="once")
    assert len(titles(attendance.user)) == 1
