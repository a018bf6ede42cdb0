"""Staff set a clock from lists and in fields, and never meet JSON."""

from typing import Any

import pytest
from django.test import Client

from home.models import Clinic, Patient
from tests.factories import ClinicFactory, PatientFactory, StaffRoleFactory
from tests.home.conftest import Cast
from tests.home.test_clinic_isolation import patient_data

pytestmark = pytest.mark.django_db


def saved(client: Client, patient: Any, **changes: Any) -> None:
    answer = client.post(f"/admin/patients/edit/{patient.pk}/", patient_data(patient, **changes))
    assert answer.status_code == 302, answer.context["form"].errors
    patient.refresh_from_db()


def test_times_are_kept_as_the_engine_reads_them_and_shown_again(client: Client, cast: Cast) -> None:
    client.force_login(cast.manager)
    saved(client, cast.pieter, morning="06:30", bedtime="23:15", timezone="Europe/London")
    assert cast.pieter.slot_times == {"morning": "06:30", "bedtime": "23:15"}
    assert cast.pieter.timezone == "Europe/London"
    form = client.get(f"/admin/patients/edit/{cast.pieter.pk}/").context["form"]
    assert (form["morning"].value(), form["evening"].value()) == ("06:30", None)
    saved(client, cast.pieter)
    assert (cast.pieter.slot_times, cast.pieter.timezone) == ({}, "")


def test_a_wrong_time_and_an_unknown_zone_show_errors_beside_their_fields(client: Client, cast: Cast) -> None:
    client.force_login(cast.manager)
    data = patient_data(cast.pieter, morning="25:00", timezone="Mars/Olympus")
    answer = client.post(f"/admin/patients/edit/{cast.pieter.pk}/", data)
    assert set(answer.context["form"].errors) == {"morning", "timezone"}


@pytest.mark.parametrize("name", ["localtime", "Factory", "posixrules", "US/Pacific-New"])
def test_a_name_that_not_every_machine_knows_is_refused(client: Client, cast: Cast, name: str) -> None:
    client.force_login(cast.manager)
    answer = client.post(f"/admin/patients/edit/{cast.pieter.pk}/", patient_data(cast.pieter, timezone=name))
    assert set(answer.context["form"].errors) == {"timezone"}


def test_an_unknown_zone_that_is_stored_is_shown_and_the_clinics_is_used(client: Client, cast: Cast) -> None:
    client.force_login(cast.manager)
    Patient.objects.filter(pk=cast.pieter.pk).update(timezone="Mars/Olympus")
    cast.pieter.refresh_from_db()
    assert cast.pieter.zone == "Africa/Johannesburg"
    page = client.get(f"/admin/patients/edit/{cast.pieter.pk}/").content.decode()
    assert "“Mars/Olympus” is stored here, but there is no such time zone." in page
    saved(client, cast.pieter)
    assert cast.pieter.timezone == ""


def test_a_clinics_unknown_zone_is_the_sites(client: Client, cast: Cast) -> None:
    client.force_login(cast.head_office)
    Clinic.objects.filter(pk=cast.clinic.pk).update(timezone="Mars/Olympus")
    cast.clinic.refresh_from_db()
    assert cast.clinic.zone == "Africa/Johannesburg"
    page = client.get(f"/admin/clinics/edit/{cast.clinic.pk}/")
    assert page.context["form"]["timezone"].value() == "Africa/Johannesburg"
    assert "“Mars/Olympus” is stored here" in page.content.decode()


def test_a_zone_by_its_old_name_stays(client: Client, cast: Cast) -> None:
    client.force_login(cast.manager)
    patient = PatientFactory(clinic=cast.clinic, first_name="Sipho", timezone="GMT")
    saved(client, patient, timezone="GMT")
    assert patient.timezone == "GMT"


def test_staff_of_a_single_clinic_find_it_chosen(client: Client) -> None:
    role = StaffRoleFactory()
    client.force_login(role.user)
    assert client.get("/admin/patients/new/").context["form"]["clinic"].value() == role.clinic_id
    StaffRoleFactory(user=role.user, clinic=ClinicFactory())
    assert client.get("/admin/patients/new/").context["form"]["clinic"].value() is None
