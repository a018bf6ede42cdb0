"""Near the start of an event: nobody is moved up who couldn't come, and who joins late is told that it starts."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from events.models import Attendance, ClinicEvent
from events.services.attendance import event_join, event_leave, fill_free_places
from events.services.notices import send_event_notices
from home.models import Clinic, User
from notifications.models import EventRecord, Notification
from notifications.pipeline.fan_out import fan_out
from tests.events.changes import event_change
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
State = Attendance.State


@pytest.fixture
def event() -> ClinicEvent:
    """One place, which is taken, and one who waits."""
    event = ClinicEventFactory(capacity=1)
    AttendanceFactory(event=event, asked_at=NOW)
    AttendanceFactory(event=event, asked_at=NOW + MINUTE, state=State.WAITING)
    return event


def who_has(event: ClinicEvent) -> User:
    return event.attendances.get(state=State.JOINED).user


def who_waits(event: ClinicEvent) -> User | None:
    found = event.attendances.filter(state=State.WAITING).first()
    return found.user if found else None


def give_up(event: ClinicEvent, minutes: int) -> None:
    """So many minutes before the start."""
    event_leave(event_id=event.pk, user=who_has(event), now=event.starts_at - minutes * MINUTE)


@pytest.mark.parametrize(
    ("setting", "minutes", "moved_up"),
    [
        (60, 61, True),
        (60, 60, False),
        (60, 50, False),
        (60, 0, False),
        (60, -2, False),
        (0, 1, True),
        (0, 0, False),
        (0, -2, False),
        (240, 239, False),
        (240, 241, True),
    ],
)
def test_a_place_is_given_on_only_while_one_can_still_come(
    event: ClinicEvent, setting: int, minutes: int, moved_up: bool
) -> None:
    Clinic.objects.update(move_up_minutes=setting)
    give_up(event, minutes)
    assert (who_waits(event) is None) is moved_up
    assert EventRecord.objects.filter(event_type="event.place_free").count() == moved_up


def erased_account(event: ClinicEvent) -> None:
    who_has(event).delete()
    fill_free_places(now=event.starts_at + 2 * MINUTE)


def sent_notices(event: ClinicEvent) -> None:
    who_has(event).delete()
    send_event_notices(now=event.starts_at + 2 * MINUTE)


def more_places(event: ClinicEvent) -> None:
    event_change(event_id=event.pk, details={"capacity": 5}, now=event.starts_at + 2 * MINUTE)


@pytest.mark.parametrize("happens", [erased_account, sent_notices, more_places])
def test_nobody_is_moved_up_in_any_other_way_once_it_has_begun(
    event: ClinicEvent, happens: Callable[[ClinicEvent], None]
) -> None:
    happens(event)
    assert who_waits(event) is not None
    assert not EventRecord.objects.filter(event_type="event.place_free").exists()


def test_who_waits_and_is_there_takes_a_place_that_is_free_and_no_other(event: ClinicEvent) -> None:
    waiting = who_waits(event)
    assert waiting is not None
    at = event.starts_at - 30 * MINUTE
    assert event_join(event_id=event.pk, user=waiting, now=at).state == State.WAITING
    give_up(event, 40)
    assert event_join(event_id=event.pk, user=waiting, now=at).state == State.JOINED


def starting(user: User) -> int:
    return Notification.objects.filter(recipient=user, event_type="event.starting").count()


def all_is_told(event: ClinicEvent, minutes: int) -> None:
    while fan_out(now=event.starts_at - minutes * MINUTE).records:
        pass


def test_who_joins_fifty_minutes_before_the_start_is_told_at_once_that_it_starts_and_nobody_twice() -> None:
    event = ClinicEventFactory()
    early, late = AttendanceFactory(event=event).user, UserFactory()
    send_event_notices(now=event.starts_at - 60 * MINUTE)
    all_is_told(event, 60)
    assert (starting(early), starting(late)) == (1, 0)
    event_join(event_id=event.pk, user=late, now=event.starts_at - 50 * MINUTE)
    all_is_told(event, 50)
    assert (starting(early), starting(late)) == (1, 1)
    event_leave(event_id=event.pk, user=late, now=event.starts_at - 45 * MINUTE)
    event_join(event_id=event.pk, user=late, now=event.starts_at - 40 * MINUTE)
    all_is_told(event, 40)
    assert (starting(early), starting(late)) == (1, 1)


def test_who_joins_just_before_the_notice_is_sent_gets_it_once() -> None:
    event, user = ClinicEventFactory(), UserFactory()
    AttendanceFactory(event=event)
    event_join(event_id=event.pk, user=user, now=event.starts_at - 60 * MINUTE)
    send_event_notices(now=event.starts_at - 60 * MINUTE)
    all_is_told(event, 60)
    assert starting(user) == 1


@pytest.mark.parametrize("minutes", [61, 0, -5])
def test_earlier_it_comes_in_its_time_and_after_the_start_not_at_all(minutes: int) -> None:
    event, user = ClinicEventFactory(), UserFactory()
    event_join(event_id=event.pk, user=user, now=event.starts_at - minutes * MINUTE)
    assert not EventRecord.objects.filter(event_type="event.starting").exists()


def test_who_is_moved_up_within_the_hour_is_told_that_too(event: ClinicEvent) -> None:
    Clinic.objects.update(move_up_minutes=10)
    waiting = who_waits(event)
    assert waiting is not None
    give_up(event, 30)
    all_is_told(event, 30)
    assert starting(waiting) == 1
