"""Join, leave, wait in order, move up; the last place goes to one person."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import translation

from events.models import Attendance, ClinicEvent
from events.services.attendance import attendance_mark, event_join, event_leave, fill_free_places
from events.services.event import event_cancel
from home.models import User
from notifications.models import EventRecord
from tests.events.changes import event_change
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
State = Attendance.State


def published(name: str) -> int:
    return EventRecord.objects.filter(event_type=name).count()


def states(event: ClinicEvent) -> dict[int, str]:
    return dict(Attendance.objects.filter(event=event).values_list("user_id", "state"))


def full(*waiting: User) -> tuple[ClinicEvent, User]:
    """An event with one place, who has it, and these people on its waiting list in this order."""
    event, thandi = ClinicEventFactory(capacity=1), UserFactory()
    for minute, user in enumerate((thandi, *waiting)):
        event_join(event_id=event.id, user=user, now=NOW + timedelta(minutes=minute))
    return event, thandi


def test_a_person_who_joins_has_a_place_and_is_notified_once_however_often_they_join() -> None:
    event, user = ClinicEventFactory(), UserFactory()
    for _ in range(2):
        assert event_join(event_id=event.id, user=user, now=NOW).state == State.JOINED
    assert published("event.joined") == 1
    assert states(event) == {user.id: "joined"}


def test_a_full_event_has_a_waiting_list_which_is_not_notified_of_a_place() -> None:
    pieter = UserFactory()
    event, thandi = full(pieter)
    assert states(event) == {thandi.id: "joined", pieter.id: "waiting"}
    assert published("event.joined") == 1


def test_the_place_of_an_erased_account_goes_once_to_the_first_on_the_waiting_list() -> None:
    pieter, anna = UserFactory(), UserFactory()
    event, thandi = full(pieter, anna)
    thandi.delete()
    assert [fill_free_places(now=NOW + HOUR) for _ in range(2)] == [1, 0]
    assert states(event) == {pieter.id: "joined", anna.id: "waiting"}
    assert published("event.place_free") == 1


@pytest.mark.parametrize("is_over", [True, False], ids=["over", "cancelled"])
def test_nobody_is_given_a_place_at_an_event_that_is_over_or_cancelled(is_over: bool) -> None:
    event, thandi = full(UserFactory())
    thandi.delete()
    if not is_over:
        event_cancel(event_id=event.id, now=NOW)
    assert fill_free_places(now=event.ends_at if is_over else NOW + HOUR) == 0


def test_when_one_leaves_the_first_on_the_waiting_list_moves_up_and_is_notified() -> None:
    pieter, anna = UserFactory(), UserFactory()
    event, thandi = full(pieter, anna)
    event_leave(event_id=event.id, user=thandi, now=NOW + HOUR)
    assert states(event) == {thandi.id: "left", pieter.id: "joined", anna.id: "waiting"}
    assert published("event.place_free") == 1


def test_leaving_the_waiting_list_moves_nobody_up() -> None:
    pieter, anna = UserFactory(), UserFactory()
    event, thandi = full(pieter, anna)
    event_leave(event_id=event.id, user=pieter, now=NOW + HOUR)
    assert states(event) == {thandi.id: "joined", pieter.id: "left", anna.id: "waiting"}
    assert published("event.place_free") == 0


def test_a_person_who_joins_again_waits_at_the_end_and_is_notified_again_of_a_place() -> None:
    pieter, anna = UserFactory(), UserFactory()
    event, thandi = full(pieter, anna)
    for action in (event_leave, event_join):
        action(event_id=event.id, user=pieter, now=NOW + HOUR)
    event_leave(event_id=event.id, user=thandi, now=NOW + HOUR)
    assert states(event)[anna.id] == "joined"
    assert states(event)[pieter.id] == "waiting"
    event_leave(event_id=event.id, user=anna, now=NOW + HOUR)
    event_leave(event_id=event.id, user=pieter, now=NOW + HOUR)
    event_join(event_id=event.id, user=pieter, now=NOW + 2 * HOUR)
    assert published("event.joined") == 2
    assert published("event.place_free") == 2


def test_people_who_asked_at_the_same_moment_are_in_the_order_of_the_list() -> None:
    event = ClinicEventFactory(capacity=1)
    first = AttendanceFactory(event=event)
    waiting = [AttendanceFactory(event=event, state=State.WAITING, asked_at=NOW) for _ in range(3)]
    event_leave(event_id=event.id, user=first.user, now=NOW)
    assert [states(event)[each.user_id] for each in waiting] == ["joined", "waiting", "waiting"]


def test_leaving_twice_or_without_having_joined_is_harmless() -> None:
    event, user = ClinicEventFactory(), UserFactory()
    assert event_leave(event_id=event.id, user=user, now=NOW) is None
    event_join(event_id=event.id, user=user, now=NOW)
    for _ in range(2):
        left = event_leave(event_id=event.id, user=user, now=NOW)
        assert left is not None and left.state == State.LEFT


def test_an_event_that_is_under_way_may_still_be_joined() -> None:
    event = ClinicEventFactory(starts_at=NOW - HOUR)
    assert event_join(event_id=event.id, user=UserFactory(), now=NOW).state == State.JOINED


@pytest.mark.parametrize("action", [event_join, event_leave])
def test_a_past_event_refuses_in_the_persons_language(action: object) -> None:
    event, user = ClinicEventFactory(starts_at=NOW - 2 * HOUR), UserFactory()
    with translation.override("af"), pytest.raises(ValidationError) as refused:
        action(event_id=event.id, user=user, now=NOW)
    with translation.override("af"):
        assert refused.value.message_dict == {"event": ["Hierdie geleentheid is verby."]}
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("action", [event_join, event_leave])
def test_a_cancelled_event_refuses(action: object) -> None:
    event = AttendanceFactory().event
    event_cancel(event_id=event.id, now=NOW)
    before = states(event)
    with pytest.raises(ValidationError, match="cancelled"):
        action(event_id=event.id, user=UserFactory(), now=NOW)
    assert states(event) == before


def test_more_places_go_to_the_waiting_list_in_order() -> None:
    pieter, anna, sipho = UserFactory(), UserFactory(), UserFactory()
    event, thandi = full(pieter, anna, sipho)
    event_change(event_id=event.id, details={"capacity": 3}, now=NOW + HOUR)
    assert states(event) == {
        thandi.id: "joined",
        pieter.id: "joined",
        anna.id: "joined",
        sipho.id: "waiting",
    }
    event_change(event_id=event.id, details={"capacity": None}, now=NOW + HOUR)
    assert states(event)[sipho.id] == "joined"
    assert published("event.place_free") == 3


def test_fewer_places_than_people_are_refused_and_nothing_is_changed() -> None:
    event = ClinicEventFactory(capacity=3)
    for _ in range(2):
        AttendanceFactory(event=event)
    with pytest.raises(ValidationError, match="2 people have joined"):
        event_change(event_id=event.id, details={"capacity": 1, "place": "Tent"}, now=NOW)
    event.refresh_from_db()
    assert (event.capacity, event.place) == (3, "Hall")
    event_change(event_id=event.id, details={"capacity": 2}, now=NOW)
    assert event_join(event_id=event.id, user=UserFactory(), now=NOW).state == State.WAITING


class TestMarking:
    def test_staff_mark_attendance_from_an_hour_before_the_start(self) -> None:
        attendance = AttendanceFactory()
        opens = attendance.event.starts_at - HOUR
        for state in (State.ATTENDED, State.NO_SHOW, State.JOINED):
            assert attendance_mark(attendance_id=attendance.id, state=state, now=opens).state == state
        with pytest.raises(ValidationError, match="too early"):
            attendance_mark(
                attendance_id=attendance.id, state=State.ATTENDED, now=opens - timedelta(seconds=1)
            )

    def test_a_person_who_was_marked_keeps_the_place(self) -> None:
        event = ClinicEventFactory(capacity=1, starts_at=NOW)
        attendance = AttendanceFactory(event=event)
        attendance_mark(attendance_id=attendance.id, state=State.NO_SHOW, now=NOW)
        assert event_join(event_id=event.id, user=UserFactory(), now=NOW).state == State.WAITING
        left = event_leave(event_id=event.id, user=attendance.user, now=NOW)
        assert left is not None and left.state == State.NO_SHOW

    @pytest.mark.parametrize("state", [State.WAITING, State.LEFT])
    def test_a_person_without_a_place_can_not_be_marked(self, state: str) -> None:
        attendance = AttendanceFactory(state=state, event__starts_at=NOW)
        with pytest.raises(ValidationError, match="no place"):
            attendance_mark(attendance_id=attendance.id, state=State.ATTENDED, now=NOW)

    @pytest.mark.parametrize("state", [State.WAITING, State.LEFT, "asleep"])
    def test_nobody_is_marked_as_anything_else(self, state: str) -> None:
        attendance = AttendanceFactory(event__starts_at=NOW)
        with pytest.raises(ValidationError):
            attendance_mark(attendance_id=attendance.id, state=state, now=NOW)

    def test_attendance_at_a_cancelled_event_can_not_be_marked(self) -> None:
        attendance = AttendanceFactory(event__state="cancelled", event__starts_at=NOW)
        with pytest.raises(ValidationError, match="cancelled"):
            attendance_mark(attendance_id=attendance.id, state=State.ATTENDED, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_never_given_twice() -> None:
    event = ClinicEventFactory(capacity=3)
    people = [UserFactory() for _ in range(8)]
    start = Barrier(len(people))

    def join(user: User) -> None:
        start.wait()
        try:
            event_join(event_id=event.id, user=user, now=NOW)
        finally:
            connection.close()

    threads = [Thread(target=join, args=[user]) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states(event).values()) == ["joined"] * 3 + ["waiting"] * 5
    assert published("event.joined") == 3


@pytest.mark.django_db(transaction=True)
def test_two_who_leave_at_once_make_room_for_two() -> None:
    event = ClinicEventFactory(capacity=2)
    leaving = [AttendanceFactory(event=event).user for _ in range(2)]
    for _ in range(3):
        AttendanceFactory(event=event, state=State.WAITING)
    start = Barrier(2)

    def leave(user: User) -> None:
        start.wait()
        try:
            event_leave(event_id=event.id, user=user, now=NOW)
        finally:
            connection.close()

    threads = [Thread(target=leave, args=[user]) for user in leaving]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states(event).values()) == ["joined", "joined", "left", "left", "waiting"]
    assert published("event.place_free") == 2
