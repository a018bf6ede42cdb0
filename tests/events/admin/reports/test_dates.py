"""Staff read what generation made of the dates of their series, left out and why, and take it along as a file."""

import csv
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.models import EventSeries, SeriesDate
from events.services.event import event_cancel
from events.services.generation import generate
from home.models import StaffRole
from tests.events.admin.conftest import Staff
from tests.events.admin.test_series_pages import words
from tests.events.changes import event_move
from tests.events.factories import EventSeriesFactory, weekly
from tests.factories import StaffRoleFactory, UserFactory

REPORT = "/admin/reports/series-dates/"
DECEMBER = datetime(2026, 11, 30, 6, tzinfo=UTC)


@pytest.fixture
def club(staff: Staff) -> EventSeries:
    """Tuesdays and Wednesdays, but for the first of December and public holidays; of the other clinic too."""
    config = weekly(1, 2, skip_dates=["2026-12-01"], skip_public_holidays=True)
    EventSeriesFactory(clinic=staff.other_clinic, title_en="Theirs", config=config)
    series: EventSeries = EventSeriesFactory(clinic=staff.clinic, config=config)
    generate(now=DECEMBER, weeks=3)
    return series


def rows(client: Client, query: str = "") -> list[list[str]]:
    answer = client.get(f"{REPORT}?export=csv&{query}")
    return list(csv.reader(b"".join(answer).decode("utf-8-sig").splitlines()))


def test_a_nurse_reads_why_there_is_no_club_on_the_16th_of_december(staff: Staff, club: EventSeries) -> None:
    page = words(staff.client.get(REPORT))
    assert "Wed 16 Dec, 10:00 public holiday: Day of Reconciliation" in page
    assert "Tue 1 Dec, 10:00 left out by staff" in page
    assert "Wed 2 Dec, 10:00 created planned" in page
    assert "Theirs" not in page


def test_it_says_what_staff_did_with_an_event_afterwards(staff: Staff, club: EventSeries) -> None:
    second, eighth = club.events.order_by("starts_at")[:2]
    event_cancel(event_id=second.pk, now=DECEMBER, reason="The nurse is ill")
    later = eighth.starts_at.replace(hour=12)
    event_move(event_id=eighth.pk, starts_at=later, ends_at=later.replace(hour=13), now=DECEMBER)
    page = words(staff.client.get(REPORT))
    assert "created cancelled: The nurse is ill" in page
    assert "created planned, moved to Tue 8 Dec, 14:00 to 15:00" in page
    assert [row[1] for row in rows(staff.client, "outcome=cancelled")[1:]] == ["Wed 2 Dec, 10:00"]


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("outcome=public+holiday", ["Wed 16 Dec, 10:00"]),
        ("outcome=skipped+date", ["Tue 1 Dec, 10:00"]),
        ("month=2026-11-01", []),
        ("month=2026-12-01&outcome=failed", []),
        ("q=diabetes&outcome=public+holiday", ["Wed 16 Dec, 10:00"]),
        ("q=walking", []),
    ],
)
def test_it_is_filtered_and_searched(staff: Staff, club: EventSeries, query: str, days: list[str]) -> None:
    assert [row[1] for row in rows(staff.client, query)[1:]] == days


def test_a_month_is_that_of_the_clinics_wall(staff: Staff) -> None:
    late = EventSeriesFactory(clinic=staff.clinic, config=weekly(0, start_time="23:00", end_time="23:30"))
    staff.clinic.timezone = "America/New_York"
    staff.clinic.save()
    generate(now=DECEMBER, weeks=1)
    assert late.dates.order_by("starts_at")[0].starts_at.month == 12  # in UTC
    assert len(rows(staff.client, "month=2026-11-01")) == 2


def test_who_works_at_one_clinic_is_asked_for_none(staff: Staff, club: EventSeries) -> None:
    assert rows(staff.client)[0] == ["Series", "When", "What became of it", "The event now", "Since"]
    assert len(rows(staff.client, f"clinic={staff.other_clinic.pk}")) == len(rows(staff.client)) == 7


def test_head_office_sees_all_and_chooses_a_clinic(staff: Staff, club: EventSeries) -> None:
    staff.client.force_login(UserFactory(is_superuser=True))
    assert len(rows(staff.client)) == 13
    theirs = rows(staff.client, f"clinic={staff.other_clinic.pk}")
    assert {row[1] for row in theirs[1:]} == {"Khayelitsha"}


def test_another_clinics_series_is_no_choice(staff: Staff, club: EventSeries) -> None:
    theirs = EventSeries.objects.get(clinic=staff.other_clinic)
    assert f'value="{theirs.pk}"' not in staff.client.get(REPORT).content.decode()
    assert "Theirs" not in words(staff.client.get(f"{REPORT}?series={theirs.pk}"))


def test_a_title_is_no_formula_in_the_file(staff: Staff, club: EventSeries) -> None:
    EventSeries.objects.filter(pk=club.pk).update(title_en="=1+1")
    assert rows(staff.client)[1][0] == "'=1+1"
    assert staff.client.get(f"{REPORT}?export=xlsx").status_code == 200


def test_ten_pages_later_it_asks_as_often(staff: Staff, club: EventSeries) -> None:
    def queries(query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff.client.get(REPORT + query).status_code == 200
        return len(captured)

    queries("")
    few = queries("")
    for number in range(30):
        EventSeriesFactory(clinic=staff.clinic, title_en=f"Club {number}")
    generate(now=DECEMBER, weeks=8)
    assert SeriesDate.objects.filter(clinic=staff.clinic).count() > 200
    page = staff.client.get(REPORT)
    after = page.context["page_obj"].next_page_number()
    assert queries("") == few
    assert queries(f"?p={after}") == few


@pytest.mark.parametrize("role", [StaffRole.Role.NURSE, StaffRole.Role.MANAGER])
def test_it_stands_in_the_side_bar_of_staff(staff: Staff, role: str) -> None:
    other = UserFactory()
    StaffRoleFactory(user=other, clinic=staff.clinic, role=role)
    staff.client.force_login(other)
    with time_machine.travel(DECEMBER, tick=False):
        assert REPORT in staff.client.get("/admin/").content.decode()
