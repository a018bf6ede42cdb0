"""A nurse records vaccinations: what can't be is refused, and what won't count is said before it is saved."""

import html
import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from home.models import Patient, User
from medications.models import VaccinationRecord, Vaccine
from tests.factories import PatientFactory, StaffRoleFactory
from tests.medications.factories import NOW, TODAY, VaccinationRecordFactory, VaccineFactory

pytestmark = pytest.mark.django_db

NEW = "/admin/vaccinations/new/"
ADVICE = "/admin/vaccinations/advice/"
DAY = timedelta(days=1)
BORN = date(2026, 5, 1)


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
def child(nurse: User) -> Patient:
    return PatientFactory(clinic=nurse.staff_roles.get().clinic, date_of_birth=BORN)


@pytest.fixture
def six(db: None) -> Vaccine:
    return VaccineFactory(code="hexavalent", name_en="Hexavalent", name_af="Heksavalent")


def filled_in(child: Patient, vaccine: Vaccine, number: int = 1, **more: Any) -> dict[str, Any]:
    days = {name: f"{value}" if value else "" for name, value in more.items()}
    return {"patient": child.pk, "vaccine": vaccine.pk, "dose_number": number, **days}


def errors(client: Client, data: dict[str, Any], url: str = NEW) -> dict[str, list[str]]:
    response = client.post(url, data)
    assert response.status_code == 200
    return {name: list(texts) for name, texts in response.context["form"].errors.items()}


def told(client: Client, data: dict[str, Any]) -> list[str]:
    response = client.post(ADVICE, data)
    assert response.status_code == 200
    found = re.findall(r"<p class=\"help-block[^>]*>(.*?)</p>", response.content.decode())
    return [html.unescape(re.sub("<[^>]+>", "", each)) for each in found]


@pytest.mark.parametrize(
    ("field", "day", "said"),
    [
        ("date_given", date(2019, 1, 1), "This is before the patient was born."),
        ("date_given", BORN - DAY, "This is before the patient was born."),
        (
            "date_given",
            date(2030, 5, 5),
            "This day is still to come. Give the day it was given, or leave this empty.",
        ),
        (
            "date_given",
            TODAY + DAY,
            "This day is still to come. Give the day it was given, or leave this empty.",
        ),
        ("next_due_date", date(2001, 1, 1), "This is before the patient was born."),
        ("next_due_date", date(9999, 12, 31), "Please check the year."),
        ("next_due_date", date(2099, 12, 31), "This is too far ahead. Please check the year."),
    ],
)
def test_a_day_that_can_not_be_is_refused_beside_its_field(
    client: Client, child: Patient, field: str, day: date, said: str
) -> None:
    bcg = VaccineFactory(code="bcg")
    data = filled_in(child, bcg, **{field: day}, save_anyway="on")
    assert errors(client, data) == {field: [said]}
    assert not VaccinationRecord.objects.exists()
    [line] = told(client, data)
    assert line.endswith(said)


@pytest.mark.parametrize("field", ["date_given", "next_due_date"])
def test_nothing_is_given_or_due_after_death(client: Client, child: Patient, field: str) -> None:
    child.deceased_on = TODAY - 3 * DAY
    child.save()
    data = filled_in(child, VaccineFactory(code="flu"), **{field: TODAY - DAY})
    assert errors(client, data) == {field: ["This is after the patient’s death."]}
    assert client.post(NEW, data | {field: f"{TODAY - 3 * DAY}"}).status_code == 302


def test_the_day_of_birth_is_fine_and_so_is_a_child_without_one(client: Client, child: Patient) -> None:
    bcg = VaccineFactory(code="bcg")
    assert client.post(NEW, filled_in(child, bcg, date_given=BORN)).status_code == 302
    stranger = PatientFactory(clinic=child.clinic, date_of_birth=None)
    assert client.post(NEW, filled_in(stranger, bcg, date_given=date(2019, 1, 1))).status_code == 302


def test_today_is_the_patients_own_day(client: Client, child: Patient) -> None:
    child.timezone = "Pacific/Kiritimati"
    child.save()
    with time_machine.travel(NOW.replace(hour=12), tick=False):
        data = filled_in(child, VaccineFactory(code="flu"), date_given=TODAY + DAY)
        assert client.post(NEW, data).status_code == 302


@pytest.mark.parametrize(
    ("code", "number"), [("bcg", 99), ("bcg", 0), ("hexavalent", 5), ("opv", 2), ("flu", 99)]
)
def test_a_vaccine_has_its_own_doses_only(client: Client, child: Patient, code: str, number: int) -> None:
    data = filled_in(child, VaccineFactory(code=code), number, date_given=TODAY)
    assert errors(client, data) == {"dose_number": ["This vaccine has no such dose."]}


def test_the_birth_dose_of_polio_is_a_dose(client: Client, child: Patient) -> None:
    assert (
        client.post(NEW, filled_in(child, VaccineFactory(code="opv"), 0, date_given=BORN)).status_code == 302
    )


ONLY_IF = "Record it only if it was given."
TOO_EARLY = "This is too early, so it doesn’t count. It would count from 10 August 2026 on."


def test_the_nurse_is_told_of_a_dose_too_early_and_may_save_it_all_the_same(
    client: Client, child: Patient, six: Vaccine
) -> None:
    VaccinationRecordFactory(patient=child, vaccine=six, date_given=date(2026, 7, 13))
    data = filled_in(child, six, 2, date_given=date(2026, 7, 20))
    assert told(client, data) == [f"Date given: {TOO_EARLY}"]
    assert 'name="save_anyway"' in client.post(ADVICE, data).content.decode()
    assert VaccinationRecord.objects.count() == 1

    response = client.post(NEW, data)
    assert response.context["form"].errors == {"date_given": [TOO_EARLY]}
    assert 'name="save_anyway"' in response.content.decode()
    assert VaccinationRecord.objects.count() == 1

    assert client.post(NEW, data | {"save_anyway": "on"}).status_code == 302
    assert VaccinationRecord.objects.get(dose_number=2).date_given == date(2026, 7, 20)
    assert "too early: doesn’t count" in client.get("/admin/vaccinations/").content.decode()


def test_what_did_not_count_is_given_again_under_its_number(
    client: Client, child: Patient, six: Vaccine
) -> None:
    for number, day in ((1, date(2026, 7, 13)), (2, date(2026, 7, 20))):
        VaccinationRecordFactory(patient=child, vaccine=six, dose_number=number, date_given=day)
    again = filled_in(child, six, 2, date_given=date(2026, 8, 17))
    assert told(client, again) == []
    assert client.post(NEW, again).status_code == 302
    assert VaccinationRecord.objects.get(repeat=1).date_given == date(2026, 8, 17)
    once_more = filled_in(child, six, 2, date_given=date(2026, 9, 17), save_anyway="on")
    assert errors(client, once_more) == {"dose_number": ["This patient already has a record of this dose."]}


def test_a_dose_that_waits_is_not_recorded_twice(client: Client, child: Patient, six: Vaccine) -> None:
    VaccinationRecordFactory(patient=child, vaccine=six, next_due_date=TODAY)
    assert errors(client, filled_in(child, six, date_given=TODAY)) == {
        "dose_number": ["This patient already has a record of this dose."]
    }
    flu = VaccineFactory(code="flu")
    VaccinationRecordFactory(patient=child, vaccine=flu, date_given=TODAY)
    assert "dose_number" in errors(client, filled_in(child, flu, date_given=TODAY))


@pytest.mark.parametrize(
    ("code", "number", "field", "day", "said"),
    [
        (
            "rv",
            1,
            "date_given",
            date(2026, 10, 16),
            "At that age this dose is no longer given. " + ONLY_IF,
        ),
        ("rv", 1, "next_due_date", TODAY, "At that age this dose is no longer given, so nobody is reminded."),
        (
            "mr",
            1,
            "next_due_date",
            date(2026, 10, 31),
            "This is too early. It counts from 1 November 2026 on.",
        ),
        ("flu", 1, "date_given", TODAY, None),
        ("mr", 1, "date_given", date(2026, 11, 1), None),
    ],
)
def test_the_nurse_is_told_of_ages(
    client: Client, child: Patient, code: str, number: int, field: str, day: date, said: str | None
) -> None:
    data = filled_in(child, VaccineFactory(code=code), number, **{field: day})
    if said is None:
        assert told(client, data) == []
        assert client.post(NEW, data).status_code == 302
    else:
        assert errors(client, data) == {field: [said]}
        assert client.post(NEW, data | {"save_anyway": "on"}).status_code == 302


def test_a_dose_entered_afterwards_may_undo_the_one_after_it(
    client: Client, child: Patient, six: Vaccine
) -> None:
    VaccinationRecordFactory(patient=child, vaccine=six, dose_number=2, date_given=date(2026, 7, 20))
    assert told(client, filled_in(child, six, 1, date_given=date(2026, 7, 13))) == [
        "Date given: Then dose 2 of 20 July 2026 comes too early and doesn’t count."
    ]


def test_more_than_is_needed_is_said(client: Client, child: Patient) -> None:
    child.date_of_birth = date(2024, 1, 1)
    child.save()
    pcv = VaccineFactory(code="pcv")
    VaccinationRecordFactory(patient=child, vaccine=pcv, date_given=date(2026, 1, 1))
    assert errors(client, filled_in(child, pcv, 2, date_given=TODAY)) == {
        "date_given": ["At this child’s age the vaccine needs no further dose."]
    }


def test_who_corrects_a_batch_number_is_not_asked_again(client: Client, child: Patient, six: Vaccine) -> None:
    record = VaccinationRecordFactory(patient=child, vaccine=six, date_given=date(2026, 5, 8))
    url = f"/admin/vaccinations/edit/{record.pk}/"
    data = filled_in(child, six, date_given=date(2026, 5, 8), batch_number="B7")
    assert client.post(url, data).status_code == 302
    record.refresh_from_db()
    assert (record.batch_number, record.repeat) == ("B7", 0)
    sooner = data | {"date_given": "2026-05-07", "record": record.pk}
    assert told(client, sooner) == [
        "Date given: This is too early, so it doesn’t count. It would count from 12 June 2026 on."
    ]
    assert client.post(url, sooner).status_code == 200


def test_what_is_still_missing_is_not_said_while_typing(client: Client, nurse: User) -> None:
    assert told(client, {}) == []
    assert told(client, {"dose_number": "x", "date_given": "1990"}) != []


def test_nothing_is_said_of_another_clinics_patient_or_record(
    client: Client, child: Patient, six: Vaccine
) -> None:
    stranger = PatientFactory(date_of_birth=BORN)
    record = VaccinationRecordFactory(patient=stranger, vaccine=six, date_given=date(2026, 7, 13))
    assert told(client, filled_in(stranger, six, 2, date_given=date(2026, 7, 20))) == []
    for named in (record.pk, 99999, "x", "-1"):
        assert client.post(ADVICE, filled_in(child, six) | {"record": named}).status_code == 404
    assert client.get(ADVICE).status_code == 405


def test_who_may_not_record_gets_no_advice(client: Client, child: Patient) -> None:
    client.logout()
    assert client.post(ADVICE, {}).status_code == 302


def test_the_form_is_checked_as_it_is_typed(client: Client, nurse: User) -> None:
    text = client.get(NEW).content.decode()
    assert 'data-controller="as-typed"' in text
    assert f'data-url="{ADVICE}"' in text
    assert "js/as-typed" in text
    assert 'name="save_anyway"' not in text


def test_the_list_says_what_does_not_count_in_as_many_queries_for_all(
    client: Client, child: Patient, six: Vaccine
) -> None:
    counts = []
    for number in (2, 12):
        for _ in range(number):
            other = PatientFactory(clinic=child.clinic, date_of_birth=BORN)
            VaccinationRecordFactory(patient=other, vaccine=six, date_given=date(2026, 5, 8))
        with CaptureQueriesContext(connection) as queries:
            text = client.get("/admin/vaccinations/").content.decode()
        counts.append(len(queries))
    assert text.count("too early: doesn’t count") == 14
    assert counts[0] == counts[1]


def test_a_vaccination_without_any_date_is_refused_beside_its_field(
    client: Client, child: Patient, six: Vaccine
) -> None:
    said = errors(client, filled_in(child, six))
    assert said == {"date_given": ["Give the day it was given, or the day it is due."]}


def test_a_dose_is_recorded_again_after_one_that_came_too_early_was_deleted(
    client: Client, child: Patient, six: Vaccine
) -> None:
    early = [
        VaccinationRecordFactory(
            patient=child, vaccine=six, dose_number=1, repeat=number, date_given=BORN + timedelta(days=number)
        )
        for number in range(2)
    ]
    early[0].delete()
    answer = client.post(NEW, filled_in(child, six, date_given=BORN + timedelta(weeks=8)))
    assert answer.status_code == 302
    assert sorted(child.vaccinations.values_list("repeat", flat=True)) == [1, 2]
