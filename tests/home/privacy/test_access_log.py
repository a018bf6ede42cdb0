"""Staff's looks at a patient's record are written down, and shown to the manager and to the patient."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver
from django.utils import timezone
from rest_framework.test import APIClient

from home.models import AccessRecord, Patient, Relation, StaffRole, User
from home.privacy.access_log import note, write_down
from home.privacy.consents import consents_of
from home.privacy.pages import page_name
from notifications.models import Notification
from tests.events.factories import AttendanceFactory, ClinicEventFactory
from tests.factories import CareRoleFactory, PatientFactory, StaffRoleFactory, UserFactory
from tests.home.conftest import Cast
from tests.medications.factories import PrescriptionFactory, VaccinationRecordFactory, VaccineFactory
from tests.notifications.factories import NotificationFactory

pytestmark = pytest.mark.django_db
Kind = AccessRecord.Kind


@pytest.fixture
def nurse(client: Client, cast: Cast) -> User:
    client.force_login(cast.nurse)
    return cast.nurse


def seen(patient: Patient) -> list[tuple[str, str]]:
    return list(AccessRecord.objects.filter(patient=patient).values_list("kind", "page"))


def record(patient: Patient, user: User | None, **fields: Any) -> AccessRecord:
    at = fields.pop("at", timezone.now())
    values = {"kind": Kind.LOOKED, "page": "patients", "path": "/admin/patients/", **fields}
    return AccessRecord.objects.create(patient=patient, user=user, slot=at, at=at, last_at=at, **values)


def addresses() -> Iterator[tuple[str, str, list[str]]]:
    """Each address of the admin that takes a key: its name, its path with <> for what it takes, and what that is."""

    def walk(
        patterns: Sequence[Any], path: str, name: str, taken: list[str]
    ) -> Iterator[tuple[str, str, list[str]]]:
        for each in patterns:
            found = [*taken, *each.pattern.converters]
            here = path + re.sub(r"<[^>]+>", "<>", str(each.pattern))
            if isinstance(each, URLResolver):
                space = f"{name}{each.namespace}:" if each.namespace else name
                yield from walk(each.url_patterns, here, space, found)
            elif found and each.name:
                yield f"{name}{each.name}", here, found

    [admin] = [each for each in get_resolver().url_patterns if str(each.pattern) == "admin/"]
    yield from walk([admin], "/", "", [])


def row_of(patient: Patient, name: str, arguments: list[str]) -> int | None:
    """What belongs there of this patient's; None where an address is about no patient."""
    if "patient_id" in arguments:
        return patient.pk
    match name.partition(":")[0]:
        case "patients":
            return patient.pk
        case "prescriptions":
            return PrescriptionFactory(patient=patient).pk
        case "vaccinations":
            return VaccinationRecordFactory(patient=patient).pk
        case "consents":
            return consents_of(patient_id=patient.pk).get().pk
        case "notification_messages":
            return message_about(patient).pk
    return None


def message_about(patient: Patient, **fields: Any) -> Notification:
    values = {"scope_id": patient.clinic_id, "subject_id": patient.pk, **fields}
    return NotificationFactory(recipient=patient.care_roles.get().user, **values)


class TestWriting:
    def test_who_opens_a_patient_is_written_down(self, client: Client, nurse: User, cast: Cast) -> None:
        address = f"/admin/patients/edit/{cast.pieter.pk}/"
        client.get(address, headers={"X-Request-ID": "of-the-proxy"})
        row = AccessRecord.objects.get()
        assert (row.user, row.patient, row.kind, row.page) == (nurse, cast.pieter, Kind.LOOKED, "patients")
        assert (row.path, row.request_id) == (address, "of-the-proxy")

    def test_every_address_of_the_admin_that_takes_a_patient_is_one(self, client: Client, cast: Cast) -> None:
        """Or that takes something of a patient's. Forms of what has ended, and buttons, show nothing when asked for."""
        client.force_login(cast.manager)
        walked = set()
        for name, path, arguments in addresses():
            row = row_of(cast.pieter, name, arguments)
            if row is None:
                continue
            AccessRecord.objects.all().delete()
            answer = client.get(path.replace("<>", str(row), 1).replace("<>", "csv"))
            if answer.status_code < 300:
                assert seen(cast.pieter), path
                walked.add(name)
        assert walked >= {
            "patients:edit",
            "patients:history",
            "prescriptions:stock",
            "prescriptions:doses",
            "vaccinations:card",
            "consents:record",
            "consents:withdraw",
            "notification_messages:detail",
        }

    @pytest.mark.parametrize("subject_id", [None, 10**9])
    def test_a_message_about_nobody_who_is_there_is_none(
        self, client: Client, nurse: User, cast: Cast, subject_id: int | None
    ) -> None:
        message = message_about(cast.pieter, subject_id=subject_id)
        assert client.get(f"/admin/reports/messages/{message.pk}/").status_code == 200
        assert not AccessRecord.objects.exists()

    def test_a_list_of_the_messages_about_one_patient_lists_them(
        self, client: Client, nurse: User, cast: Cast
    ) -> None:
        message_about(cast.pieter)
        client.get("/admin/reports/messages/")
        assert not AccessRecord.objects.exists()
        for patient in (cast.pieter, cast.zanele):
            client.get(f"/admin/reports/messages/?about={patient.pk}")

        rows = AccessRecord.objects.values_list("user_id", "patient_id", "kind")
        assert list(rows) == [(nurse.pk, cast.pieter.pk, AccessRecord.Kind.LISTED)]

    def test_files_and_sheets_have_a_kind_of_their_own(self, client: Client, nurse: User, cast: Cast) -> None:
        client.get(f"/admin/patients/{cast.pieter.pk}/treatment/csv/")
        client.get(f"/admin/vaccinations/card/{cast.pieter.pk}/")
        assert sorted(seen(cast.pieter)) == [
            (Kind.EXPORTED, "patient_treatment"),
            (Kind.PRINTED, "vaccinations"),
        ]

    def test_the_list_of_who_is_coming(self, client: Client, nurse: User, cast: Cast) -> None:
        event = ClinicEventFactory(clinic=cast.clinic)
        zinhle = CareRoleFactory(patient=PatientFactory(clinic=cast.clinic))
        AttendanceFactory(event=event, user=zinhle.user)
        for address in ("attendance/", "attendance/?print=1", "attendance/export/"):
            client.get(f"/admin/clinic_events/{event.pk}/{address}")
        assert {kind for kind, _page in seen(zinhle.patient)} == {Kind.LISTED, Kind.PRINTED, Kind.EXPORTED}

    def test_a_search_lists_whom_it_finds_and_leafing_through_nobody(
        self, client: Client, nurse: User, cast: Cast
    ) -> None:
        other = PatientFactory(clinic=cast.clinic, first_name="Somebody", last_name="Else")
        client.get("/admin/patients/")
        assert not AccessRecord.objects.exists()
        client.get("/admin/patients/?q=Botha")
        assert seen(cast.pieter) == [(Kind.LISTED, "patients")]
        assert seen(other) == []

    def test_what_was_saved_is_a_change(self, client: Client, nurse: User, cast: Cast) -> None:
        prescription = PrescriptionFactory(patient=cast.pieter)
        client.post(f"/admin/prescriptions/edit/{prescription.pk}/", {})
        assert seen(cast.pieter) == [(Kind.LOOKED, "prescriptions")]
        client.post(
            f"/admin/consents/patient/{cast.pieter.pk}/record/", {"purposes": ["carers"], "how": "paper"}
        )
        assert (Kind.CHANGED, "consents") in seen(cast.pieter)

    def test_what_a_patient_gets_is_a_change_too(self, client: Client, nurse: User, cast: Cast) -> None:
        data = {"patient": cast.pieter.pk, "vaccine": VaccineFactory().pk, "dose_number": 1}
        data["next_due_date"] = f"{timezone.localdate() + timedelta(days=30):%d/%m/%Y}"
        client.post("/admin/vaccinations/advice/", data)
        assert seen(cast.pieter) == [(Kind.LOOKED, "vaccinations")]
        assert client.post("/admin/vaccinations/new/", data).status_code == 302
        assert (Kind.CHANGED, "vaccinations") in seen(cast.pieter)

    def test_calls_of_the_interface_are_looks_too(self, cast: Cast) -> None:
        program, message = APIClient(), message_about(cast.pieter)
        Authenticator.objects.create(
            user=cast.head_office, type=Authenticator.Type.TOTP, data={"secret": "x"}
        )
        program.force_authenticate(cast.head_office)
        address = f"/api/notifications/{message.pk}/schedule_status/"
        assert program.get(address).status_code == 200
        row = AccessRecord.objects.get()
        assert (row.user, row.patient, row.path) == (cast.head_office, cast.pieter, address)
        assert page_name(row.page) == "messages, through another program"

    def test_the_same_page_again_is_the_same_row_for_ten_minutes(
        self, client: Client, nurse: User, cast: Cast
    ) -> None:
        address = f"/admin/patients/edit/{cast.pieter.pk}/"
        start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        for minutes, rows in ((0, 1), (9, 1), (10, 2)):
            with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
                client.force_login(nurse)
                client.get(address)
            assert AccessRecord.objects.count() == rows
        first = AccessRecord.objects.earliest("at")
        assert first.last_at - first.at == timedelta(minutes=9)

    def test_what_was_not_shown_is_not_written(self, client: Client, nurse: User, cast: Cast) -> None:
        assert client.get(f"/admin/patients/edit/{cast.zanele.pk}/").status_code == 404
        assert client.get(f"/admin/patients/{cast.pieter.pk}/treatment/odd/").status_code == 404
        prescription = PrescriptionFactory(patient=cast.pieter)
        assert client.post(f"/admin/prescriptions/delete/{prescription.pk}/")["Location"] == "/admin/"
        assert not AccessRecord.objects.exists()

    def test_patients_leave_no_trace_in_their_own_pages(self, client: Client, cast: Cast) -> None:
        client.force_login(cast.anna)
        client.get("/en/medicines/")
        assert not AccessRecord.objects.exists()

    def test_a_page_is_shown_also_when_it_cannot_be_written_down(
        self,
        client: Client,
        nurse: User,
        cast: Cast,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def fail(*args: object, **kwargs: object) -> None:
            raise DatabaseError("the disk is full")

        monkeypatch.setattr(type(AccessRecord.objects), "bulk_create", fail)
        assert client.get(f"/admin/patients/edit/{cast.pieter.pk}/").status_code == 200
        assert "can't be written down" in caplog.text
        assert "Pieter" not in caplog.text

    def test_it_costs_one_statement(self, client: Client, nurse: User, cast: Cast) -> None:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/admin/patients/edit/{cast.pieter.pk}/")
        assert sum("home_accessrecord" in each["sql"] for each in queries) == 1


@pytest.mark.django_db(transaction=True)
def test_whoever_is_taken_away_meanwhile_takes_no_other_look_with_them(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    request = RequestFactory().get("/admin/imports/1/")
    request.user = cast.nurse
    note(request, [cast.pieter.pk, 99_999_999], AccessRecord.Kind.LISTED)
    write_down(request, HttpResponse(), now=timezone.now())
    assert list(AccessRecord.objects.values_list("patient_id", flat=True)) == [cast.pieter.pk]
    assert "can't be written down" not in caplog.text


class TestManagersList:
    def test_it_is_the_managers_own_clinics(self, client: Client, cast: Cast) -> None:
        record(cast.pieter, cast.nurse)
        record(cast.zanele, cast.other_nurse)
        client.force_login(cast.manager)
        page = client.get("/admin/access-log/").content.decode()
        assert "Pieter" in page
        assert "Zanele" not in page

    def test_nurses_do_not_see_it(self, client: Client, nurse: User) -> None:
        for address in ("", "results/", "export/"):
            assert client.get(f"/admin/access-log/{address}").status_code in (302, 403)
        assert "access-log" not in client.get("/admin/").content.decode()

    def test_a_manager_who_is_a_nurse_elsewhere_sees_her_own_alone(self, client: Client, cast: Cast) -> None:
        StaffRoleFactory(clinic=cast.other_clinic, user=cast.manager, role=StaffRole.Role.NURSE)
        record(cast.zanele, cast.other_nurse)
        client.force_login(cast.manager)
        assert "Zanele" not in client.get("/admin/access-log/").content.decode()

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("user=sis nkosi", 1),
            ("user=nobody", 0),
            ("patient=botha", 2),
            ("patient=xyz", 0),
            ("kind=exported", 1),
            ("page=patients", 2),
            ("page=vaccinations", 0),
            ("at_from=2999-01-01", 0),
        ],
    )
    def test_it_is_searched(self, client: Client, cast: Cast, query: str, found: int) -> None:
        record(cast.pieter, cast.nurse)
        record(cast.pieter, cast.manager, kind=Kind.EXPORTED)
        client.force_login(cast.manager)
        assert len(client.get(f"/admin/access-log/?{query}").context["object_list"]) == found
        export = client.get(f"/admin/access-log/export/?{query}").content.decode()
        assert len(export.strip().splitlines()) == found + 1

    def test_formulas_in_names_are_not_run(self, client: Client, cast: Cast) -> None:
        patient = PatientFactory(clinic=cast.clinic, first_name="=1+1", last_name="Botha")
        record(patient, cast.nurse)
        client.force_login(cast.manager)
        assert "'=1+1 Botha" in client.get("/admin/access-log/export/").content.decode()
        book = client.get("/admin/access-log/export/?export=xlsx")
        sheet = openpyxl.load_workbook(BytesIO(book.content)).active
        assert "'=1+1 Botha" in [cell.value for row in sheet.iter_rows() for cell in row]

    @pytest.mark.parametrize("address", ["", "export/"])
    def test_its_queries_are_constant(self, client: Client, cast: Cast, address: str) -> None:
        client.force_login(cast.manager)
        counted = []
        for _ in range(2):
            for _ in range(8):
                record(
                    PatientFactory(clinic=cast.clinic), UserFactory(), path=f"/{AccessRecord.objects.count()}"
                )
            client.get(f"/admin/access-log/{address}")
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/admin/access-log/{address}")
            counted.append(len(queries))
        assert counted[0] == counted[1]


class TestPatientsPage:
    def test_it_says_who_in_which_role_and_what(self, client: Client) -> None:
        role = CareRoleFactory()
        nurse = StaffRoleFactory(clinic=role.patient.clinic, user__first_name="Nomsa").user
        record(role.patient, nurse, page="prescriptions", kind=Kind.CHANGED)
        client.force_login(role.user)
        page = client.get("/en/who-saw-my-record/").content.decode()
        assert "Nomsa Nkosi</bdi>, nurse" in page
        assert "changed: medicines, doses and stock" in page
        assert "verpleegkundige" in client.get("/af/who-saw-my-record/").content.decode()

    def test_pages_of_the_same_part_in_the_same_minutes_are_one_line(
        self, client: Client, cast: Cast
    ) -> None:
        role, now = CareRoleFactory(), timezone.now()
        for kind, path in ((Kind.LOOKED, "/1"), (Kind.LOOKED, "/2"), (Kind.CHANGED, "/2")):
            record(role.patient, cast.nurse, at=now, path=path, kind=kind)
        client.force_login(role.user)
        assert len(client.get("/en/who-saw-my-record/").context["lines"]) == 2

    def test_a_guardian_sees_who_saw_the_child_and_a_carer_nobody(self, client: Client, cast: Cast) -> None:
        child = CareRoleFactory(relation=Relation.GUARDIAN)
        record(child.patient, cast.nurse)
        client.force_login(child.user)
        assert "Sister" in client.get(f"/en/who-saw-my-record/?who={child.patient_id}").content.decode()
        herself = PatientFactory(first_name="Zodwa")
        CareRoleFactory(patient=herself, user=child.user)
        assert client.get("/en/who-saw-my-record/").context["patient"] == herself
        record(cast.pieter, cast.nurse)
        client.force_login(cast.anna)
        page = client.get(f"/en/who-saw-my-record/?who={cast.pieter.pk}").content.decode()
        assert "Sister" not in page
        assert "You have no record of your own here" in page

    def test_a_look_of_an_account_that_is_gone_stays(self, client: Client) -> None:
        role = CareRoleFactory()
        record(role.patient, None)
        client.force_login(role.user)
        assert "Somebody whose account is gone" in client.get("/en/who-saw-my-record/").content.decode()

    def test_its_queries_are_constant(self, client: Client, django_assert_max_num_queries: Any) -> None:
        role = CareRoleFactory()
        for number in range(20):
            record(role.patient, UserFactory(), path=f"/{number}")
        client.force_login(role.user)
        client.get("/en/who-saw-my-record/")
        with django_assert_max_num_queries(11):
            client.get("/en/who-saw-my-record/")
