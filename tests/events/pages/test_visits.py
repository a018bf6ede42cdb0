"""A patient sees the next visits, chooses another day, and says that they come or can't."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Visit
from home.models import CareRole
from notifications.models import EventRecord
from tests.events.factories import VisitFactory
from tests.events.pages.conftest import People


@pytest.fixture
def visit(people: People) -> Visit:
    role = CareRole.objects.get(user=people.thandi, patient__clinic=people.khayelitsha)
    return VisitFactory(patient=role.patient)


def post(client: Client, name: str, visit: Visit, **data: Any) -> Any:
    return client.post(reverse(f"events:{name}", args=[visit.pk]), data)


def test_she_sees_her_own_and_whose_the_others_are(reader: Client, people: People, visit: Visit) -> None:
    fathers = CareRole.objects.get(user=people.thandi, patient__clinic=people.delft).patient
    VisitFactory(patient=fathers, day=date(2026, 12, 1), kind="check_up")
    VisitFactory(patient=CareRole.objects.get(user=people.pieter).patient, kind="vaccination")
    page = reader.get(reverse("events:visits")).content.decode()
    assert "Thursday 26 November" in page
    assert "Check-up: " in page
    assert "Vaccination" not in page


def test_she_chooses_among_the_days_that_are_offered(reader: Client, visit: Visit) -> None:
    page = reader.get(reverse("events:visit_move", args=[visit.pk])).content.decode()
    assert "Friday 27 November" in page
    assert "Thursday 26 November</label>" not in page
    for day in ("", "2026-11-28", "2026-12-08", "nonsense"):
        assert post(reader, "visit_move", visit, day=day).context["form"].errors
    assert post(reader, "visit_move", visit, day="2026-11-27").url == reverse("events:visits")
    visit.refresh_from_db()
    assert (visit.state, visit.decided_side, visit.moved_to.day) == ("moved", "patient", date(2026, 11, 27))
    assert not EventRecord.objects.filter(event_type="visit.moved").exists()
    assert reader.get(reverse("events:visit_move", args=[visit.pk])).url == reverse("events:visits")


def test_she_says_that_she_comes_or_cannot(reader: Client, visit: Visit) -> None:
    post(reader, "visit_coming", visit)
    assert "You’re coming" in reader.get(reverse("events:visits")).content.decode()
    assert reader.get(reverse("events:visit_cancel", args=[visit.pk])).status_code == 200
    visit.refresh_from_db()
    assert visit.state == "planned"
    post(reader, "visit_cancel", visit, reason="No taxi")
    visit.refresh_from_db()
    assert (visit.state, visit.decided_side, visit.reason) == ("cancelled", "patient", "No taxi")
    assert "No visit is planned" in reader.get(reverse("events:visits")).content.decode()


def test_nobody_elses(reader: Client, people: People) -> None:
    his = VisitFactory(patient=CareRole.objects.get(user=people.pieter).patient)
    for name in ("visit_move", "visit_cancel", "visit_coming"):
        assert post(reader, name, his, day="2026-11-27").status_code == 404
