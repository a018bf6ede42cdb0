"""Staff of one clinic find nothing of another's, at no address of the admin."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.models import EditingSession

from home.admin.clinics import ClinicViewSet
from home.admin.consents import ConsentViewSet
from home.admin.erasures import ErasureViewSet
from home.admin.imports import ImportViewSet
from home.admin.invitations import InvitationViewSet
from home.admin.patients import PatientViewSet
from home.admin.staff import StaffRoleViewSet
from home.admin.transfers import TransferViewSet
from home.carers import CARERS
from home.models import (
    CareRole,
    Clinic,
    Consent,
    Erasure,
    Import,
    Invitation,
    Patient,
    StaffRole,
    Transfer,
    User,
)
from home.record.departures import Departure
from home.wagtail_hooks import ClinicGroup
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory
from tests.home.conftest import Cast
from tests.home.sign_in.steps import asked

VIEWSETS = {viewset.name: viewset for viewset in ClinicGroup.items}
ACTIONS = {"send", "revoke"}
"""Taken by a button, so on POST alone."""
WITH_KEY = [
    (name, pattern.name)
    for name, viewset in VIEWSETS.items()
    for pattern in viewset.get_urlpatterns()
    if "pk" in pattern.pattern.converters and pattern.name != "act"
]
"""But for the acts on an import, which have a name in their address too (tests/home/imports)."""


def row_of(cast: Cast, name: str, *, other: bool) -> Any:
    if name == "patients":
        return cast.zanele if other else cast.pieter
    if name == "invitations":
        return invited(cast.zanele if other else cast.pieter)
    if name == "erasures":
        now, patient = timezone.now(), cast.zanele if other else cast.pieter
        return Erasure.objects.get_or_create(patient=patient, defaults={"asked_at": now, "due_at": now})[0]
    if name == "transfers":
        patient = cast.zanele if other else cast.pieter
        if found := Transfer.objects.filter(patient=patient).first():
            return found
        values = {"from_clinic": patient.clinic, "to_clinic": ClinicFactory(), "asked_at": timezone.now()}
        return Transfer.objects.create(patient=patient, **values)
    if name == "consents":
        return carers_are_told(cast.zanele if other else cast.pieter)
    clinic = cast.other_clinic if other else cast.clinic
    if name == "imports":
        now, word = timezone.now(), "Khayelitsha" if other else "Hillbrow"
        values = {"file_name": f"{word}.csv", "state": "checked", "headings": f'["{word}"]'}
        moments = dict.fromkeys(("uploaded_at", "due_at", "finished_at"), now)
        return Import.objects.get_or_create(
            clinic=clinic, kind="patients", digest=word, defaults=values | moments
        )[0]
    return clinic if name == "clinics" else StaffRole.objects.filter(clinic=clinic).first()


def invited(patient: Patient) -> Invitation:
    """Withdrawn, so that nothing is sent."""
    now = timezone.now()
    values = {"relation": "carer", "phone": "+27825550142", "revoked_at": now, "created_at": now}
    row, _new = Invitation.objects.get_or_create(
        patient=patient, defaults={**values, "expires_at": now, "digest": str(patient.pk)}
    )
    return row


def carers_are_told(patient: Patient) -> Consent:
    values = {"version": 1, "language": "en", "how": "paper", "given_at": timezone.now()}
    row, _new = Consent.objects.get_or_create(patient=patient, purpose=CARERS, defaults=values)
    return row


def patient_data(patient: Patient, **changes: Any) -> dict[str, Any]:
    return {
        "clinic": patient.clinic_id,
        "first_name": patient.first_name,
        "last_name": patient.last_name,
        "care_roles-TOTAL_FORMS": 0,
        "care_roles-INITIAL_FORMS": 0,
        "care_roles-MIN_NUM_FORMS": 0,
        "care_roles-MAX_NUM_FORMS": 1000,
        **changes,
    }


def test_every_kind_of_address_is_walked() -> None:
    usual = {"edit", "delete", "history", "history_results", "usage"}
    views = {name: {view for of, view in WITH_KEY if of == name} for name in VIEWSETS}
    assert views.pop("invitations") == ACTIONS
    assert views.pop("erasures") == {"decide"}
    assert views.pop("consents") == {"withdraw"}
    assert views.pop("transfers") == {"decide"}
    assert views.pop("imports") == {"show", "left"}
    assert views.pop("patients") == usual | {"record", "number", "card", "changes", "transfer", *Departure}
    assert views == dict.fromkeys(("staff", "clinics"), usual)
    assert {type(viewset) for viewset in VIEWSETS.values()} == {
        PatientViewSet,
        StaffRoleViewSet,
        ClinicViewSet,
        InvitationViewSet,
        ErasureViewSet,
        ConsentViewSet,
        ImportViewSet,
        TransferViewSet,
    }


@pytest.mark.parametrize(("name", "view"), WITH_KEY)
def test_another_clinics_row_is_not_found_on_any_verb(
    client: Client, cast: Cast, name: str, view: str
) -> None:
    client.force_login(cast.manager)
    path = VIEWSETS[name].get_url_name(view)
    foreign = reverse(path, args=[row_of(cast, name, other=True).pk])
    for verb in (client.get, client.post, client.put, client.delete, client.head):
        assert verb(foreign).status_code == 404, verb
    own = client.get(reverse(path, args=[row_of(cast, name, other=False).pk]))
    # A patient is erased instead, a clinic with patients stays, no number waits, and who is here can't be back.
    elsewhere = (name, view) in {
        ("patients", "delete"),
        ("patients", "number"),
        ("patients", "back"),
        ("clinics", "delete"),
    }
    seen = 302 if elsewhere else 405 if view in {*ACTIONS, "card"} else 200
    assert own.status_code == seen
    client.force_login(cast.head_office)
    assert client.get(foreign).status_code == seen


@pytest.mark.parametrize("name", VIEWSETS)
@pytest.mark.parametrize(
    "query", ["", "?q=Zanele", "?q=Khayelitsha", "?export=csv", "?export=xlsx", "?ordering=-clinic"]
)
def test_a_list_has_the_rows_of_ones_own_clinic_only(
    client: Client, cast: Cast, name: str, query: str
) -> None:
    client.force_login(cast.manager)
    own, _others = row_of(cast, name, other=False), row_of(cast, name, other=True)
    for path in (f"/admin/{name}/{query}", f"/admin/{name}/results/{query}"):
        answer = client.get(path)
        content = b"".join(answer) if answer.streaming else answer.content
        for word in (b"Zanele", b"Khayelitsha", b"Brother"):
            echoed = content.replace(b'value="' + word, b"").replace(b"q=" + word, b"")
            assert word not in echoed, (path, word)
    answer = client.get(f"/admin/{name}/")
    assert own in answer.context["object_list"]


def test_a_patient_is_not_put_into_another_clinic_nor_taken_from_it(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    refused = client.post("/admin/patients/new/", patient_data(cast.pieter, clinic=cast.other_clinic.pk))
    assert refused.status_code == 200
    refused = client.post(
        f"/admin/patients/edit/{cast.pieter.pk}/", patient_data(cast.pieter, clinic=cast.other_clinic.pk)
    )
    assert refused.status_code == 200
    assert list(Patient.objects.filter(clinic=cast.other_clinic)) == [cast.zanele]
    form = client.get("/admin/patients/new/").content.decode()
    assert "Hillbrow" in form
    assert "Khayelitsha" not in form


def test_staff_are_not_put_into_another_clinic(client: Client, cast: Cast) -> None:
    client.force_login(cast.manager)
    data = {"user": cast.nurse.email, "clinic": cast.other_clinic.pk, "role": "nurse"}
    assert client.post("/admin/staff/new/", data).status_code == 200
    assert not StaffRole.objects.filter(user=cast.nurse, clinic=cast.other_clinic).exists()
    assert (
        client.post("/admin/staff/new/", {**data, "clinic": cast.clinic.pk, "role": "manager"}).status_code
        == 302
    )
    assert StaffRole.objects.filter(user=cast.nurse, clinic=cast.clinic, role="manager").exists()


def test_the_chooser_offers_ones_own_patients_only(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    for path in (
        "/admin/patient_chooser/",
        "/admin/patient_chooser/results/",
        "/admin/patient_chooser/?q=Zanele",
    ):
        assert (
            "Zanele Dlamini" not in client.get(path).json().get("html", "")
            if path.endswith("chooser/")
            else True
        )
        assert b"Dlamini" not in client.get(path).content
    assert b"Pieter Botha" in client.get("/admin/patient_chooser/results/?q=bot").content
    assert b"Pieter Botha" not in client.get("/admin/patient_chooser/results/?q=nobody").content
    assert client.get(f"/admin/patient_chooser/chosen/{cast.zanele.pk}/").status_code == 404
    assert client.get(f"/admin/patient_chooser/chosen/{cast.pieter.pk}/").status_code == 200
    chosen = client.get(f"/admin/patient_chooser/chosen-multiple/?id={cast.zanele.pk}&id={cast.pieter.pk}")
    assert b"Dlamini" not in chosen.content
    assert b"Botha" in chosen.content


@pytest.mark.parametrize("path", ["/admin/reports/site-history/", "/admin/reports/site-history/results/"])
def test_the_log_of_all_clinics_is_for_head_office(client: Client, cast: Cast, path: str) -> None:
    client.force_login(cast.head_office)
    client.post(f"/admin/patients/edit/{cast.zanele.pk}/", patient_data(cast.zanele, first_name="Zanelisiwe"))
    assert b"Zanelisiwe" in client.get(path).content
    client.force_login(cast.manager)
    answer = client.get(path)
    assert answer.status_code in (302, 403, 404)
    assert b"Zanelisiwe" not in answer.content
    assert b"/admin/reports/site-history/" not in client.get("/admin/").content


def test_patients_and_visitors_have_no_admin(client: Client, cast: Cast) -> None:
    for path in ("/admin/patients/", f"/admin/patients/edit/{cast.pieter.pk}/", "/admin/patient_chooser/"):
        assert client.get(path)["Location"].startswith("/en/accounts/login/")
    client.force_login(cast.anna)
    for path in ("/admin/patients/", f"/admin/patients/edit/{cast.pieter.pk}/", "/admin/patient_chooser/"):
        assert client.get(path)["Location"].startswith("/en/accounts/login/")


def test_a_nurse_reads_staff_and_clinic_but_changes_neither(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    for path in (
        "/admin/staff/",
        "/admin/staff/new/",
        f"/admin/clinics/edit/{cast.clinic.pk}/",
        "/admin/users/",
    ):
        assert client.get(path).status_code == 302, path


def test_a_script_in_a_patients_name_is_inert_in_the_admin(client: Client, cast: Cast) -> None:
    evil = PatientFactory(
        clinic=cast.clinic, first_name="<script>alert(1)</script>", last_name='"><img src=x>'
    )
    client.force_login(cast.nurse)
    for path in ("", f"edit/{evil.pk}/", f"history/{evil.pk}/", f"usage/{evil.pk}/"):
        shown = client.get(f"/admin/patients/{path}").content
        assert b"<script>alert(1)" not in shown
        assert b"<img src=x>" not in shown


def test_nobody_is_linked_by_the_form(client: Client, cast: Cast) -> None:
    """Neither on a new patient's page nor on one that is there, with a known address or with an unknown one."""
    client.force_login(cast.nurse)
    owner = UserFactory(email="owner@example.org")
    answers = []
    for address in (owner.email, "who@example.org"):
        role = {
            "care_roles-0-user": address,
            "care_roles-0-relation": "guardian",
            "care_roles-TOTAL_FORMS": 1,
        }
        new = client.post("/admin/patients/new/", patient_data(cast.pieter, last_name=address, **role))
        old = client.post(f"/admin/patients/edit/{cast.pieter.pk}/", patient_data(cast.pieter, **role))
        answers.append((new.status_code, old.status_code))
    assert answers == [(302, 302)] * 2
    assert [role.user for role in CareRole.objects.all()] == [cast.anna]


def linked(role: CareRole, **changes: Any) -> dict[str, Any]:
    return {
        "care_roles-TOTAL_FORMS": 1,
        "care_roles-INITIAL_FORMS": 1,
        "care_roles-0-id": role.pk,
        "care_roles-0-relation": role.relation,
        **{f"care_roles-0-{name}": value for name, value in changes.items()},
    }


def test_whoever_is_linked_is_named_changed_and_removed(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    [role] = cast.pieter.care_roles.all()
    page = f"/admin/patients/edit/{cast.pieter.pk}/"
    form = client.get(page).content.decode().split("<main")[1]
    assert "anna@example.org" in form
    assert 'name="care_roles-0-user"' not in form
    data = linked(role, relation="guardian", user=cast.other_nurse.pk)
    assert client.post(page, patient_data(cast.pieter, **data)).status_code == 302
    role.refresh_from_db()
    assert (role.user, role.relation, role.alert_missed) == (cast.anna, "guardian", False)
    client.post(page, patient_data(cast.pieter, **linked(role, DELETE="on")))
    assert not CareRole.objects.exists()


def test_a_role_of_another_patient_is_not_touched(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    role = CareRoleFactory(patient=cast.zanele, relation="carer")
    data = patient_data(cast.pieter, **linked(role, relation="guardian", DELETE="on"))
    client.post(f"/admin/patients/edit/{cast.pieter.pk}/", data)
    role.refresh_from_db()
    assert (role.patient, role.relation) == (cast.zanele, "carer")


def test_a_second_self_is_refused_beside_the_form(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    [anna] = cast.pieter.care_roles.all()
    other = CareRoleFactory(patient=cast.pieter, relation="self")
    twice = linked(anna, relation="self") | {
        "care_roles-TOTAL_FORMS": 2,
        "care_roles-INITIAL_FORMS": 2,
        "care_roles-1-id": other.pk,
        "care_roles-1-relation": "self",
    }
    answer = client.post(f"/admin/patients/edit/{cast.pieter.pk}/", patient_data(cast.pieter, **twice))
    assert b"Only one person can be the patient themselves" in answer.content
    anna.refresh_from_db()
    assert anna.relation == "carer"


def test_a_manager_learns_of_no_account_by_naming_it_as_staff(client: Client, cast: Cast) -> None:
    """Patients, people who care for them and unknown addresses get one answer; head office may name everybody."""
    client.force_login(cast.manager)
    data = {"clinic": cast.clinic.pk, "role": "nurse"}
    pages = []
    for address in (cast.anna.email, "who@example.org"):
        answer = client.post("/admin/staff/new/", {**data, "user": address})
        pages.append([str(each) for each in answer.context["form"].errors["user"]])
    assert pages[0] == pages[1]
    client.force_login(cast.head_office)
    assert client.post("/admin/staff/new/", {**data, "user": cast.anna.email}).status_code == 302


def test_a_role_that_is_moved_leaves_the_first_without_rights(client: Client, cast: Cast) -> None:
    """At once, in a session that is open: neither pages nor rows."""
    role = StaffRole.objects.get(user=cast.nurse)
    page = f"/admin/patients/edit/{cast.pieter.pk}/"
    nurse = Client()
    nurse.force_login(cast.nurse)
    assert nurse.get(page).status_code == 200
    client.force_login(cast.manager)
    data = {"user": cast.other_nurse.email, "clinic": cast.clinic.pk, "role": "nurse"}
    assert client.post(f"/admin/staff/edit/{role.pk}/", data).status_code == 302
    assert nurse.get(page).status_code in (302, 403)
    assert not User.objects.get(pk=cast.nurse.pk).groups.exists()
    assert not User.objects.get(pk=cast.nurse.pk).has_perm("home.view_patient")
    assert set(cast.other_nurse.groups.values_list("name", flat=True)) == {"Nurses"}


def test_a_staff_role_brings_its_group_and_its_end_takes_it(cast: Cast) -> None:
    assert set(cast.nurse.groups.values_list("name", flat=True)) == {"Nurses"}
    second = StaffRoleFactory(user=cast.nurse, clinic=cast.other_clinic, role="nurse")
    second.delete()
    assert set(cast.nurse.groups.values_list("name", flat=True)) == {"Nurses"}
    StaffRole.objects.get(user=cast.nurse).delete()
    assert not User.objects.get(pk=cast.nurse.pk).has_perm("wagtailadmin.access_admin")


def test_head_office_adds_somebody_without_e_mail(client: Client, cast: Cast) -> None:
    client.force_login(cast.head_office)
    asked(client, cast.head_office)
    data = {"email": "", "phone": "082 123 4567", "first_name": "Gogo", "last_name": "Zulu"}
    assert client.post("/admin/users/new/", data).status_code == 302
    gogo = User.objects.get(phone="+27821234567")
    assert gogo.email is None
    form = client.get(f"/admin/users/edit/{gogo.pk}/")
    assert 'value="082 123 4567"' in form.content.decode()
    refused = client.post("/admin/users/new/", {**data, "phone": ""})
    assert b"Give an e-mail address or a phone number" in refused.content
    assert client.get("/admin/users/").status_code == 200


def test_nobody_joins_an_editing_session_of_another_clinics_row(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    for patient, status in ((cast.pieter, 200), (cast.zanele, 404)):
        session = EditingSession.objects.create(
            user=cast.nurse, content_object=patient, last_seen_at=timezone.now()
        )
        assert (
            client.post(f"/admin/editing-sessions/ping/home/patient/{patient.pk}/{session.pk}/").status_code
            == status
        )


def test_a_clinic_with_patients_is_not_deleted_and_it_is_said_why(client: Client, cast: Cast) -> None:
    client.force_login(cast.head_office)
    answer = client.post(f"/admin/clinics/delete/{cast.clinic.pk}/", follow=True)
    assert b"Hillbrow can&#x27;t be deleted, because other records belong to it." in answer.content
    cast.zanele.delete()
    StaffRole.objects.filter(clinic=cast.other_clinic).delete()
    client.post(f"/admin/clinics/delete/{cast.other_clinic.pk}/")
    assert list(Clinic.objects.all()) == [cast.clinic]
