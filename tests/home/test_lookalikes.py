"""A patient who may be here already is asked about before another is made, and no other clinic's is shown."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from home.models import Patient
from home.names import Known, look_alike, may_be_the_same, name_key
from tests.factories import PatientFactory
from tests.home.conftest import Cast
from tests.home.test_clinic_isolation import patient_data
from tests.medications.factories import PrescriptionFactory, VaccinationRecordFactory

NEW = "/admin/patients/new/"
BORN = date(1950, 3, 14)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Pieter Botha", "pieter  BOTHA ", True),
        ("Renée Müller", "Renee Muller", True),
        ("Pieter Botha", "Botha Pieter", True),
        ("Anna-Marie Smit", "Anna Marie Smit", True),
        ("Pieter Botha", "Pieter Both", False),
        ("Pieter Botha", "Petrus Botha", False),
        ("", "Pieter", False),
    ],
)
def test_case_accents_and_spaces_make_no_other_name(one: str, other: str, same: bool) -> None:
    assert (name_key(one) == name_key(other)) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [(BORN, BORN, True), (BORN, None, True), (None, None, True), (BORN, date(1950, 3, 15), False)],
)
def test_two_dates_of_birth_are_two_people(one: date | None, other: date | None, same: bool) -> None:
    assert may_be_the_same(Known(1, "Pieter Botha", one), Known(2, "Pieter Botha", other)) is same


@given(st.lists(st.sampled_from(["Pieter Botha", "PIETER botha", "Thandi Nkosi", "Sipho"]), max_size=6))
def test_who_looks_alike_is_who_shares_a_name(names: list[str]) -> None:
    people = [Known(number, name, None) for number, name in enumerate(names)]
    assert look_alike(people) == {
        one.id
        for one in people
        if any(one.id != other.id and name_key(one.name) == name_key(other.name) for other in people)
    }


def again(cast: Cast, **changes: Any) -> dict[str, Any]:
    data = {"first_name": "PIETER ", "last_name": "Bothá", "date_of_birth": "14/03/1950", **changes}
    return patient_data(cast.pieter, **data)


@pytest.mark.django_db
def test_a_second_patient_with_the_same_name_and_birth_date_is_asked_about(
    client: Client, cast: Cast
) -> None:
    client.force_login(cast.nurse)
    answer = client.post(NEW, again(cast))
    assert set(answer.context["form"].errors) == {"somebody_else"}
    page = answer.content.decode()
    assert f"/admin/patients/{cast.pieter.pk}/" in page
    assert "<bdi>Pieter Botha</bdi></a>, born 14 March 1950, Hillbrow" in page
    assert Patient.objects.filter(clinic=cast.clinic).count() == 1
    assert client.post(NEW, again(cast, somebody_else=[cast.pieter.pk])).status_code == 302
    assert Patient.objects.filter(clinic=cast.clinic).count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"date_of_birth": ""}, {"first_name": "Botha", "last_name": "Pieter"}])
def test_it_is_asked_when_the_birth_date_is_missing_or_the_names_are_swapped(
    client: Client, cast: Cast, changes: dict[str, str]
) -> None:
    client.force_login(cast.nurse)
    assert set(client.post(NEW, again(cast, **changes)).context["form"].errors) == {"somebody_else"}


@pytest.mark.django_db
def test_an_answer_about_one_is_none_about_another(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    other = PatientFactory(clinic=cast.clinic, first_name="Sipho", last_name="Zulu", date_of_birth=BORN)
    answer = client.post(NEW, again(cast, somebody_else=[other.pk]))
    assert set(answer.context["form"].errors) == {"somebody_else"}


@pytest.mark.django_db
def test_nothing_is_asked_of_somebody_else_or_when_nothing_was_changed(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    assert "somebody_else" not in client.get(NEW).content.decode()
    PatientFactory(clinic=cast.clinic)
    assert client.post(NEW, again(cast, date_of_birth="15/03/1950")).status_code == 302
    data = patient_data(cast.pieter, date_of_birth="14/03/1950", evening="19:00")
    assert client.post(f"/admin/patients/edit/{cast.pieter.pk}/", data).status_code == 302


@pytest.mark.django_db
def test_a_change_of_name_into_another_patients_is_asked_about(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    other = PatientFactory(clinic=cast.clinic, first_name="Sipho")
    data = again(cast)
    answer = client.post(f"/admin/patients/edit/{other.pk}/", data)
    assert set(answer.context["form"].errors) == {"somebody_else"}


@pytest.mark.django_db
def test_another_clinics_patient_is_not_betrayed(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    PatientFactory(clinic=cast.other_clinic, first_name="Pieter", last_name="Botha", date_of_birth=BORN)
    cast.pieter.delete()
    assert client.post(NEW, again(cast)).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["patients/", "patient_chooser/", "prescriptions/", "vaccinations/"])
def test_lists_of_staff_tell_patients_of_one_name_apart(client: Client, cast: Cast, path: str) -> None:
    client.force_login(cast.nurse)
    other = PatientFactory(clinic=cast.clinic, date_of_birth=date(1980, 5, 2))
    for patient in (cast.pieter, other):
        PrescriptionFactory(patient=patient)
        VaccinationRecordFactory(patient=patient)
    page = client.get(f"/admin/{path}").content.decode()
    assert "14 March 1950" in page
    assert "2 May 1980" in page


@pytest.mark.django_db
def test_head_office_is_asked_across_clinics(client: Client, cast: Cast) -> None:
    client.force_login(cast.head_office)
    PatientFactory(clinic=cast.other_clinic, first_name="Pieter", last_name="Botha", date_of_birth=BORN)
    page = client.post(NEW, again(cast)).content.decode()
    assert page.count("<bdi>Pieter Botha</bdi>") == 2
    assert "Khayelitsha" in page
