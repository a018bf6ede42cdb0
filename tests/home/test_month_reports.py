"""On the first working morning of a month managers hear of the figures of the last one."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from home.models import Clinic, ClinicCount, StaffRole
from home.month_reports import is_time, report_months
from notifications.models import Notification, NotificationPreferences
from notifications.pipeline.fan_out import fan_out
from tests.factories import ClinicFactory, StaffRoleFactory

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


def test_each_clinic_has_its_own_morning(clinic: Clinic) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(timezone="America/New_York")
    assert report_months(now=MORNING) == 0
    assert report_months(now=MORNING.replace(hour=15)) == 1
