"""The nurse's list of overdue vaccinations, and the card that she prints."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from home.models import Clinic, Patient, User
from medications.models import VaccinationRecord
from tests.factories import CareRoleFactory, PatientFactory, StaffRoleFactory, UserFactory
from tests.medications.factories import NOW, TODAY, VaccinationRecordFactory, VaccineFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/reports/overdue-vaccinations/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def nurse(client: Client) -> User:
    nurse = StaffRoleFactory().user
    client.force_login(nurse)
    return nurse


@pytest.fixture
def clinic(nurse: User) -> Clinic:
    return nurse.staff_roles.get().clinic


def overdue(clinic: Clinic, days: int, *, reached: bool = True, **more: object) -> VaccinationRecord:
    patient = PatientFactory(clinic=clinic, **more)
    if reached:
        CareRoleFactory(patient=patient, relation="guardian")
    return VaccinationRecordFactory(patient=patient, next_due_date=TODAY - days * DAY)


def page(client: Client) -> str:
    response = client.get(LIST)
    assert response.status_code == 200
    return response.content.decode()


def test_it_says_who_since_when_and_how_to_reach_them(client: Client, clinic: Clinic) -> None:
    child = PatientFactory(
        clinic=clinic, first_name="Amahle", last_name="Zulu", date_of_birth=date(2023, 11, 20)
    )
    mother = UserFactory(
        first_name="Nomvula", last_name="Zulu", email="nomvula@example.org", phone="+27825550142"
    )
    CareRoleFactory(patient=child, user=mother, relation="guardian")
    six = VaccineFactory(code="hexavalent", name_en="Hexavalent", name_af="Heksavalent")
    record = VaccinationRecordFactory(
        patient=child, vaccine=six, dose_number=2, next_due_date=TODAY - 30 * DAY
    )
    text = page(client)
    assert "Amahle Zulu, born on 20 November 2023" in text
    assert "Hexavalent, dose 2" in text
    assert "25 October 2026 (30 days)" in text
    assert "Nomvula Zulu, 082 555 0142, nomvula@example.org" in text
    assert f"/admin/vaccinations/edit/{record.pk}/" in text


@pytest.mark.parametrize(
    ("days", "reached", "listed"),
    [
        (27, True, False),
        (28, True, True),
        (400, True, True),
        (6, False, False),
        (7, False, True),
        (-3, False, False),
    ],
)
def test_it_begins_with_the_last_ask_or_with_the_first_where_nobody_can_be_asked(
    client: Client, clinic: Clinic, days: int, reached: bool, listed: bool
) -> None:
    record = overdue(clinic, days, reached=reached)
    text = page(client)
    assert (record.patient.get_full_name() in text) == listed
    if listed and not reached:
        assert "Nobody has an account. Look in the folder." in text


def test_what_is_given_no_longer_given_or_of_the_deceased_is_not_on_it(
    client: Client, clinic: Clinic
) -> None:
    given = overdue(clinic, 30)
    VaccinationRecord.objects.filter(pk=given.pk).update(date_given=TODAY)
    overdue(clinic, 30, deceased_on=TODAY)
    old = overdue(clinic, 30, date_of_birth=date(2020, 1, 1))
    VaccinationRecord.objects.filter(pk=old.pk).update(vaccine=VaccineFactory(code="rv"))
    overdue(StaffRoleFactory().clinic, 30)
    assert page(client).count("/admin/vaccinations/edit/") == 0


def test_a_patient_whose_zone_is_unknown_takes_nobody_with_it(client: Client, clinic: Clinic) -> None:
    first, second = overdue(clinic, 30), overdue(clinic, 30)
    Patient.objects.filter(pk=first.patient_id).update(timezone="US/Pacific-New")
    text = page(client)
    assert f"/admin/vaccinations/edit/{first.pk}/" in text
    assert f"/admin/vaccinations/edit/{second.pk}/" in text


def test_its_queries_do_not_grow(client: Client, clinic: Clinic) -> None:
    counts = []
    for number in (2, 20):
        for _ in range(number):
            overdue(clinic, 30)
        with CaptureQueriesContext(connection) as queries:
            page(client)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_it_is_in_the_reports_and_for_staff_only(client: Client, nurse: User) -> None:
    assert LIST in client.get("/admin/").content.decode()
    client.force_login(UserFactory())
    assert client.get(LIST).status_code == 302


def test_the_staffs_card_is_the_patients(client: Client, clinic: Clinic, nurse: User) -> None:
    child = PatientFactory(
        clinic=clinic, first_name="Amahle", last_name="Zulu", date_of_birth=date(2023, 11, 20)
    )
    six = VaccineFactory(code="hexavalent", name_en="Hexavalent", name_af="Heksavalent")
    record = VaccinationRecordFactory(patient=child, vaccine=six, date_given=date(2026, 10, 10))
    url = f"/admin/vaccinations/card/{child.pk}/"
    for page_ in ("", f"edit/{record.pk}/"):
        assert url in client.get(f"/admin/vaccinations/{page_}").content.decode()
    text = client.get(url).content.decode()
    assert "Amahle Zulu" in text
    assert "no longer given at this age" in text
    assert "10 October 2026" in text
    assert 'href="?language=af"' in text
    af = client.get(url, {"language": "af"}).content.decode()
    assert '<html lang="af">' in af
    assert "10 Oktober 2026" in af
    assert client.get(url, {"language": "xx"}).status_code == 200


def test_another_clinics_card_is_not_there(client: Client, clinic: Clinic) -> None:
    stranger = PatientFactory()
    assert client.get(f"/admin/vaccinations/card/{stranger.pk}/").status_code == 404
    client.force_login(UserFactory())
    assert client.get(f"/admin/vaccinations/card/{stranger.pk}/").status_code == 302
