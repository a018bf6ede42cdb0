"""Staff set a clock from lists and in fields, and never meet JSON."""

from typing import Any

import pytest
from django.test import Client

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
