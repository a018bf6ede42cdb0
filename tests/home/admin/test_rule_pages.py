"""Rules in words: each example that the tests run is on its page, in the reader's language."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import translation

from home.models import StaffRole
from medications.models import Vaccine
from medications.rules.examples.replanning import CHANGES, JOURNEYS
from medications.rules.examples.stock import EXPIRIES, RUN_OUTS
from medications.rules.examples.vaccinations import EXAMPLES as ROTAVIRUS
from medications.rules.vaccine_table import COURSES
from notifications import registry
from notifications.admin.rule_pages.page import RulePage, register_rule_page, rule_page, rule_pages
from notifications.rules.examples.plans import EXAMPLES as PLANS
from notifications.rules.examples.quiet_hours import CALLS
from notifications.rules.examples.quiet_hours import EXAMPLES as QUIET
from notifications.selectors.plans import usual_plans
from tests.factories import StaffRoleFactory

pytestmark = pytest.mark.django_db

ROWS = {
    "quiet-hours": [len(registry.event_types()), len(QUIET), len(CALLS)],
    "order-of-ways": [len(usual_plans()), len(PLANS)],
    "doses": [len(CHANGES), len(JOURNEYS)],
    "low-stock": [len(RUN_OUTS), len(EXPIRIES)],
    "vaccination-ages": [sum(len(course.doses) for course in COURSES), len(ROTAVIRUS)],
}


@pytest.fixture
def nurse(client: Client) -> Client:
    client.force_login(StaffRoleFactory(role=StaffRole.Role.NURSE).user)
    return client


def rows_of(page: Any) -> list[list[list[str]]]:
    """The cells of each row of each table."""
    tables = BeautifulSoup(page.content, "html.parser").select(".desk-rule table")
    return [
        [[cell.get_text(strip=True) for cell in row.select("td")] for row in table.select("tbody tr")]
        for table in tables
    ]


def said(name: str, language: str) -> list[str]:
    """All words of a page in a language."""
    page = rule_page(name)
    assert page
    with translation.override(language):
        tables = page.tables()
        found = [str(page.title), *page.says(), *[table.heading for table in tables]]
        found += [column for table in tables for column in table.columns]
        return found + [cell for table in tables for row in table.rows for cell in row]


def test_a_nurse_finds_each_from_the_help(nurse: Client) -> None:
    text = nurse.get("/admin/help/").content.decode()
    assert [page.name for page in rule_pages()] == list(ROWS)
    assert [page.name for page in rule_pages() if f'href="/admin/help/{page.name}/"' not in text] == []


@pytest.mark.parametrize("name", ROWS)
def test_each_example_has_its_row_without_an_empty_cell(nurse: Client, name: str) -> None:
    page = nurse.get(f"/admin/help/{name}/")
    tables = rows_of(page)
    assert [len(rows) for rows in tables] == ROWS[name]
    assert all(all(row) for rows in tables for row in rows)


@pytest.mark.parametrize("name", ROWS)
def test_it_is_whole_in_both_languages(name: str) -> None:
    english, afrikaans = said(name, "en"), said(name, "af")
    assert len(english) == len(afrikaans)
    long = [(one, other) for one, other in zip(english, afrikaans, strict=True) if len(one.split()) > 4]
    assert long
    assert [one for one, other in long if one == other] == []


@pytest.mark.parametrize("name", ROWS)
def test_no_code_is_on_it(name: str) -> None:
    words = " ".join(said(name, "en"))
    assert [each for each in ("_", "None", "Africa/", "{", "%(", "scheduled") if each in words] == []


def test_what_is_on_it_is_what_the_rule_says(nurse: Client) -> None:
    """Of each page a line as a person would check it."""
    _kinds, quiet, calls = rows_of(nurse.get("/admin/help/quiet-hours/"))
    assert ["22:00 to 06:00", "Johannesburg", "at 23:30", "at 06:00 the next day"] in quiet
    assert ["20:00 to 08:00", "Johannesburg", "at 12:00", "at once"] in calls
    now, ways = rows_of(nurse.get("/admin/help/order-of-ways/"))
    assert all(len(row) == 2 for row in now)
    assert [row[2] for row in ways][:2] == ["Sends it now.", "Waits 1 more minute."]
    assert ways[1][:2] == ["Phone notifications: sent 14 minutes ago.", "E-mail"]
    changes, journeys = rows_of(nurse.get("/admin/help/doses/"))
    assert changes[0] == [
        "1 tablet at 08:00, every day",
        "Tuesday at 08:00: taken.",
        "On Tuesday at 12:00 it becomes: 1 tablet at 20:00, every day.",
        "Tuesday at 08:00: taken.\nWednesday at 20:00: to take.",
    ]
    assert journeys[0][2] == "On Tuesday at 10:00, by the clock at home, the patient arrives in New York."
    lasts, expires = rows_of(nurse.get("/admin/help/low-stock/"))
    assert lasts[1] == ["28 tablets (last day 28 March 2027)", "1 tablet", "29 June 2026", "24 June 2026"]
    assert lasts[2][2:] == ["none in the next 30 days", "not yet"]
    assert lasts[3][2:] == ["3 June 2026", "1 June 2026"]
    assert expires[0][2] == "4 tablets will be left after the last day, 6 June 2026."


def test_vaccines_have_their_names_and_late_starts_a_line(nurse: Client) -> None:
    Vaccine.objects.update_or_create(code="rv", defaults={"name_en": "Rotavirus", "name_af": "Rotavirus"})
    ages, rotavirus = rows_of(nurse.get("/admin/help/vaccination-ages/"))
    assert [
        "Rotavirus, first dose before 20 weeks",
        "dose 2",
        "14 weeks",
        "10 weeks",
        "4 weeks",
        "24 weeks",
    ] in ages
    late = "Rotavirus, first dose at 20 weeks or later"
    assert [late, "dose 1", "at the next visit", "any age", "none", "24 weeks"] in ages
    pneumococcal = [
        row for row in ages if row[0] == "pcv, first dose at 6 months or later, but before 12 months"
    ]
    assert [row[2] for row in pneumococcal] == [
        "at the next visit",
        "4 weeks after the dose before",
        "8 weeks after the dose before",
    ]
    assert ["24 weeks", "not yet", "no longer given", "no longer given"] in rotavirus


def test_whoever_begins_late_has_the_ages_of_the_doses_behind_them() -> None:
    """So the page may say that these are due at the next visit, and each so long after the one before."""
    born = date(2026, 1, 15)
    late = [
        (before.starts_before.after(born), dose.age.after(born), dose.first_age.after(born))
        for before, course in pairwise(COURSES)
        if before.vaccine == course.vaccine and before.starts_before
        for dose in course.doses
    ]
    assert late
    assert [each for each in late if max(each[1:]) > each[0]] == []


@pytest.mark.parametrize(
    "place", ["Maseru", "Mbabane", "Gaborone", "Windhoek", "Harare", "Blantyre", "Maputo"]
)
@pytest.mark.parametrize("month", [1, 6])
def test_in_these_countries_clocks_show_what_they_show_here(place: str, month: int) -> None:
    moment = datetime(2027, month, 1, tzinfo=UTC)
    assert moment.astimezone(ZoneInfo(f"Africa/{place}")).utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize("name", ROWS)
def test_it_asks_the_database_once_at_most(name: str, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(1):
        said(name, "en")


def test_one_that_there_is_not_is_not_found(nurse: Client) -> None:
    assert nurse.get("/admin/help/nothing/").status_code == 404


def test_a_name_is_given_once() -> None:
    page = rule_pages()[0]
    with pytest.raises(ValueError, match=page.name):
        register_rule_page(RulePage(page.name, "Again", 1, list, list))
    assert rule_page(page.name) is page
