"""The dates beside the form are those that the series will have."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from events.admin.preview import MOST, next_dates
from events.models import ClinicEvent
from events.rules.config import parse
from events.services import create_recurring_event
from home.models import Clinic, StaffRole, User
from tests.events.factories import NOW, weekly
from tests.factories import ClinicFactory, StaffRoleFactory

JOHANNESBURG = "Africa/Johannesburg"
DATES = "/admin/event_series/dates/"
ANSWERS = {
    "type": "weekly",
    "interval": "1",
    "weekdays": ["1"],
    "start_time": "10:00",
    "end_time": "11:30",
    "start_date": "2026-11-23",
    "ends": "never",
    "active": "on",
}


def shown(**more: Any) -> tuple[list[date], list[date], int]:
    found = next_dates(parse(weekly(1, **more)), zone=JOHANNESBURG, now=NOW)
    return [each.day for each in found.soon], [each.day for each in found.later], found.made


def test_the_next_dates_are_parted_where_events_end_that_are_made() -> None:
    tuesday = date(2026, 11, 24)
    soon, later, made = shown()
    assert soon == [tuesday + timedelta(weeks=week) for week in range(4)]
    assert later == [tuesday + timedelta(weeks=week) for week in range(4, MOST)]
    assert made == 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"weekdays": [0, 1, 2, 3, 4, 5, 6], "skip_public_holidays": True},
        {"weekdays": [0], "start_time": "07:59"},
        {"weekdays": [0], "start_time": "08:00"},
        {"weekdays": [0], "start_time": "08:01"},
        {"start_date": "2027-03-01"},
        {"until": "2026-12-05", "skip_dates": ["2026-12-01"]},
        {"active": False},
    ],
)
def test_as_many_events_are_made_as_were_announced(more: dict[str, Any]) -> None:
    config = weekly(1) | more
    announced = next_dates(parse(config), zone=JOHANNESBURG, now=NOW)
    create_recurring_event(title="Club", clinic=ClinicFactory(), recurring_config=config, now=NOW)
    starts = [event.starts_at.date() for event in ClinicEvent.objects.order_by("starts_at")]
    assert len(starts) == announced.made
    within = [each.day for each in announced.soon if not each.left_out]
    assert starts[:MOST] == within


def test_a_date_that_is_left_out_says_why() -> None:
    config = parse(weekly(2, start_date="2026-11-23", skip_public_holidays=True, skip_dates=["2026-12-02"]))
    found = next_dates(config, zone=JOHANNESBURG, now=NOW)
    why = {each.day: each.left_out for each in found.soon}
    assert why == {
        date(2026, 11, 25): "",
        date(2026, 12, 2): "left out",
        date(2026, 12, 9): "",
        date(2026, 12, 16): "left out: Day of Reconciliation",
    }
    assert found.made == 2


def test_today_is_that_of_the_clinics_wall() -> None:
    late = datetime(2026, 11, 23, 23, tzinfo=UTC)  # Tuesday already in Johannesburg
    config = parse(weekly(1, start_time="00:30"))
    assert next_dates(config, zone="Europe/London", now=late).soon[0].day == date(2026, 11, 24)
    assert next_dates(config, zone=JOHANNESBURG, now=late).soon[0].day == date(2026, 12, 1)


def test_a_series_that_is_not_active_has_no_dates() -> None:
    assert shown(active=False) == ([], [], 0)


@pytest.fixture
def clinic(db: None) -> Clinic:
    return ClinicFactory(name="Hillbrow")


@pytest.fixture
def nurse(client: Client, clinic: Clinic) -> User:
    nurse = StaffRoleFactory(clinic=clinic).user
    client.force_login(nurse)
    return nurse


def fragment(client: Client, **answers: Any) -> str:
    with time_machine.travel(NOW, tick=False):
        answer = client.post(DATES, ANSWERS | answers)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_fragment_says_the_pattern_and_the_dates(client: Client, nurse: User) -> None:
    html = fragment(client)
    assert "Every Tuesday, 10:00 to 11:30, from 23 November 2026." in html
    assert html.count("<li>") == MOST
    assert "Tuesday 24 November 2026" in html
    assert "At the moment that is 4 events." in html
    assert ClinicEvent.objects.count() == 0


def test_it_says_when_no_event_is_near_and_when_there_is_none_at_all(client: Client, nurse: User) -> None:
    assert "At the moment there are none." in fragment(client, start_date="2027-03-01")
    assert "There are no dates from now on." in fragment(client, ends="until", until="2026-11-23")
    assert "No more events are created." in fragment(client, active="")


def test_it_says_what_is_still_needed_and_what_is_wrong(client: Client, nurse: User) -> None:
    html = fragment(client, start_time="", end_time="", skip_dates="soon <b>")
    assert "Still needed: Starts at, Ends at." in html
    assert "“soon” is not a date." in html
    assert "<b>" not in html


def test_the_other_fields_of_the_form_need_not_be_right_yet(client: Client, nurse: User) -> None:
    assert "Every Tuesday" in fragment(client, title_en="", clinic="", capacity="many")


def test_another_clinics_clock_is_not_told(client: Client, nurse: User, clinic: Clinic) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(timezone="Pacific/Kiritimati")
    far = ClinicFactory(timezone="Pacific/Kiritimati")
    today = {"weekdays": ["0"], "start_time": "12:00", "end_time": "13:00"}
    # 20:00 in Kiritimati, 08:00 in Johannesburg, which is taken where no clinic is known.
    assert "Monday 23 November 2026" not in fragment(client, clinic=clinic.pk, **today).split("<li>", 1)[1]
    assert "Monday 23 November 2026" in fragment(client, clinic=far.pk, **today)


@pytest.mark.django_db
def test_it_is_for_who_may_plan_events_alone(client: Client) -> None:
    assert client.post(DATES, ANSWERS)["Location"].startswith("/en/accounts/login/")
    reader = StaffRoleFactory().user
    group = reader.groups.get()
    group.permissions.remove(
        *group.permissions.filter(codename__in=["add_eventseries", "change_eventseries"])
    )
    client.force_login(reader)
    assert client.get("/admin/event_series/").status_code == 200
    assert client.post(DATES, ANSWERS).status_code == 302
    manager = StaffRoleFactory(role=StaffRole.Role.MANAGER).user
    client.force_login(manager)
    assert client.post(DATES, ANSWERS).status_code == 200
    assert client.get(DATES).status_code == 405


def test_a_page_without_the_token_gets_nothing(nurse: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(nurse)
    assert strict.post(DATES, ANSWERS).status_code == 403
