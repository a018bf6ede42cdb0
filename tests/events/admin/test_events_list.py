"""The list of events: future ones first, with their places; only of the staff's own clinics."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.admin.event_edit import event_state
from events.models import ClinicEvent, EventSeries
from events.services.event import event_cancel
from tests.events.admin.conftest import Staff
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory, EventSeriesFactory
from tests.factories import StaffRoleFactory

LIST = "/admin/clinic_events/"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def event(staff: Staff, title: str, *, by: timedelta, **more: Any) -> ClinicEvent:
    made: ClinicEvent = ClinicEventFactory(clinic=staff.clinic, title_en=title, starts_at=NOW + by, **more)
    return made


def titles(staff: Staff, query: str = "") -> list[str]:
    answer = staff.client.get(f"{LIST}{query}")
    assert answer.status_code == 200
    return [row.title for row in answer.context["object_list"]]


def test_future_events_are_first_soonest_first_then_past_ones_latest_first(staff: Staff) -> None:
    for title, by in (
        ("last week", -7 * DAY),
        ("tomorrow", DAY),
        ("yesterday", -DAY),
        ("in a week", 7 * DAY),
    ):
        event(staff, title, by=by)
    event(staff, "now", by=-HOUR)
    assert titles(staff) == ["now", "tomorrow", "in a week", "yesterday", "last week"]
    assert titles(staff, "?ordering=starts_at")[0] == "last week"


def test_it_says_how_many_places_are_taken_and_how_many_wait(staff: Staff) -> None:
    full, free = event(staff, "full", by=DAY, capacity=2), event(staff, "free", by=2 * DAY)
    for state in ("joined", "joined", "waiting", "waiting", "left"):
        AttendanceFactory(event=full, state=state)
    AttendanceFactory(event=free)
    page = staff.client.get(LIST).content.decode()
    assert "2 of 2, 2 waiting" in page
    assert "Tue 24 Nov, 08:00 to 10:00" in page


def test_a_past_event_is_shown_as_completed_before_it_is_marked(staff: Staff) -> None:
    assert event_state(event(staff, "over", by=-DAY)) == "completed"
    assert event_state(event(staff, "now", by=-HOUR)) == "planned"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?time=coming", ["club", "talk"]),
        ("?time=past", ["over"]),
        ("?state=cancelled", ["talk"]),
        ("?starts_at_from=2026-11-25&starts_at_to=2026-11-25", ["talk"]),
        ("?starts_at_from=25/11/2026&starts_at_to=25.11.2026", ["talk"]),
        ("?q=Taal", ["talk"]),
        ("?q=Tent", ["club"]),
    ],
)
def test_it_is_filtered_and_searched_in_both_languages(staff: Staff, query: str, found: list[str]) -> None:
    event(staff, "club", by=DAY, place="Tent")
    talk = event(staff, "talk", by=2 * DAY, title_af="Taal")
    event(staff, "over", by=-DAY)
    event_cancel(event_id=talk.pk, now=NOW)
    assert titles(staff, query) == found


def test_a_series_leads_to_its_events_and_an_event_to_its_series(staff: Staff, series: EventSeries) -> None:
    event(staff, "other", by=DAY)
    assert titles(staff, f"?series={series.pk}") == ["Diabetes club"] * 4
    page = staff.client.get(f"{LIST}edit/{series.events.first().pk}/").content.decode()
    assert f"/admin/event_series/edit/{series.pk}/" in page


def test_it_has_ones_own_clinics_events_series_and_clinics_only(staff: Staff) -> None:
    event(staff, "ours", by=DAY)
    theirs = EventSeriesFactory(clinic=staff.other_clinic, title_en="Theirs")
    ClinicEventFactory(clinic=staff.other_clinic, title_en="theirs", series=theirs)
    for address in (LIST, f"{LIST}results/"):
        for query in ("", "?q=theirs", f"?series={theirs.pk}", "?export=csv", "?export=xlsx"):
            answer = staff.client.get(address + query)
            content = b"".join(answer) if answer.streaming else answer.content
            said = content.replace(b'value="theirs"', b"").replace(query.encode(), b"").lower()
            assert b"theirs" not in said, (address, query)
    page = staff.client.get(LIST).content.decode()
    assert "Theirs" not in page
    assert "Khayelitsha" not in page


def test_staff_of_two_clinics_see_which(staff: Staff) -> None:
    ClinicEventFactory(clinic=staff.clinic, title_en="ours")
    ClinicEventFactory(clinic=staff.other_clinic, title_en="theirs")
    assert b"Hillbrow" not in staff.client.get(f"{LIST}results/").content
    StaffRoleFactory(clinic=staff.other_clinic, user=staff.nurse)
    page = staff.client.get(f"{LIST}results/").content
    assert b"Hillbrow" in page and b"Khayelitsha" in page
    assert titles(staff, f"?clinic={staff.other_clinic.pk}") == ["theirs"]


def test_it_asks_as_often_for_many_events_as_for_few(staff: Staff, series: EventSeries) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            staff.client.get(LIST)
        return len(queries)

    asked()
    few = asked()
    for number in range(20):
        AttendanceFactory(event=event(staff, f"{number}", by=(number + 1) * HOUR, capacity=3))
    assert asked() == few
