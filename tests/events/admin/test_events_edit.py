"""A change is shown before it is made and then applied as shown; an invalid one changes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Attendance, ClinicEvent, EventSeries
from events.services.event import event_cancel, event_create
from notifications.models import EventRecord, Notification
from notifications.pipeline.fan_out import fan_out
from tests.events.admin.conftest import Staff, reads_in
from tests.events.admin.filled_in import filled_in
from tests.events.changes import event_change
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory

DAY = timedelta(days=1)


def address(event: ClinicEvent) -> str:
    return f"/admin/clinic_events/edit/{event.pk}/"


def events(series: EventSeries) -> list[ClinicEvent]:
    return list(series.events.order_by("starts_at"))


@pytest.fixture
def event(staff: Staff) -> ClinicEvent:
    """By itself, on Wednesday from eight to ten, with three places; two people have joined and one waits."""
    event = ClinicEventFactory(clinic=staff.clinic, capacity=3)
    for state in ("joined", "joined", "waiting"):
        AttendanceFactory(event=event, state=state)
    return event


def opened(staff: Staff, event: ClinicEvent) -> dict[str, Any]:
    """The form of the page, as data."""
    return filled_in(staff.client.get(address(event)).content.decode())


def posted(staff: Staff, event: ClinicEvent, **more: Any) -> Any:
    """The response to the form with these changes."""
    return staff.client.post(address(event), opened(staff, event) | more)


def confirmed(staff: Staff, event: ClinicEvent, **more: Any) -> Any:
    """The same, and then the plan is confirmed."""
    plan = posted(staff, event, **more)
    assert plan.status_code == 200 and "plan" in plan.context, plan.context["form"].errors
    return staff.client.post(address(event), filled_in(plan.content.decode()) | {"confirm": "1"}, follow=True)


def everything() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (EventSeries, ClinicEvent, Attendance, EventRecord)
    ]


def test_it_opens_as_the_event_is_and_unchanged_changes_nothing(staff: Staff, event: ClinicEvent) -> None:
    before = everything()
    answer = staff.client.post(address(event), opened(staff, event), follow=True)
    assert b"Nothing was changed." in answer.content
    assert everything() == before


@pytest.mark.parametrize(
    "reminders", [[], [60], [1440, 60], [10080, 1440, 60], [90, 45], [2880, 1440, 180, 60, 7]]
)
def test_any_reminders_survive_the_form(staff: Staff, event: ClinicEvent, reminders: list[int]) -> None:
    event_change(event_id=event.pk, details={"reminders": reminders}, now=NOW)
    assert confirmed(staff, event, place="Tent")
    event.refresh_from_db()
    assert (event.place, event.reminders) == ("Tent", reminders)


def test_nothing_is_saved_before_the_plan_is_confirmed(staff: Staff, event: ClinicEvent) -> None:
    before = everything()
    answer = posted(staff, event, starts_at="2026-11-26 08:00", ends_at="2026-11-26 10:00")
    page = answer.content.decode()
    assert answer.context["plan"].total == "1 event moves. 3 people will be told."
    assert "Save and tell 3 people" in page
    assert "Nothing is saved yet." in page
    assert everything() == before


def test_the_plan_that_was_shown_is_applied(staff: Staff, event: ClinicEvent) -> None:
    answer = confirmed(staff, event, starts_at="2026-11-26 09:30", ends_at="2026-11-26 11:00", place="Tent")
    assert "“Outreach day” is saved. 1 event moves. 3 people will be told." in answer.content.decode()
    event.refresh_from_db()
    assert event.starts_at == datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
    assert event.ends_at == datetime(2026, 11, 26, 9, tzinfo=UTC)
    assert (event.place, event.sequence) == ("Tent", 1)
    assert EventRecord.objects.filter(event_type="event.moved").count() == 1
    assert b"Edited" in staff.client.get(f"/admin/clinic_events/history/{event.pk}/").content


def test_going_back_keeps_the_answers(staff: Staff, event: ClinicEvent) -> None:
    before = everything()
    plan = posted(staff, event, place="Tent", starts_at="2026-11-25 07:00")
    assert "plan" in plan.context
    back = staff.client.post(address(event), filled_in(plan.content.decode()) | {"edit": "1"})
    assert "plan" not in back.context
    form = filled_in(back.content.decode())
    assert (form["place"], form["starts_at"], form["title_af"]) == (
        ["Tent"],
        ["2026-11-25 07:00"],
        ["Uitreikdag"],
    )
    assert everything() == before


def test_a_change_of_texts_notifies_nobody(staff: Staff, event: ClinicEvent) -> None:
    answer = confirmed(staff, event, title_af="Dag", description_en="Bring water")
    assert b"1 event gets new details. Nobody will be told." in answer.content
    event.refresh_from_db()
    assert (event.title_af, event.description_en, event.sequence) == ("Dag", "Bring water", 0)
    assert not EventRecord.objects.exists()


def test_more_places_go_to_the_waiting_list(staff: Staff, event: ClinicEvent) -> None:
    AttendanceFactory(event=event)
    confirmed(staff, event, capacity="10")
    assert not event.attendances.filter(state="waiting").exists()


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        (
            {"capacity": "1"},
            "capacity",
            "2 people have joined already. There can’t be fewer places than that.",
        ),
        ({"starts_at": "2026-11-23 07:00"}, "starts_at", "The start must be in the future."),
        ({"ends_at": "2026-11-25 08:00"}, "ends_at", "The end must be after the start."),
        ({"ends_at": ""}, "ends_at", "Please give a date and a time."),
        ({"title_en": ""}, "title_en", "This field is required."),
    ],
)
@pytest.mark.parametrize("confirm", [{}, {"confirm": "1"}])
def test_an_invalid_change_is_refused_at_its_field_and_changes_nothing(
    staff: Staff, event: ClinicEvent, more: dict[str, str], field: str, said: str, confirm: dict[str, str]
) -> None:
    before = everything()
    answer = posted(staff, event, **more, **confirm)
    assert answer.status_code == 200
    assert answer.context["form"].errors == {field: [said]}
    assert everything() == before


@pytest.mark.parametrize(
    ("scope", "days", "series_count"),
    [
        ("this", ["11-24", "12-02", "12-08", "12-15"], 1),
        ("following", ["11-24", "12-02", "12-09", "12-16"], 2),
        ("all", ["11-25", "12-02", "12-09", "12-16"], 1),
    ],
)
def test_one_of_a_series_is_moved_alone_or_with_the_others(
    staff: Staff, series: EventSeries, scope: str, days: list[str], series_count: int
) -> None:
    chosen = events(series)[1]
    anna = AttendanceFactory(event=events(series)[2]).user
    answer = confirmed(staff, chosen, scope=scope, starts_at="2026-12-02 10:00", ends_at="2026-12-02 12:00")
    assert answer.status_code == 200
    assert [f"{each.starts_at:%m-%d}" for each in ClinicEvent.objects.order_by("starts_at")] == days
    assert EventSeries.objects.count() == series_count
    assert Attendance.objects.get(user=anna).event.original_start is not None
    assert EventRecord.objects.filter(event_type="event.moved").count() == 1


def test_the_question_which_events_is_asked_of_a_series_alone(
    staff: Staff, series: EventSeries, event: ClinicEvent
) -> None:
    assert opened(staff, events(series)[0])["scope"] == ["this"]
    assert "scope" not in opened(staff, event)


def test_an_event_of_a_series_lasts_a_day_at_most(staff: Staff, series: EventSeries) -> None:
    before = everything()
    answer = posted(staff, events(series)[1], scope="all", ends_at="2026-12-03 12:00")
    assert answer.context["form"].errors == {"ends_at": ["An event of a series lasts a day at most."]}
    assert everything() == before


def test_an_outdated_form_overwrites_nothing_and_says_so(staff: Staff, event: ClinicEvent) -> None:
    form = opened(staff, event)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        event_change(event_id=event.pk, details={"place": "Garden"}, now=NOW + timedelta(minutes=1))
        for extra in ({}, {"confirm": "1"}):
            answer = staff.client.post(
                address(event), form | {"starts_at": "2026-11-25 07:00"} | extra, follow=True
            )
            assert b"Somebody else has changed this event" in answer.content
    event.refresh_from_db()
    assert (event.place, event.starts_at) == ("Garden", NOW + 2 * DAY)


def test_an_event_that_is_cancelled_or_over_can_only_be_read(staff: Staff, event: ClinicEvent) -> None:
    form = opened(staff, event)
    event_cancel(event_id=event.pk, now=NOW, reason="The nurse is ill.")
    over = ClinicEventFactory(clinic=staff.clinic, starts_at=NOW - DAY)
    for closed, said in ((event, "Reason: The nurse is ill."), (over, "This event is over.")):
        page = staff.client.get(address(closed)).content.decode()
        assert said in page
        assert 'name="title_en"' not in page
        before = everything()
        answer = staff.client.post(address(closed), form | {"place": "Tent", "confirm": "1"}, follow=True)
        assert "This event can no longer be changed." in answer.content.decode()
        assert everything() == before


def test_no_event_is_ever_deleted(staff: Staff, event: ClinicEvent) -> None:
    staff.nurse.is_superuser = True
    staff.nurse.save()
    for path in (f"/admin/clinic_events/delete/{event.pk}/", f"/admin/clinic_events/{event.pk}/delete/"):
        assert staff.client.post(path).status_code == 404
    assert b"/delete/" not in staff.client.get(address(event)).content
    assert ClinicEvent.objects.filter(pk=event.pk).exists()


def test_a_time_that_was_left_as_it_is_is_no_move_even_where_the_clock_shows_it_twice(staff: Staff) -> None:
    staff.clinic.timezone = "America/New_York"
    staff.clinic.save()
    # The second 01:30 of that night; the form shows 01:30, which by itself would be the first.
    second = datetime(2026, 12, 6, 6, 30, 30, tzinfo=UTC)
    reads_in(staff.nurse, "Asia/Tokyo")
    event = ClinicEventFactory(clinic=staff.clinic, starts_at=second.replace(year=2027, month=11, day=7))
    assert opened(staff, event)["starts_at"] == ["07/11/2027 01:30"]
    confirmed(staff, event, place="Tent")
    moved = ClinicEvent.objects.get(pk=event.pk)
    assert (moved.starts_at, moved.sequence, moved.place) == (event.starts_at, 1, "Tent")
    confirmed(staff, event, ends_at="2027-11-07 06:00")
    moved.refresh_from_db()
    assert moved.starts_at == event.starts_at


def test_two_hundred_people_are_notified_once_each(staff: Staff) -> None:
    event = event_create(
        event=ClinicEventFactory.build(clinic=staff.clinic, title_en="Day", next_notice_at=None), now=NOW
    )
    for _ in range(200):
        AttendanceFactory(event=event)
    plan = posted(staff, event, starts_at="2026-11-26 08:00", ends_at="2026-11-26 10:00")
    assert plan.context["plan"].notified.number == 200
    staff.client.post(address(event), filled_in(plan.content.decode()) | {"confirm": "1"})
    while fan_out(now=NOW).records:
        pass
    moved = Notification.objects.filter(event_type="event.moved")
    assert moved.count() == moved.values("recipient").distinct().count() == 200


def test_the_plan_of_many_people_takes_as_many_queries_as_that_of_few(staff: Staff) -> None:
    def asked(people: int) -> int:
        event = ClinicEventFactory(clinic=staff.clinic)
        for _ in range(people):
            AttendanceFactory(event=event)
        form = opened(staff, event) | {"place": "Tent"}
        with CaptureQueriesContext(connection) as queries:
            staff.client.post(address(event), form)
        return len(queries)

    asked(1)
    assert asked(2) == asked(60)
