"""A month as a calendar: Monday first, local days of the clinic, own events marked."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import Attendance
from events.services.event import event_cancel
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory
from tests.events.pages.conftest import DAY, HTMX, SESSION, MakeEvent, People, shown

NOVEMBER = "/en/events/?month=2026-11"
DECEMBER = "/en/events/?month=2026-12"


def cell(text: str, day: int) -> str:
    """The text of that day in the table."""
    found = [each for each in text.split("<td")[1:] if re.search(rf'month__number"[^>]*>{day}(?!\d)', each)]
    assert len(found) == 1
    return found[0].partition("</td>")[0]


def on_day(text: str, day: int) -> str:
    """The list of that day, below the table."""
    return text[text.index(f'id="day-{day}"') :].partition("</section>")[0]


def test_weeks_begin_on_monday_and_other_months_days_are_left_empty(reader: Client) -> None:
    text = shown(reader, DECEMBER)
    assert re.findall(r'hidden">(\w+day)</span></th>', text)[0] == "Monday"
    rows = text[text.index("<tbody>") :].partition("</tbody>")[0].split("<tr>")[1:]
    assert len(rows) == 5
    assert rows[0].count("month__day--none") == 1, "1 December 2026 is a Tuesday"
    assert rows[-1].count("month__day--none") == 3
    assert all(row.count("<td") == 7 for row in rows)
    assert "Maandag" in shown(reader, "/af/events/?month=2026-12")


def test_a_day_leads_to_its_list_and_has_titles(reader: Client, event: MakeEvent) -> None:
    walk = event("Walk", starts_at=NOW + 8 * DAY)
    event("Club", starts_at=NOW + 8 * DAY + timedelta(hours=3))
    text = shown(reader, DECEMBER)
    first = cell(text, 1)
    assert 'href="#day-1"' in first
    assert ": 2 events</span>" in first
    assert f'href="/en/events/{walk.pk}/"' in first
    assert "<h2" in on_day(text, 1)
    assert "Tuesday 1 December" in on_day(text, 1)
    assert on_day(text, 1).index("Walk") < on_day(text, 1).index("Club")
    assert "href" not in cell(text, 2)


def test_a_busy_day_names_the_first_and_counts_the_others(reader: Client, event: MakeEvent) -> None:
    for number in range(5):
        event(f"Event {number}", starts_at=NOW + 8 * DAY + timedelta(minutes=number))
    text = shown(reader, DECEMBER)
    assert "Event 1" in cell(text, 1)
    assert "Event 2" not in cell(text, 1)
    assert "3 more" in cell(text, 1)
    assert all(f"Event {number}" in on_day(text, 1) for number in range(5))


def test_today_is_marked(reader: Client) -> None:
    assert 'aria-current="date"' in cell(shown(reader, NOVEMBER), 23)
    assert 'aria-current="date"' not in shown(reader, DECEMBER)


@pytest.mark.parametrize(
    ("mine", "words"),
    [("joined", "you have a place"), ("waiting", "you are waiting for a place")],
)
def test_ones_own_are_marked_by_more_than_colour(
    reader: Client, event: MakeEvent, mine: str, words: str
) -> None:
    event(mine=mine, capacity=1)
    event("Other", starts_at=NOW + 3 * DAY)
    text = shown(reader, NOVEMBER)
    assert words in cell(text, 25)
    assert cell(text, 25).count("<svg") == 2, "on the count and at the title"
    assert words not in cell(text, 26)
    assert "<svg" not in cell(text, 26)


def test_the_cancelled_are_said_to_be(reader: Client, event: MakeEvent) -> None:
    gone = event()
    event("Other", starts_at=NOW + 2 * DAY + timedelta(hours=1))
    event_cancel(event_id=gone.pk, now=NOW, reason="The nurse is ill.")
    text = shown(reader, NOVEMBER)
    assert "2 events, 1 cancelled" in cell(text, 25)
    assert "Cancelled" in on_day(text, 25)
    assert "The nurse is ill." in on_day(text, 25)


@pytest.mark.parametrize(
    ("utc", "month", "day"),
    [
        (datetime(2026, 11, 30, 22, 30, tzinfo=UTC), "2026-12", 1),  # 00:30 in Johannesburg
        (datetime(2026, 11, 30, 21, 30, tzinfo=UTC), "2026-11", 30),
        (datetime(2026, 12, 31, 21, 30, tzinfo=UTC), "2026-12", 31),
    ],
)
def test_an_event_is_on_its_local_day_of_the_clinic(
    reader: Client, event: MakeEvent, utc: datetime, month: str, day: int
) -> None:
    event("Walk", starts_at=utc)
    for each in ("2026-10", "2026-11", "2026-12", "2027-01"):
        text = shown(reader, f"/en/events/?month={each}")
        assert ("Walk" in text) == (each == month)
    assert "Walk" in cell(shown(reader, f"/en/events/?month={month}"), day)


def test_clinics_at_the_ends_of_the_earth_have_their_own_days(
    reader: Client, people: People, event: MakeEvent
) -> None:
    people.delft.timezone = "Pacific/Kiritimati"  # UTC+14
    people.delft.save()
    event("Sunrise", clinic=people.delft, starts_at=datetime(2026, 11, 30, 10, 30, tzinfo=UTC))
    assert "Sunrise" in cell(shown(reader, DECEMBER), 1)
    people.delft.timezone = "Pacific/Niue"  # UTC-11
    people.delft.save()
    event("Sunset", clinic=people.delft, starts_at=datetime(2026, 12, 1, 10, 30, tzinfo=UTC))
    assert "Sunset" in cell(shown(reader, NOVEMBER), 30)
    assert "Sunset" not in shown(reader, DECEMBER)


def test_an_event_of_several_days_is_on_the_day_it_begins(reader: Client, event: MakeEvent) -> None:
    event("Camp", starts_at=NOW + DAY, ends_at=NOW + 3 * DAY)
    text = shown(reader, NOVEMBER)
    assert "Camp" in cell(text, 24)
    assert text.count(">Camp<") == 2
    assert "08:00 to Thursday 26 November, 08:00" in text


def test_days_that_are_over_come_last_in_this_month(reader: Client, event: MakeEvent) -> None:
    event("Past", starts_at=NOW - 5 * DAY, state="completed", mine="attended")
    event("Ahead")
    text = shown(reader, NOVEMBER)
    assert text.index('id="day-25"') < text.index("Earlier this month") < text.index('id="day-18"')
    assert "You were there" in on_day(text, 18)
    event("Old", starts_at=NOW - 40 * DAY, mine="no_show")
    october = shown(reader, "/en/events/?month=2026-10")
    assert "Earlier this month" not in october
    assert "You had a place" in on_day(october, 14)


def test_months_are_turned_over_with_and_without_htmx(reader: Client, people: People) -> None:
    text = shown(reader, DECEMBER)
    for url in (NOVEMBER, "/en/events/?month=2027-01"):
        assert f'href="{url}" hx-get="{url}" hx-target="#month"' in text
    fragment = shown(reader, DECEMBER, headers=HTMX)
    assert "<html" not in fragment
    assert "<title>December 2026 – Events – MedGuard</title>" in fragment
    assert '<div id="live" hx-swap-oob="innerHTML">December 2026</div>' in fragment
    chosen = shown(reader, f"{DECEMBER}&clinic={people.delft.pk}")
    assert f"/en/events/?clinic={people.delft.pk}&amp;month=2027-01" in chosen


def test_a_clinic_can_be_chosen(reader: Client, people: People, event: MakeEvent) -> None:
    event("Here")
    event("There", clinic=people.delft)
    text = shown(reader, f"{NOVEMBER}&clinic={people.delft.pk}")
    assert "There" in text
    assert "Here" not in text


@pytest.mark.parametrize(
    "month",
    ["2026-13", "2026-00", "2026-1", "26-12", "x", "2026-12-01", "1999-12", "2100-01", "-026-12", "²⁰²⁶-12"],
)
def test_a_month_that_is_none_is_not_there(reader: Client, month: str) -> None:
    assert reader.get("/en/events/", {"month": month}).status_code == 404


@pytest.mark.parametrize(
    ("month", "missing"), [("2000-01", "month-previous"), ("2099-12", "month-following")]
)
def test_the_first_and_the_last_month_lead_no_further(reader: Client, month: str, missing: str) -> None:
    text = shown(reader, f"/en/events/?month={month}")
    assert missing not in text
    assert "Nothing this month" in text


@pytest.mark.parametrize("number", [1, 30])
def test_the_queries_do_not_grow(
    reader: Client, people: People, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for each in range(number):
        made = ClinicEventFactory(clinic=people.khayelitsha, starts_at=NOW + timedelta(hours=each + 1))
        AttendanceFactory(event=made)
        Attendance.objects.create(event=made, user=people.thandi, state="waiting", asked_at=NOW)
    # Beside the session: the user with their time zone; clinics, events and turns.
    with django_assert_num_queries(SESSION + 4):
        shown(reader, NOVEMBER, headers=HTMX)
