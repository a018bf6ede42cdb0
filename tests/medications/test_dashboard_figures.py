"""The figures of doses and of the shelf on the clinic's page."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from home.dashboard.counts import count_all
from home.dashboard.days import count_days
from home.dashboard.figures import Shown, dashboard_figures
from home.models import Clinic
from medications.models import DoseSchedule
from medications.services.expansion import expand_doses
from medications.services.stock import stock_receive
from tests.factories import ClinicFactory, StaffRoleFactory
from tests.medications.factories import NOW, TODAY, DoseFactory, DoseScheduleFactory

pytestmark = pytest.mark.django_db


def shown(name: str, *clinics: Clinic) -> Shown | None:
    count_all(now=NOW)
    count_days(now=NOW, days=3)
    [figure] = [each for each in dashboard_figures() if each.name == name]
    return figure.select(clinics, StaffRoleFactory().user, NOW)


@pytest.fixture
def schedule() -> DoseSchedule:
    schedule: DoseSchedule = DoseScheduleFactory()
    return schedule


def test_it_says_how_many_of_yesterdays_doses_were_taken(schedule: DoseSchedule) -> None:
    for hours, state in ((24, "taken"), (25, "missed"), (26, "taken"), (0, "taken"), (48, "missed")):
        DoseFactory(schedule=schedule, due_at=NOW - timedelta(hours=hours), state=state)
    figure = shown("doses_taken", schedule.prescription.patient.clinic)
    assert figure and (figure.number, figure.words) == ("66%", "of yesterday’s doses were taken, 2 of 3")
    assert shown("doses_taken", ClinicFactory()) is None


def test_it_says_which_medicines_are_low_on_the_shelf(schedule: DoseSchedule) -> None:
    expand_doses(now=NOW)
    patient = schedule.prescription.patient
    for number in (4, 3):
        stock_receive(
            medicine=schedule.prescription.medicine,
            clinic=patient.clinic,
            quantity=Decimal(number),
            expiry_date=TODAY + timedelta(days=200),
            now=NOW,
        )
        figure = shown("low_on_shelf", patient.clinic)
        assert figure and figure.number == {4: "1", 3: "0"}[number]
    assert figure.url == "/admin/clinic_stock/"


def test_of_several_clinics_it_says_what_they_have_together(schedule: DoseSchedule) -> None:
    other: DoseSchedule = DoseScheduleFactory()
    for each, state in ((schedule, "taken"), (other, "missed")):
        DoseFactory(schedule=each, due_at=NOW - timedelta(hours=24), state=state)
    figure = shown("doses_taken", *(each.prescription.patient.clinic for each in (schedule, other)))
    assert figure and figure.words == "of yesterday’s doses were taken, 1 of 2"


def test_what_was_counted_before_midnight_is_not_said_of_yesterday(schedule: DoseSchedule) -> None:
    clinic = schedule.prescription.patient.clinic
    DoseFactory(schedule=schedule, due_at=NOW - timedelta(hours=24))
    count_days(now=NOW, days=3)
    [figure] = [each for each in dashboard_figures() if each.name == "doses_taken"]
    assert figure.select([clinic], StaffRoleFactory().user, NOW)
    assert figure.select([clinic], StaffRoleFactory().user, NOW + timedelta(days=1)) is None


def test_each_takes_at_most_two_queries(schedule: DoseSchedule, django_assert_max_num_queries: Any) -> None:
    user, clinic = StaffRoleFactory().user, schedule.prescription.patient.clinic
    for figure in dashboard_figures():
        with django_assert_max_num_queries(2):
            figure.select([clinic], user, NOW)
