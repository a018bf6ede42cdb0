"""The plan page says in words exactly what will be done, and who will be notified."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.admin.plan_page import PlanPage, plan_context
from events.admin.plan_words import plan_total
from events.models import ClinicEvent, EventSeries
from events.services.changes.change import change_apply, plan_change, plan_series_change, series_update
from events.services.changes.plan import Change, Scope
from events.services.event import event_cancel
from events.services.generation import generate
from home.admin.confirming import repeated
from tests.events.admin.conftest import Staff
from tests.events.changes import event_move
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory, EventSeriesFactory, weekly
from tests.factories import ClinicFactory, UserFactory

DAY = timedelta(days=1)


def events(series: EventSeries) -> list[ClinicEvent]:
    return list(series.events.order_by("starts_at"))


def a_day_later(event: ClinicEvent, **more: Any) -> Change:
    return Change(starts_at=event.starts_at + DAY, ends_at=event.ends_at + DAY, **more)


def page_of(series: EventSeries, change: Change) -> PlanPage:
    page: PlanPage = plan_context(plan_series_change(series_id=series.pk, change=change, now=NOW), now=NOW)[
        "plan"
    ]
    return page


def test_it_says_what_happens_to_each_event_and_why(series: EventSeries) -> None:
    first, second, third, fourth = events(series)
    AttendanceFactory(event=first, user__first_name="Anna")
    event_move(event_id=second.pk, starts_at=second.starts_at + DAY, ends_at=second.ends_at + DAY, now=NOW)
    event_cancel(event_id=third.pk, now=NOW)
    page = page_of(series, Change(config=weekly(1, until="2026-12-10")))
    assert [(each.outcome, each.words) for each in page.happenings] == [
        ("alone", "keeps its time, because it was changed separately"),
        ("alone", "stays cancelled"),
        ("removed", "is removed, because nobody has joined"),
    ]
    assert (page.unchanged, page.lost, page.notified.number) == (1, 0, 0)
    assert page.total == "1 event that nobody joined is removed. Nobody will be told."
    assert fourth.starts_at > third.starts_at


def test_it_shows_old_and_new_times_and_adds_them_up(series: EventSeries) -> None:
    first, second, *_ = events(series)
    anna = AttendanceFactory(event=first, user__first_name="Anna").user
    AttendanceFactory(event=second, user=anna)
    AttendanceFactory(event=second, user__first_name="Ben", state="waiting")
    page = page_of(series, Change(config=weekly(1, start_time="11:00")))
    assert page.total == "4 events move. 2 people will be told."
    shown = page.happenings[1]
    assert (shown.before, shown.after) == ("Tue 1 Dec, 10:00 to 12:00", "Tue 1 Dec, 11:00 to 12:00")
    assert (shown.joined, shown.waiting, sorted(shown.notified.names)) == (1, 1, ["Anna Nkosi", "Ben Nkosi"])


def test_it_warns_when_places_are_lost(series: EventSeries) -> None:
    first, second, *_ = events(series)
    for event in (first, second, second):
        AttendanceFactory(event=event)
    page = page_of(series, Change(config=weekly(1, until="2026-11-25")))
    assert page.lost == 2
    assert page.total.startswith("1 event is cancelled, 2 events that nobody joined are removed. 2 people")
    html = render_to_string("events/admin/plan_content.html", {"plan": page})
    assert "help-warning" in html
    assert "2 places that people have will be lost." in html


def test_a_split_shows_the_end_of_the_old_pattern_and_the_new_one(series: EventSeries) -> None:
    chosen = events(series)[2]
    change = a_day_later(chosen, details={"place": "Tent"})
    plan = plan_change(event_id=chosen.pk, scope=Scope.FOLLOWING, change=change, now=NOW)
    page = plan_context(plan, now=NOW)["plan"]
    assert page.splits
    assert [(each.label, each.before, each.after) for each in page.differences] == [
        (
            "The events until then",
            "Every Tuesday, 10:00 to 12:00",
            "Every Tuesday, 10:00 to 12:00, until 7 December 2026",
        ),
        ("From then on", "", "Every Wednesday, 10:00 to 12:00, from 9 December 2026"),
        ("Venue", "Hall", "Tent"),
    ]
    assert [each.words for each in page.happenings] == ["moves; changes: Venue"] * 2
    assert page.total == "2 events move. Nobody will be told."


def test_new_events_are_listed(series: EventSeries) -> None:
    page = page_of(series, Change(config=weekly(1, 4)))
    assert page.added == [f"Fri {day}, 10:00" for day in ("27 Nov", "4 Dec", "11 Dec", "18 Dec")]
    assert page.total == "4 events are new. Nobody will be told."


def test_details_are_shown_as_people_read_them(staff: Staff) -> None:
    event = ClinicEventFactory(capacity=None, reminders=[1440, 90])
    details = {"capacity": 12, "reminders": [], "description_en": "Bring water", "title_en": "Day"}
    plan = plan_change(event_id=event.pk, scope=Scope.THIS, change=Change(details=details), now=NOW)
    page = plan_context(plan, now=NOW)["plan"]
    assert [(each.label, each.before, each.after) for each in page.differences] == [
        ("Title (English)", "Outreach day", "Day"),
        ("Description (English)", "–", "Bring water"),
        ("Places", "no limit", "12"),
        ("Reminders", "a day before, 90 minutes before", "none"),
    ]
    assert page.total == "1 event gets new details. Nobody will be told."


@pytest.mark.parametrize("number", [50, 200])
def test_it_names_fifty_people_and_counts_the_rest(staff: Staff, number: int) -> None:
    event = ClinicEventFactory(clinic=staff.clinic)
    for _ in range(number):
        AttendanceFactory(event=event)
    plan = plan_change(event_id=event.pk, scope=Scope.THIS, change=a_day_later(event), now=NOW)
    page = plan_context(plan, now=NOW)["plan"]
    assert (page.notified.number, len(page.notified.names), page.notified.more) == (number, 50, number - 50)
    assert ("and 150 more" in render_to_string("events/admin/plan_content.html", {"plan": page})) == (
        number == 200
    )


def test_it_asks_as_often_for_many_people_and_events_as_for_few(staff: Staff) -> None:
    def asked(weekdays: tuple[int, ...], people: int) -> int:
        series = EventSeriesFactory(clinic=staff.clinic, config=weekly(*weekdays))
        generate(now=NOW, series_ids=[series.pk])
        for event in series.events.all():
            for _ in range(people):
                AttendanceFactory(event=event)
        config = weekly(*weekdays, start_time="11:00")
        plan = plan_series_change(series_id=series.pk, change=Change(config=config), now=NOW)
        with CaptureQueriesContext(connection) as queries:
            plan_context(plan, now=NOW)
        return len(queries)

    assert asked((1,), 1) == asked((0, 1, 2, 3, 4), 8) == 1


def test_times_are_those_of_the_clinic_whoever_reads(db: None) -> None:
    event = ClinicEventFactory(clinic=ClinicFactory(timezone="America/New_York"))
    plan = plan_change(event_id=event.pk, scope=Scope.THIS, change=a_day_later(event), now=NOW)
    with timezone.override("Africa/Johannesburg"):
        page = plan_context(plan, now=NOW)["plan"]
    assert page.happenings[0].before == "Wed 25 Nov, 01:00 to 03:00"
    assert page.zone_note == "All times are clinic time (America/New_York)."
    with timezone.override("America/New_York"):
        assert plan_context(plan, now=NOW)["plan"].zone_note == ""


def test_the_total_is_that_of_the_result(series: EventSeries) -> None:
    AttendanceFactory(event=events(series)[1])
    change = Change(config=weekly(2, 4))
    said = plan_total(plan_series_change(series_id=series.pk, change=change, now=NOW))
    assert plan_total(series_update(series_id=series.pk, change=change, now=NOW).plan) == said

    chosen = events(series)[-1]
    change = a_day_later(chosen)
    plan = plan_change(event_id=chosen.pk, scope=Scope.THIS, change=change, now=NOW)
    applied = change_apply(event_id=chosen.pk, scope=Scope.THIS, change=change, now=NOW)
    assert plan_total(applied.plan) == plan_total(plan) == "1 event moves. Nobody will be told."


def test_a_script_in_a_name_is_inert(staff: Staff) -> None:
    event = ClinicEventFactory(clinic=staff.clinic, title_en="<script>alert(1)</script>")
    AttendanceFactory(event=event, user=UserFactory(first_name="<script>alert(2)</script>"))
    plan = plan_change(event_id=event.pk, scope=Scope.THIS, change=a_day_later(event), now=NOW)
    context = {**plan_context(plan, now=NOW), "form_data": [("place", '"><script>alert(3)</script>')]}
    assert "<script>alert(" not in render_to_string("events/admin/plan_content.html", context)


def test_a_form_is_posted_again_without_its_buttons() -> None:
    posted = QueryDict("csrfmiddlewaretoken=x&title_en=A&weekdays=1&weekdays=4&confirm=1&edit=1")
    assert repeated(posted) == [("title_en", "A"), ("weekdays", "1"), ("weekdays", "4")]
