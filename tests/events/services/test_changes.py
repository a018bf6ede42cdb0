"""Change one event, it and what follows, or all: first planned, then applied; attendance stays with its event."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Attendance, ClinicEvent, EventSeries
from events.services.changes import change as changes
from events.services.changes.change import change_apply, plan_change, plan_series_change, series_update
from events.services.changes.plan import Change, Outcome, Plan, Scope
from events.services.event import event_cancel, event_create
from events.services.generation import generate
from notifications.models import EventRecord, Notification
from notifications.pipeline.fan_out import fan_out
from tests.events.changes import event_change, event_move
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory, EventSeriesFactory, weekly
from tests.factories import ClinicFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def series() -> EventSeries:
    """Tuesdays from ten to twelve: 24 November, 1, 8 and 15 December."""
    series = EventSeriesFactory()
    generate(now=NOW)
    return series


def events(series: EventSeries) -> list[ClinicEvent]:
    return list(series.events.order_by("starts_at", "id"))


def starts(series: EventSeries) -> list[str]:
    zone = timezone.get_default_timezone()
    return [f"{event.starts_at.astimezone(zone):%m-%d %H:%M}" for event in events(series)]


def shift(event: ClinicEvent, by: timedelta, **more: Any) -> Change:
    return Change(starts_at=event.starts_at + by, ends_at=event.ends_at + by, **more)


def outcomes(plan: Plan) -> list[str]:
    return [each.outcome.value for each in plan.occurrences]


def everything() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (EventSeries, ClinicEvent, Attendance, EventRecord)
    ]


def notified(name: str) -> dict[int, int]:
    """How many messages of that type each person has."""
    with time_machine.travel(NOW, tick=False):
        while fan_out(now=NOW).records:
            pass
    messages = Notification.objects.filter(event_type=name).values_list("recipient_id", flat=True)
    return {user_id: list(messages).count(user_id) for user_id in messages}


def refused(call: Any, **arguments: Any) -> dict[str, list[str]]:
    before = everything()
    with pytest.raises(ValidationError) as error:
        call(**arguments)
    assert everything() == before
    return error.value.message_dict


class TestOne:
    def test_it_is_moved_alone_and_keeps_its_identity(self, series: EventSeries) -> None:
        event = events(series)[1]
        user = AttendanceFactory(event=event).user
        applied = change_apply(event_id=event.id, scope=Scope.THIS, change=shift(event, 3 * DAY), now=NOW)
        assert outcomes(applied.plan) == ["moved"]
        assert applied.notified == {user.id}
        moved = ClinicEvent.objects.get(id=event.id)
        assert (moved.original_start, moved.own_time, moved.sequence) == (event.starts_at, True, 1)
        assert moved.next_notice_at == event.starts_at + 2 * DAY
        assert generate(now=NOW).made == 0
        assert notified("event.moved") == {user.id: 1}

    def test_another_time_and_place_together_are_one_message(self) -> None:
        attendance = AttendanceFactory()
        event = attendance.event
        change = shift(event, DAY, details={"place": "Tent", "title_af": "Dag"})
        change_apply(event_id=event.id, scope=Scope.ALL, change=change, now=NOW)
        event.refresh_from_db()
        assert (event.place, event.title_af, event.sequence) == ("Tent", "Dag", 1)
        assert notified("event.moved") == {attendance.user_id: 1}

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            (Change(starts_at=NOW, ends_at=NOW + HOUR), "starts_at"),
            (Change(starts_at=NOW + DAY, ends_at=NOW + DAY), "ends_at"),
            (Change(details={"capacity": 1}), "capacity"),
            (Change(config=weekly(2)), "config"),
        ],
    )
    def test_an_invalid_change_is_refused_and_nothing_changed(self, change: Change, field: str) -> None:
        event = ClinicEventFactory()
        for _ in range(2):
            AttendanceFactory(event=event)
        assert field in refused(change_apply, event_id=event.id, scope=Scope.THIS, change=change, now=NOW)

    def test_an_event_that_is_cancelled_or_over_is_not_changed(self) -> None:
        cancelled, over = ClinicEventFactory(), ClinicEventFactory(starts_at=NOW - DAY)
        event_cancel(event_id=cancelled.id, now=NOW)
        for event in (cancelled, over):
            call = {"starts_at": NOW + DAY, "ends_at": NOW + 2 * DAY}
            assert "event" in refused(event_move, event_id=event.id, now=NOW, **call)
            assert "event" in refused(event_change, event_id=event.id, details={"place": "x"}, now=NOW)
        assert "event" in refused(event_cancel, event_id=over.id, now=NOW)

    def test_an_unknown_detail_is_refused_by_name(self) -> None:
        with pytest.raises(ValueError, match="colour"):
            event_change(event_id=ClinicEventFactory().id, details={"colour": "blue"}, now=NOW)

    def test_a_change_of_texts_keeps_a_reminder_that_is_overdue(self) -> None:
        event = ClinicEventFactory()
        event_change(
            event_id=event.id,
            details={"title_en": "Day", "reminders": [30]},
            now=event.starts_at - DAY + HOUR,
        )
        event.refresh_from_db()
        assert event.next_notice_at == event.starts_at - DAY

    def test_a_single_event_can_be_made(self) -> None:
        event = ClinicEvent(
            clinic=ClinicFactory(), title_en="Outreach", starts_at=NOW + DAY, ends_at=NOW + DAY + HOUR
        )
        event_create(event=event, now=NOW)
        assert event.next_notice_at == NOW + DAY - HOUR
        early = ClinicEvent(
            clinic=event.clinic, title_en="Outreach", starts_at=NOW - HOUR, ends_at=NOW + HOUR
        )
        with pytest.raises(ValidationError, match="future"):
            event_create(event=early, now=NOW)


class TestFollowing:
    def test_the_series_is_split_and_people_stay_with_their_event(self, series: EventSeries) -> None:
        first, second, third, fourth = events(series)
        people = {event.id: AttendanceFactory(event=event).user for event in (first, second, fourth)}
        change = shift(second, DAY + HOUR)
        applied = change_apply(event_id=second.id, scope=Scope.FOLLOWING, change=change, now=NOW)
        assert outcomes(applied.plan) == ["moved", "moved", "moved"]
        series.refresh_from_db()
        new = EventSeries.objects.get(follows=series)
        assert starts(series) == ["11-24 10:00"]
        assert starts(new) == ["12-02 11:00", "12-09 11:00", "12-16 11:00"]
        assert [event.id for event in events(new)] == [second.id, third.id, fourth.id]
        assert [event.original_start == event.starts_at for event in events(new)] == [True] * 3
        assert series.config["until"] == "2026-11-30"
        assert (new.config["weekdays"], new.config["start_time"]) == ([2], "11:00")
        assert (new.title_en, new.title_af, new.clinic) == ("Diabetes club", "Diabetesklub", series.clinic)
        assert notified("event.moved") == {people[second.id].id: 1, people[fourth.id].id: 1}
        assert applied.notified == {people[second.id].id, people[fourth.id].id}
        for event in (second, fourth):
            assert event.attendances.get().user == people[event.id]

    def test_later_occurrences_follow_both_patterns(self, series: EventSeries) -> None:
        second = events(series)[1]
        change_apply(event_id=second.id, scope=Scope.FOLLOWING, change=shift(second, DAY), now=NOW)
        assert generate(now=NOW).made == 0
        generate(now=NOW + timedelta(weeks=2))
        assert starts(series) == ["11-24 10:00"]
        assert starts(EventSeries.objects.get(follows=series))[-2:] == ["12-23 10:00", "12-30 10:00"]

    def test_a_person_of_several_dates_has_one_message_with_all_of_them(self, series: EventSeries) -> None:
        second, third = events(series)[1:3]
        user = AttendanceFactory(event=second).user
        AttendanceFactory(event=third, user=user)
        change_apply(event_id=second.id, scope=Scope.FOLLOWING, change=shift(second, DAY), now=NOW)
        assert notified("event.moved") == {user.id: 1}
        body = Notification.objects.get().body
        assert "Tuesday 1 December, 10:00 is now Wednesday 2 December, 10:00 to 12:00 (Hall)" in body
        assert "Tuesday 8 December, 10:00 is now Wednesday 9 December, 10:00 to 12:00 (Hall)" in body

    def test_an_event_that_was_moved_or_cancelled_by_itself_keeps_that_and_does_not_come_back(
        self, series: EventSeries
    ) -> None:
        _, second, third, fourth = events(series)
        users = [AttendanceFactory(event=event).user.id for event in (third, fourth)]
        event_move(
            event_id=third.id,
            starts_at=third.starts_at + 2 * HOUR,
            ends_at=third.ends_at + 2 * HOUR,
            now=NOW,
        )
        event_cancel(event_id=fourth.id, now=NOW)
        assert (notified("event.moved"), notified("event.cancelled")) == ({users[0]: 1}, {users[1]: 1})
        applied = change_apply(event_id=second.id, scope=Scope.FOLLOWING, change=shift(second, DAY), now=NOW)
        assert outcomes(applied.plan) == ["moved", "alone", "alone"]
        new = EventSeries.objects.get(follows=series)
        assert starts(new) == ["12-02 10:00", "12-08 12:00", "12-15 10:00"]
        assert [event.state for event in events(new)] == ["planned", "planned", "cancelled"]
        assert generate(now=NOW).made == 0
        assert (notified("event.moved"), notified("event.cancelled")) == ({users[0]: 1}, {users[1]: 1})

    def test_from_the_first_on_the_series_is_not_split(self, series: EventSeries) -> None:
        first = events(series)[0]
        applied = change_apply(event_id=first.id, scope=Scope.FOLLOWING, change=shift(first, DAY), now=NOW)
        assert applied.plan.ended is None
        assert EventSeries.objects.get() == series
        assert starts(series) == ["11-25 10:00", "12-02 10:00", "12-09 10:00", "12-16 10:00"]

    def test_details_alone_split_it_as_well(self, series: EventSeries) -> None:
        third = events(series)[2]
        user = AttendanceFactory(event=third).user
        change = Change(details={"place": "Tent", "title_en": "Walking club"})
        change_apply(event_id=third.id, scope=Scope.FOLLOWING, change=change, now=NOW)
        new = EventSeries.objects.get(follows=series)
        assert {event.place for event in events(series)} == {"Hall"}
        assert {(event.place, event.title_en) for event in events(new)} == {("Tent", "Walking club")}
        assert (new.place, new.title_en, new.title_af) == ("Tent", "Walking club", "Diabetesklub")
        assert [event.sequence for event in events(new)] == [1, 1]
        assert notified("event.moved") == {user.id: 1}

    def test_a_count_is_shared_out(self) -> None:
        series = EventSeriesFactory(config=weekly(1, start_date="2026-11-24", count=6))
        generate(now=NOW, weeks=10)
        third = events(series)[2]
        change_apply(event_id=third.id, scope=Scope.FOLLOWING, change=shift(third, DAY), now=NOW)
        assert len(starts(series)) == 2
        new = EventSeries.objects.get(follows=series)
        assert starts(new) == ["12-09 10:00", "12-16 10:00", "12-23 10:00", "12-30 10:00"]
        assert generate(now=NOW, weeks=20).made == 0

    def test_one_that_has_begun_can_not_be_the_first(self, series: EventSeries) -> None:
        first = events(series)[0]
        said = refused(
            change_apply,
            event_id=first.id,
            scope=Scope.FOLLOWING,
            change=Change(details={"place": "Tent"}),
            now=first.starts_at,
        )
        assert "event" in said

    def test_a_shift_that_no_pattern_says_is_refused(self) -> None:
        series = EventSeriesFactory(
            config={"type": "monthly", "month_day": -1, "start_time": "10:00", "end_time": "12:00"}
        )
        generate(now=NOW, weeks=8)
        second = events(series)[1]
        said = refused(
            change_apply, event_id=second.id, scope=Scope.FOLLOWING, change=shift(second, -DAY), now=NOW
        )
        assert "config" in said

    def test_more_than_a_day_long_is_refused(self, series: EventSeries) -> None:
        second = events(series)[1]
        change = Change(starts_at=second.starts_at, ends_at=second.starts_at + 25 * HOUR)
        said = refused(change_apply, event_id=second.id, scope=Scope.FOLLOWING, change=change, now=NOW)
        assert "ends_at" in said

    def test_an_event_over_midnight_stays_one(self) -> None:
        series = EventSeriesFactory(config=weekly(4, start_time="22:00", end_time="02:00"))
        generate(now=NOW)
        second = events(series)[1]
        change_apply(event_id=second.id, scope=Scope.FOLLOWING, change=shift(second, HOUR), now=NOW)
        new = EventSeries.objects.get(follows=series)
        assert (new.config["start_time"], new.config["end_time"]) == ("23:00", "03:00")
        assert {event.ends_at - event.starts_at for event in events(new)} == {4 * HOUR}


class TestAll:
    def test_future_events_move_and_past_ones_stay(self, series: EventSeries) -> None:
        past, *ahead = events(series)
        now = past.ends_at + HOUR
        ClinicEvent.objects.filter(id=past.id).update(state="completed")
        change = shift(ahead[1], -DAY)
        change_apply(event_id=ahead[1].id, scope=Scope.ALL, change=change, now=now)
        assert starts(series)[:4] == ["11-24 10:00", "11-30 10:00", "12-07 10:00", "12-14 10:00"]
        assert EventSeries.objects.count() == 1
        assert generate(now=now).made == 0

    def test_a_shift_by_whole_weeks_keeps_every_event(self, series: EventSeries) -> None:
        ids = [event.id for event in events(series)]
        first = events(series)[0]
        change_apply(event_id=first.id, scope=Scope.ALL, change=shift(first, 7 * DAY), now=NOW)
        assert [event.id for event in events(series)][:4] == ids
        assert starts(series)[:4] == ["12-01 10:00", "12-08 10:00", "12-15 10:00", "12-22 10:00"]

    def test_one_that_would_have_begun_already_stays_as_it_is(self, series: EventSeries) -> None:
        first, second = events(series)[:2]
        now = first.starts_at - HOUR
        applied = change_apply(event_id=second.id, scope=Scope.ALL, change=shift(second, -DAY), now=now)
        assert outcomes(applied.plan) == ["too_near", "moved", "moved", "moved"]
        assert starts(series)[:2] == ["11-24 10:00", "11-30 10:00"]
        assert generate(now=now).made == 0

    def test_it_can_be_changed_again_and_again(self, series: EventSeries) -> None:
        for by in (DAY, -DAY, 2 * DAY):
            first = events(series)[0]
            change_apply(event_id=first.id, scope=Scope.ALL, change=shift(first, by), now=NOW)
            generate(now=NOW)
        assert starts(series)[:4] == ["11-26 10:00", "12-03 10:00", "12-10 10:00", "12-17 10:00"]


class TestPattern:
    def test_events_of_the_new_pattern_stay_others_go_and_gaps_are_filled(self) -> None:
        series = EventSeriesFactory(config=weekly(1, 3))
        generate(now=NOW, weeks=2)
        tuesday, thursday, second_tuesday, second_thursday = events(series)
        stays, goes, waits = (
            AttendanceFactory(event=tuesday),
            AttendanceFactory(event=thursday),
            AttendanceFactory(event=thursday, state=Attendance.State.WAITING),
        )
        AttendanceFactory(event=second_thursday, state=Attendance.State.LEFT)
        applied = series_update(series_id=series.id, change=Change(config=weekly(1, 4)), now=NOW)
        assert outcomes(applied.plan) == ["kept", "cancelled", "kept", "removed"]
        assert notified("event.cancelled") == {goes.user_id: 1, waits.user_id: 1}
        assert notified("event.moved") == {}
        assert {event.id for event in events(series)} >= {tuesday.id, thursday.id, second_tuesday.id}
        assert not ClinicEvent.objects.filter(id=second_thursday.id).exists()
        planned = [event for event in events(series) if event.state == "planned"]
        assert [f"{event.starts_at:%a}" for event in planned] == ["Tue", "Fri"] * 4
        assert stays.event.attendances.get().state == "joined"
        assert list(applied.plan.added)[:2] == [
            datetime(2026, 11, 27, 8, tzinfo=UTC),
            datetime(2026, 12, 4, 8, tzinfo=UTC),
        ]

    def test_another_time_of_day_moves_all_with_their_people(self, series: EventSeries) -> None:
        event = events(series)[2]
        user = AttendanceFactory(event=event).user
        config = weekly(1, start_time="14:00", end_time="15:30")
        series_update(series_id=series.id, change=Change(config=config), now=NOW)
        assert starts(series) == ["11-24 14:00", "12-01 14:00", "12-08 14:00", "12-15 14:00"]
        event.refresh_from_db()
        assert event.ends_at - event.starts_at == timedelta(minutes=90)
        assert notified("event.moved") == {user.id: 1}

    def test_from_one_on_the_part_before_keeps_its_pattern(self, series: EventSeries) -> None:
        third = events(series)[2]
        change = Change(config=weekly(1, 3))
        change_apply(event_id=third.id, scope=Scope.FOLLOWING, change=change, now=NOW)
        new = EventSeries.objects.get(follows=series)
        assert starts(series) == ["11-24 10:00", "12-01 10:00"]
        assert starts(new) == ["12-08 10:00", "12-10 10:00", "12-15 10:00", "12-17 10:00"]

    def test_an_inactive_series_keeps_its_events_and_gets_no_more(self, series: EventSeries) -> None:
        applied = series_update(series_id=series.id, change=Change(config=weekly(1, active=False)), now=NOW)
        assert outcomes(applied.plan) == ["kept"] * 4
        assert applied.plan.added == ()
        assert generate(now=NOW + timedelta(weeks=2)).made == 0

    def test_one_pushed_onto_a_holiday_is_cancelled(self) -> None:
        series = EventSeriesFactory(config=weekly(1, skip_public_holidays=True))
        generate(now=NOW)
        first, fourth = events(series)[0], events(series)[3]
        user = AttendanceFactory(event=fourth).user
        # 16 December, a Wednesday, is the Day of Reconciliation.
        change_apply(event_id=first.id, scope=Scope.ALL, change=shift(first, DAY), now=NOW)
        fourth.refresh_from_db()
        assert fourth.state == "cancelled"
        assert notified("event.cancelled") == {user.id: 1}

    def test_a_malformed_pattern_is_refused_with_its_key_named(self, series: EventSeries) -> None:
        config = weekly(1, interval=0)
        said = refused(series_update, series_id=series.id, change=Change(config=config), now=NOW)
        assert said["config"][0].startswith("interval: ")


class TestDetails:
    def test_they_apply_to_all_future_events_except_those_changed_by_themselves(
        self, series: EventSeries
    ) -> None:
        first, second, third, _ = events(series)
        event_change(event_id=second.id, details={"place": "Tent"}, now=NOW)
        event_cancel(event_id=third.id, now=NOW)
        change = Change(details={"place": "Library", "capacity": 5})
        series_update(series_id=series.id, change=change, now=NOW)
        assert [(event.place, event.capacity) for event in events(series)] == [
            ("Library", 5),
            ("Tent", 5),
            ("Hall", None),
            ("Library", 5),
        ]
        first.refresh_from_db()
        assert first.sequence == 1

    @pytest.mark.parametrize("scope", [Scope.ALL, Scope.FOLLOWING])
    def test_the_chosen_one_gets_them_though_the_series_has_them_already(
        self, series: EventSeries, scope: Scope
    ) -> None:
        second = events(series)[1]
        event_change(event_id=second.id, details={"place": "Tent"}, now=NOW)
        change_apply(event_id=second.id, scope=scope, change=Change(details={"place": "Hall"}), now=NOW)
        assert {event.place for event in events(series)} == {"Hall"}
        assert EventSeries.objects.count() == 1

    def test_past_ones_stay_as_they_were(self, series: EventSeries) -> None:
        now = events(series)[1].starts_at + HOUR
        series_update(series_id=series.id, change=Change(details={"title_en": "Club"}), now=now)
        titles = [event.title_en for event in events(series)]
        assert titles[:2] == ["Diabetes club", "Diabetes club"]
        assert set(titles[2:]) == {"Club"}

    def test_more_places_go_to_the_waiting_list(self, series: EventSeries) -> None:
        series_update(series_id=series.id, change=Change(details={"capacity": 1}), now=NOW)
        event = events(series)[0]
        AttendanceFactory(event=event)
        waits = AttendanceFactory(event=event, state=Attendance.State.WAITING)
        series_update(series_id=series.id, change=Change(details={"capacity": 2}), now=NOW)
        waits.refresh_from_db()
        assert waits.state == "joined"

    def test_fewer_places_than_people_at_any_of_them_are_refused(self, series: EventSeries) -> None:
        for _ in range(2):
            AttendanceFactory(event=events(series)[3])
        change = Change(details={"capacity": 1, "place": "Tent"})
        assert "capacity" in refused(series_update, series_id=series.id, change=change, now=NOW)


class TestPlan:
    def test_it_predicts_the_result_and_writes_nothing(self, series: EventSeries) -> None:
        second, third = events(series)[1:3]
        joined, waits = AttendanceFactory(event=second), AttendanceFactory(event=second, state="waiting")
        AttendanceFactory(event=third, state="left")
        before = everything()
        change = shift(second, DAY)
        plan = plan_change(event_id=second.id, scope=Scope.FOLLOWING, change=change, now=NOW)
        assert everything() == before
        assert [
            (each.old_starts_at, each.starts_at, each.joined, each.waiting, len(each.notified))
            for each in plan.occurrences[:2]
        ] == [
            (second.starts_at, second.starts_at + DAY, 1, 1, 2),
            (third.starts_at, third.starts_at + DAY, 0, 0, 0),
        ]
        assert plan.notified == {joined.user_id, waits.user_id}
        assert plan.config is not None and plan.config.weekdays == (2,)
        applied = change_apply(event_id=second.id, scope=Scope.FOLLOWING, change=change, now=NOW)
        assert applied.plan == plan
        assert [each.outcome for each in plan.occurrences] == [Outcome.MOVED] * 3

    def test_nothing_changes_it_after_it_was_made(self, series: EventSeries) -> None:
        second = events(series)[1]
        reminders = [1440, 60, 30]
        details: dict[str, Any] = {"reminders": reminders, "place": "Tent"}
        change = shift(second, DAY, details=details)
        made = [
            plan_change(event_id=second.id, scope=scope, change=change, now=NOW)
            for scope in (Scope.THIS, Scope.FOLLOWING)
        ]
        before = [repr(plan) for plan in made]
        change_apply(event_id=second.id, scope=Scope.FOLLOWING, change=change, now=NOW)
        reminders.append(15)
        details["place"] = "Library"
        assert [repr(plan) for plan in made] == before
        for plan in made:
            for mapping in (plan.details, plan.old_details, plan.occurrences[0].details):
                with pytest.raises(TypeError):
                    mapping["place"] = "Hall"

    def test_the_result_names_the_series_that_the_events_belong_to_now(self, series: EventSeries) -> None:
        second, third = events(series)[1:3]
        change = Change(details={"reminders": [30]})
        one = change_apply(event_id=second.id, scope=Scope.THIS, change=change, now=NOW)
        split = change_apply(event_id=third.id, scope=Scope.FOLLOWING, change=change, now=NOW)
        whole = series_update(series_id=series.id, change=change, now=NOW)
        new = EventSeries.objects.get(follows=series)
        assert [one.series_id, split.series_id, whole.series_id] == [None, new.id, series.id]
        assert new.reminders == events(new)[0].reminders == [30]

    def test_that_of_a_series_writes_nothing(self, series: EventSeries) -> None:
        AttendanceFactory(event=events(series)[0])
        before = everything()
        plan = plan_series_change(series_id=series.id, change=Change(config=weekly(5)), now=NOW)
        assert everything() == before
        assert outcomes(plan) == ["cancelled", "removed", "removed", "removed"]
        assert len(plan.added) == 4

    def test_the_number_of_queries_does_not_grow_with_the_events(self) -> None:
        def count(weeks: int) -> tuple[int, int]:
            series = EventSeriesFactory()
            generate(now=NOW, weeks=weeks)
            for event in events(series):
                AttendanceFactory(event=event)
            first = events(series)[0]
            change = shift(first, DAY, details={"capacity": 9})
            with CaptureQueriesContext(connection) as planning:
                plan_change(event_id=first.id, scope=Scope.ALL, change=change, now=NOW)
            with CaptureQueriesContext(connection) as doing:
                change_apply(event_id=first.id, scope=Scope.ALL, change=change, now=NOW)
            return len(planning), len(doing)

        assert count(5) == count(20)


@pytest.mark.django_db(transaction=True)
def test_a_generation_that_meets_a_change_makes_nothing_of_the_old_pattern(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    series = EventSeriesFactory()
    generate(now=NOW, weeks=1)
    first = events(series)[0]
    has_changed, has_looked = Event(), Event()
    apply = changes.apply

    def wait_for_the_other(plan: Plan, *, now: datetime) -> Any:
        result = apply(plan, now=now)
        has_changed.set()
        # This times out if the other waits for the series, as it must.
        has_looked.wait(timeout=1)
        return result

    monkeypatch.setattr(changes, "apply", wait_for_the_other)

    def run(call: Callable[[], object]) -> None:
        try:
            call()
        finally:
            connection.close()

    def change() -> None:
        change_apply(event_id=first.id, scope=Scope.ALL, change=shift(first, DAY), now=NOW)

    def generate_meanwhile() -> None:
        has_changed.wait(timeout=10)
        generate(now=NOW, weeks=6)
        has_looked.set()

    threads = [Thread(target=run, args=[call]) for call in (change, generate_meanwhile)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {f"{event.starts_at:%a}" for event in events(series)} == {"Wed"}
    assert len(events(series)) == 6
