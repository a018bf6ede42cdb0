"""On the first working morning of a month managers hear of the figures of the last one."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from home.models import Clinic, ClinicCount, Region, RegionRole, StaffRole
from home.month_reports import is_time, recipients, report_months
from notifications.models import Notification, NotificationPreferences
from notifications.pipeline.fan_out import fan_out
from notifications.types import Publication
from tests.factories import ClinicFactory, StaffRoleFactory, UserFactory

HERE = ZoneInfo("Africa/Johannesburg")
MORNING = datetime(2026, 12, 1, 7, 30, tzinfo=HERE)
"""A Tuesday."""


@pytest.mark.parametrize(
    ("local", "said"),
    [
        ("2026-12-01T07:29", False),
        ("2026-12-01T07:30", True),
        ("2026-12-08T07:29", True),
        ("2026-12-08T07:30", False),
        # The first is a Sunday.
        ("2026-11-01T12:00", False),
        ("2026-11-02T07:30", True),
        # The first is a Saturday.
        ("2026-08-02T12:00", False),
        ("2026-08-03T08:00", True),
        ("2026-11-30T08:00", False),
        # The first is New Year's Day, a Friday; and Workers' Day, a Saturday.
        ("2027-01-01T08:00", False),
        ("2027-01-04T07:29", False),
        ("2027-01-04T07:30", True),
        ("2027-05-01T08:00", False),
        ("2027-05-03T08:00", True),
    ],
)
def test_it_is_the_first_working_morning(local: str, said: bool) -> None:
    assert is_time(datetime.fromisoformat(local).replace(tzinfo=HERE)) is said


@pytest.fixture
def clinic(db: None) -> Clinic:
    clinic: Clinic = ClinicFactory(name="Kliniek Noord")
    for role in (StaffRole.Role.MANAGER, StaffRole.Role.NURSE):
        StaffRoleFactory(clinic=clinic, role=role)
    ClinicCount.objects.create(
        clinic=clinic, name="doses", day=date(2026, 11, 3), numbers={"taken": 12345}, at=MORNING
    )
    return clinic


def test_managers_are_told_once_whenever_it_is_looked(clinic: Clinic) -> None:
    ClinicFactory()  # of which nothing was counted
    assert report_months(now=MORNING.astimezone(UTC)) == 1
    assert report_months(now=MORNING.replace(day=3)) == 0
    fan_out(now=MORNING)
    message = Notification.objects.get()
    assert message.recipient == clinic.staff_roles.get(role=StaffRole.Role.MANAGER).user
    assert (message.title, message.scope_id) == ("Kliniek Noord: the figures of November 2026", clinic.pk)
    assert message.path == f"/figures/?place={clinic.pk}&month=2026-11"
    assert "12345" not in message.body and "12,345" not in message.body


def test_it_is_said_in_their_language(clinic: Clinic) -> None:
    manager = clinic.staff_roles.get(role=StaffRole.Role.MANAGER).user
    NotificationPreferences.objects.create(user=manager, language="af")
    report_months(now=MORNING)
    fan_out(now=MORNING)
    assert Notification.objects.get().title == "Kliniek Noord: die syfers van November 2026"


def counted(clinic: Clinic) -> Clinic:
    ClinicCount.objects.create(
        clinic=clinic, name="doses", day=date(2026, 11, 3), numbers={"taken": 1}, at=MORNING
    )
    return clinic


def test_a_district_is_told_of_once_however_many_clinics_it_has_and_whenever_each_is_counted(
    clinic: Clinic,
) -> None:
    district, elsewhere = Region.objects.create(name="Karoo"), Region.objects.create(name="Overberg")
    Clinic.objects.filter(pk=clinic.pk).update(region=district)
    second = counted(ClinicFactory(region=district))
    counted(ClinicFactory(region=elsewhere))
    follows = UserFactory(first_name="Dineo")
    RegionRole.objects.create(user=follows, region=district)
    RegionRole.objects.create(user=UserFactory(is_active=False), region=district)
    assert report_months(now=MORNING) == 3
    fan_out(now=MORNING)
    # A clinic that is counted later makes no second message.
    counted(ClinicFactory(region=district))
    assert report_months(now=MORNING.replace(day=2)) == 1
    fan_out(now=MORNING.replace(day=2))
    message = Notification.objects.get(recipient=follows)
    assert message.title == "Karoo: the figures of November 2026"
    assert message.path == f"/figures/?place=r{district.pk}&month=2026-11"
    assert (message.scope_id, message.related_object_type) == (None, "region")
    assert "12345" not in message.body and second.name not in message.body
    managers = Notification.objects.exclude(recipient=follows)
    assert {each.recipient for each in managers} == {clinic.staff_roles.get(role=StaffRole.Role.MANAGER).user}


def test_the_address_opens_the_districts_figures_even_of_a_single_clinic(
    clinic: Clinic, client: Client
) -> None:
    district = Region.objects.create(name="Karoo")
    Clinic.objects.filter(pk=clinic.pk).update(region=district)
    follows = UserFactory()
    RegionRole.objects.create(user=follows, region=district)
    report_months(now=MORNING)
    fan_out(now=MORNING)
    client.force_login(follows)
    page = client.get(Notification.objects.get(recipient=follows).path, follow=True)
    assert page.status_code == 200
    assert page.context["place"].name == "Karoo"


def test_who_manages_a_clinic_and_follows_its_district_is_told_of_both(clinic: Clinic) -> None:
    district = Region.objects.create(name="Karoo")
    Clinic.objects.filter(pk=clinic.pk).update(region=district)
    manager = clinic.staff_roles.get(role=StaffRole.Role.MANAGER).user
    RegionRole.objects.create(user=manager, region=district)
    report_months(now=MORNING)
    fan_out(now=MORNING)
    assert {
        message.title.partition(":")[0] for message in Notification.objects.filter(recipient=manager)
    } == {
        "Kliniek Noord",
        "Karoo",
    }


def test_many_clinics_and_districts_take_no_more_queries(clinic: Clinic) -> None:
    def told(number: int) -> int:
        publications = []
        for each in range(number):
            district = Region.objects.create(name=f"District {number} {each}")
            RegionRole.objects.create(user=UserFactory(), region=district)
            at = ClinicFactory(region=district)
            publications.append(Publication(each, {"clinic_id": at.pk, "month": "2026-11-01"}))
        with CaptureQueriesContext(connection) as captured:
            assert len(list(recipients(publications, MORNING))) == number
        return len(captured)

    assert told(1) == told(5) == 3


def test_each_clinic_has_its_own_morning(clinic: Clinic) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(timezone="America/New_York")
    assert report_months(now=MORNING) == 0
    assert report_months(now=MORNING.replace(hour=15)) == 1
