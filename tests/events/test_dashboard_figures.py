"""How many of today's visits have come."""

import pytest

from events.dashboard_figures import visits_today
from tests.events.factories import NOW, VisitFactory
from tests.factories import ClinicFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_of_the_clinics_of_the_reader_on_their_own_day() -> None:
    here, east = ClinicFactory(), ClinicFactory(timezone="Pacific/Auckland")
    today = NOW.date()
    for state in ("attended", "planned", "missed", "cancelled", "moved"):
        VisitFactory(patient=PatientFactory(clinic=here), day=today, state=state)
    VisitFactory(patient=PatientFactory(clinic=east), day=today, state="attended")
    VisitFactory(day=today)
    shown = visits_today([here, east], UserFactory(), NOW)
    assert (shown.number, shown.of, shown.words) == ("2", "of 4", "visits today have come")
    assert shown.url.endswith("?days=today")
