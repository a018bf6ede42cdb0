"""A name from right to left keeps its order on every page, and moves no word beside it (Unicode UAX 9)."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client

from home.models import Patient, Relation, User
from tests.events.factories import AttendanceFactory, ClinicEventFactory
from tests.factories import CareRoleFactory, PatientFactory, StaffRoleFactory, UserFactory
from tests.medications.factories import NOW, DoseScheduleFactory, VaccinationRecordFactory

TEMPLATES = Path(__file__).parents[1] / "templates"
YUSUF, CARER = "يوسف", "دوד"

A_NAME = re.compile(
    r"full_name|first_name|last_name|short_name|line\.name|plan_people|\b(card|each)\.by\b|for_whom|section\.name"
)
"""What names somebody, in the expressions of our templates."""
EXPRESSION = re.compile(r"{{(.*?)}}|\b(?:with|and) (?:\w+=\S+ )*?\w+=(\S+)|\b\w+=(\S*(?:name|\.by|whom)\S*)")


def html() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("path", html(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_shows_names_by_the_filter_alone(path: Path) -> None:
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    shown = [next(filter(None, found.groups()), "").strip() for found in EXPRESSION.finditer(text)]
    shown = [each for each in shown if not each.startswith("form.")]  # a field, which shows what was typed
    assert [each for each in shown if A_NAME.search(each) and not each.endswith("|bdi")] == []


def test_the_templates_name_people() -> None:
    """So that the test above isn't empty one day."""
    assert sum(path.read_text().count("|bdi") for path in html()) > 20


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def child(db: None) -> Patient:
    born = date(NOW.year - 4, 1, 1)
    child = PatientFactory(first_name=YUSUF, last_name=YUSUF, date_of_birth=born)
    DoseScheduleFactory(prescription__patient=child)
    VaccinationRecordFactory(patient=child, next_due_date=NOW.date() + timedelta(days=3))
    return child


@pytest.fixture
def carer(child: Patient) -> User:
    carer: User = UserFactory(first_name=CARER, last_name=CARER)
    CareRoleFactory(patient=child, user=carer, relation=Relation.GUARDIAN)
    return carer


def loose(page: str, name: str) -> list[str]:
    """Where the name stands in the page's own text and is neither in <bdi> nor between the marks of plain text."""
    text = re.sub(
        r"<(script|style|textarea)\b.*?</\1>|<[^>]*>(?<!<bdi>)(?<!</bdi>)", " ", page, flags=re.DOTALL
    )
    text = re.sub(r"<bdi>.*?</bdi>", "", text, flags=re.DOTALL)
    text = re.sub("\u2068.*?\u2069", "", text, flags=re.DOTALL)
    return [text[max(0, found.start() - 60) : found.end() + 30] for found in re.finditer(name, text)]


@pytest.mark.parametrize(
    "path", ["today/", "medicines/", "medicines/{prescription}/", "vaccinations/", "preferences/"]
)
def test_a_carers_pages(client: Client, child: Patient, carer: User, path: str) -> None:
    client.force_login(carer)
    address = path.format(prescription=child.prescriptions.get().pk)
    page = client.get(f"/en/{address}").content.decode()
    assert YUSUF in page or CARER in page
    assert loose(page, YUSUF) == loose(page, CARER) == []


@pytest.mark.parametrize(
    "path",
    [
        "patients/",
        "patients/edit/{child}/",
        "erasures/new/?patient={child}",
        "patients/history/{child}/",
        "prescriptions/",
        "prescriptions/edit/{prescription}/",
        "vaccinations/",
        "clinic_events/{event}/attendance/",
        "clinic_events/{event}/attendance/?print=1",
        "clinic_events/{event}/cancel/",
        "patient_chooser/",
    ],
)
def test_the_pages_of_staff(client: Client, child: Patient, carer: User, path: str) -> None:
    client.force_login(StaffRoleFactory(clinic=child.clinic, role="manager").user)
    event = ClinicEventFactory(clinic=child.clinic, starts_at=NOW + timedelta(minutes=30))
    AttendanceFactory(event=event, user=carer)
    keys = {"child": child.pk, "prescription": child.prescriptions.get().pk, "event": event.pk}
    answer = client.get(f"/admin/{path.format(**keys)}")
    assert answer.status_code == 200
    is_page = answer["Content-Type"].startswith("text/html")
    page = answer.content.decode() if is_page else answer.json()["html"]
    assert YUSUF in page or CARER in page
    assert loose(page, YUSUF) == loose(page, CARER) == []
