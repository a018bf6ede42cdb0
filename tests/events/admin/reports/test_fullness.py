"""How full events were, as staff see it: a row a series and month, a year drawn, and a file."""

import csv
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.models import EventSeries
from tests.events.admin.conftest import Staff
from tests.events.admin.test_series_pages import words
from tests.events.factories import AttendanceFactory, ClinicEventFactory, EventSeriesFactory
from tests.factories import UserFactory

REPORT = "/admin/reports/events-full/"


@pytest.fixture
def club(staff: Staff) -> EventSeries:
    """Six of ten came on 3 November, one did not; two joined the event of October. The other clinic's is fuller."""
    series: EventSeries = EventSeriesFactory(clinic=staff.clinic)
    theirs = EventSeriesFactory(clinic=staff.other_clinic, title_en="Theirs")
    for each, came in ((series, 6), (theirs, 9)):
        november = datetime(2026, 11, 3, 8, tzinfo=UTC)
        event = ClinicEventFactory(
            series=each, clinic=each.clinic, starts_at=november, original_start=november, capacity=10
        )
        AttendanceFactory.create_batch(came, event=event, state="attended")
        AttendanceFactory(event=event, state="no_show")
    october = datetime(2026, 10, 6, 8, tzinfo=UTC)
    event = ClinicEventFactory(
        series=series, clinic=series.clinic, starts_at=october, original_start=october, capacity=10
    )
    AttendanceFactory.create_batch(2, event=event)
    return series


def rows(client: Client, query: str = "") -> list[list[str]]:
    answer = client.get(f"{REPORT}?export=csv&{query}")
    return list(csv.reader(b"".join(answer).decode("utf-8-sig").splitlines()))


def test_a_row_says_how_full_a_series_was_in_the_month(staff: Staff, club: EventSeries) -> None:
    headings = "Series,Month,Events,Cancelled,Places,Joined,Full (%),Waiting,Came,Did not come,Not noted"
    assert rows(staff.client) == [
        headings.split(","),
        ["Diabetes club", "November 2026", "1", "0", "10", "7", "70", "0", "6", "1", "0"],
    ]
    assert rows(staff.client, "month=2026-10-01")[1:] == [
        ["Diabetes club", "October 2026", "1", "0", "10", "2", "20", "0", "0", "0", "2"]
    ]
    assert rows(staff.client, "month=2026-09-01")[1:] == []
    assert staff.client.get(f"{REPORT}?export=xlsx").status_code == 200


def test_the_year_of_the_only_clinic_is_drawn_with_its_table(staff: Staff, club: EventSeries) -> None:
    answer = staff.client.get(REPORT)
    drawn = {each.name: each for each in answer.context["months"]}
    assert list(drawn)[0::11] == ["December 2025", "November 2026"]
    november = drawn["November 2026"]
    assert (november.numbers.places, november.numbers.joined, november.numbers.came) == (10, 7, 6)
    heights = [float(bar.height) for bar in (november.places, november.joined, november.came)]
    assert heights == [108.0, 75.6, 64.8]
    assert "Hillbrow, month by month" in words(answer)
    assert "Theirs" not in words(answer)


def test_of_many_clinics_the_year_is_drawn_when_one_is_chosen(staff: Staff, club: EventSeries) -> None:
    staff.client.force_login(UserFactory(is_superuser=True))
    answer = staff.client.get(REPORT)
    assert answer.context["months"] == []
    assert "Choose a clinic or a series" in words(answer)
    assert [row[:2] for row in rows(staff.client)[1:]] == [
        ["Diabetes club", "Hillbrow"],
        ["Theirs", "Khayelitsha"],
    ]
    theirs = EventSeries.objects.get(clinic=staff.other_clinic)
    for query in (f"clinic={staff.other_clinic.pk}", f"series={theirs.pk}"):
        months = staff.client.get(f"{REPORT}?{query}").context["months"]
        assert months[-1].numbers.came == 9


@pytest.mark.parametrize(
    "query", ["month=soon", "month=2026-13-01", "series=0", "series=x", "clinic=x", "p=x"]
)
def test_what_cannot_be_read_is_no_error(staff: Staff, club: EventSeries, query: str) -> None:
    assert staff.client.get(f"{REPORT}?{query}").status_code == 200


def test_another_clinics_series_is_not_drawn(staff: Staff, club: EventSeries) -> None:
    theirs = EventSeries.objects.get(clinic=staff.other_clinic)
    answer = staff.client.get(f"{REPORT}?series={theirs.pk}")
    assert "Theirs" not in words(answer)
    assert answer.context["months"][-1].numbers.came == 6


def test_it_asks_as_often_for_many_series(staff: Staff, club: EventSeries) -> None:
    def queries(query: str = "") -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff.client.get(REPORT + query).status_code == 200
        return len(captured)

    queries()
    few = queries()
    for day in range(1, 61):
        start = datetime(2026, 11, day % 28 + 1, 8, tzinfo=UTC)
        series = EventSeriesFactory(clinic=staff.clinic)
        ClinicEventFactory(series=series, clinic=staff.clinic, starts_at=start, original_start=start)
    page = staff.client.get(REPORT)
    assert len(page.context["object_list"]) == 50
    assert queries() == few
    assert queries(f"?p={page.context['page_obj'].next_page_number()}") == few
