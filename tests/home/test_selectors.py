"""Who is told of whom, and who sees whom."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries

from home.models import Patient, Relation
from home.selectors import (
    Carer,
    clinics_of_staff,
    managers_of,
    patients_of,
    patients_visible_to_staff,
    people_of,
)
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory
from tests.home.conftest import Cast


def test_a_person_comes_first_among_those_they_care_for(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    child = CareRoleFactory(user=cast.anna, relation=Relation.GUARDIAN, patient__first_name="Aletta").patient
    herself = CareRoleFactory(user=cast.anna, relation=Relation.SELF, patient__first_name="Zanna").patient
    with django_assert_num_queries(1):
        patients = list(patients_of(cast.anna))
        assert [patient.zone for patient in patients] == ["Africa/Johannesburg"] * 3
    assert patients == [herself, child, cast.pieter]


def test_nobody_else_and_nobody_deceased_is_among_them(cast: Cast) -> None:
    Patient.objects.filter(pk=cast.pieter.pk).update(deceased_on=date(2026, 1, 1))
    assert list(patients_of(cast.anna)) == []
    assert list(patients_of(cast.nurse)) == []
    assert list(patients_of(AnonymousUser())) == []


@pytest.mark.parametrize("families", [1, 30])
def test_the_people_of_many_patients_are_two_queries(
    cast: Cast, families: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    alone = PatientFactory()
    for _ in range(families):
        CareRoleFactory(patient__clinic=cast.clinic, relation=Relation.CARER)
    thandi = CareRoleFactory(patient=cast.pieter, relation=Relation.SELF).user
    CareRoleFactory(patient=cast.pieter, relation=Relation.CARER, user=UserFactory(is_active=False))
    patient_ids = list(Patient.objects.values_list("pk", flat=True))
    with django_assert_num_queries(2):
        people = people_of(patient_ids)
    assert people[cast.pieter.pk] == [Carer(thandi.pk, "self", False), Carer(cast.anna.pk, "carer", True)]
    assert people[alone.pk] == []
    assert sum(len(carers) for carers in people.values()) == families + 2


def test_the_live_managers_of_each_clinic_are_one_query(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    StaffRoleFactory(clinic=cast.other_clinic, role="manager", user=UserFactory(is_active=False))
    with django_assert_num_queries(1):
        managers = managers_of([cast.clinic.pk, cast.other_clinic.pk])
    assert managers == {cast.clinic.pk: [cast.manager.pk], cast.other_clinic.pk: []}


def test_staff_see_their_own_clinics_and_head_office_sees_all(cast: Cast) -> None:
    assert list(clinics_of_staff(cast.nurse)) == [cast.clinic]
    assert list(patients_visible_to_staff(cast.nurse)) == [cast.pieter]
    assert list(patients_visible_to_staff(cast.other_nurse)) == [cast.zanele]
    assert set(patients_visible_to_staff(cast.head_office)) == {cast.pieter, cast.zanele}
    for outsider in (cast.anna, AnonymousUser()):
        assert not clinics_of_staff(outsider).exists()


def test_a_nurse_of_two_clinics_sees_each_once(cast: Cast) -> None:
    StaffRoleFactory(user=cast.nurse, clinic=cast.other_clinic)
    StaffRoleFactory(user=cast.nurse, clinic=cast.clinic, role="manager")
    ClinicFactory()
    assert list(clinics_of_staff(cast.nurse)) == [cast.clinic, cast.other_clinic]


def test_an_inactive_user_sees_no_clinic(cast: Cast) -> None:
    for user in (cast.nurse, cast.head_office):
        user.is_active = False
        assert not clinics_of_staff(user).exists()
