"""A clinic's managers hear in time that its budget for messages runs out."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from home.budgets import level_of, warn_managers
from home.models import Clinic, StaffRole
from notifications.models import EventRecord, Notification, Spending
from notifications.pipeline.fan_out import fan_out
from tests.factories import ClinicFactory, StaffRoleFactory

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
NOVEMBER = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("used", "budget", "level"),
    [("79.99", "100", None), ("80", "100", 80), ("99.9999", "100", 80), ("100", "100", 100), ("0", "0", 100)],
)
def test_a_level_is_reached_at_its_percent(used: str, budget: str, level: int | None) -> None:
    assert level_of(Decimal(used), Decimal(budget)) == level


def spend(clinic: Clinic, cost: str, month: date = NOVEMBER, category: str = "system") -> None:
    Spending.objects.update_or_create(
        scope_id=clinic.pk, month=month, category=category, channel="sms", defaults={"cost": Decimal(cost)}
    )


@pytest.fixture
def clinic(db: None) -> Clinic:
    clinic = ClinicFactory(name="Kliniek Noord", message_budget=Decimal(1000))
    for role in (StaffRole.Role.MANAGER, StaffRole.Role.NURSE):
        StaffRoleFactory(clinic=clinic, role=role)
    return clinic


def test_managers_are_told_at_80_and_at_100_percent_once_a_month(clinic: Clinic) -> None:
    other = ClinicFactory(message_budget=Decimal(1000))
    spend(other, "799")
    for cost, told in (("400", 0), ("499.99", 0), ("500", 1), ("550", 0), ("700", 1), ("800", 0)):
        spend(clinic, "300", category="visit")
        spend(clinic, cost)
        assert warn_managers(now=NOW) == told, cost
    spend(clinic, "900", date(2026, 12, 1))
    assert warn_managers(now=datetime(2026, 12, 2, tzinfo=UTC)) == 1


def test_the_message_says_how_much_of_it_is_used_to_managers_alone(clinic: Clinic) -> None:
    spend(clinic, "812.346")
    warn_managers(now=NOW)
    fan_out(now=NOW)
    message = Notification.objects.get()
    assert message.recipient == clinic.staff_roles.get(role=StaffRole.Role.MANAGER).user
    assert message.scope_id == clinic.pk
    assert message.title == "80% of the budget for messages is used"
    assert "Kliniek Noord has spent R812.35 of R1000.00" in message.body


def test_a_clinic_without_a_budget_is_left_alone(db: None) -> None:
    spend(ClinicFactory(), "100000")
    assert warn_managers(now=NOW) == 0
    assert not EventRecord.objects.exists()
