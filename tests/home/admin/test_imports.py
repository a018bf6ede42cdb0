"""The pages of imports, as a manager walks through them."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from home.admin.imports import UploadView, bounded
from home.imports.sheets import MOST_BYTES
from home.models import AccessRecord, Import, Patient, StaffRole
from tests.factories import ClinicFactory, PatientFactory, StaffRoleFactory
from tests.home.conftest import Cast
from tests.home.imports.conftest import NOW, _at_a_known_time, work  # noqa: F401 - a fixture
from tests.home.imports.files import FATIMA, HEADINGS, SIPHO, csv_file, people
from tests.home.transactional import Phones, phones, queued  # noqa: F401 - fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones", "queued")]

PAGE = "/admin/imports/"


@pytest.fixture
def manager(client: Client, cast: Cast) -> Client:
    client.force_login(cast.manager)
    return client


@pytest.fixture
def upload(manager: Client, cast: Cast) -> Callable[..., Any]:
    def upload(file: Any, **given: Any) -> Any:
        return manager.post(
            f"{PAGE}new/", {"kind": "patients", "clinic": cast.clinic.pk, "file": file, **given}
        )

    return upload


def said(answer: Any) -> str:
    return " ".join(" ".join(map(str, words)) for words in answer.context["form"].errors.values())


def matched(page: str, manager: Client) -> dict[str, Any]:
    form = manager.get(page).context["form"]
    return {field.name: field.value() for field in form if field.value() is not None}


def test_a_manager_brings_patients_in_and_starts_their_reminders(
    manager: Client, upload: Any, cast: Cast
) -> None:
    assert "nothing is sent" in manager.get(f"{PAGE}new/").content.decode().lower()
    page = upload(csv_file([FATIMA, SIPHO, (*SIPHO[:2], "31/02/1961", *SIPHO[3:])]))["Location"]
    shown = manager.get(page).content.decode()
    assert "Which column is which?" in shown
    assert "First names (Fatima)" in shown
    assert manager.post(page, matched(page, manager)).status_code == 302
    assert "every 2s" in manager.get(page).content.decode()
    work()
    shown = manager.get(page).content.decode()
    assert "2 rows can be carried out" in shown
    assert "There is no such day" in shown
    assert manager.post(f"{page}run/").status_code == 302
    work()
    shown = manager.get(page).content.decode()
    assert "Start reminders for 1 patient" in shown
    assert not Phones.sent
    left = manager.get(f"{page}left/")
    text = left.content.decode("utf-8-sig")
    assert text.startswith(",".join(HEADINGS))
    assert "31/02/1961" in text
    assert "There is no such day" in text
    manager.post(f"{page}start/")
    work()
    assert len(Phones.sent) == 1
    assert "<p>Started " in manager.get(page).content.decode()
    fatima = Patient.objects.get(first_name="Fatima")
    assert AccessRecord.objects.filter(patient=fatima, user=cast.manager, kind="listed").exists()


def test_an_undo_is_offered_until_reminders_are_started(manager: Client, upload: Any) -> None:
    page = upload(csv_file([FATIMA]))["Location"]
    manager.post(page, matched(page, manager))
    work()
    manager.post(f"{page}run/")
    work()
    assert "Undo this import" in manager.get(page).content.decode()
    manager.post(f"{page}undo/")
    work()
    assert "Undone. The file can be uploaded again." in manager.get(page).content.decode()
    assert not Patient.objects.filter(first_name="Fatima").exists()


def test_what_failed_while_it_was_tried_can_be_led_on(manager: Client, upload: Any, cast: Cast) -> None:
    page = upload(csv_file([(*FATIMA, "x"), SIPHO]))["Location"]
    assert "column 10" in manager.get(page).content.decode()
    Import.objects.update(state="failed")
    shown = manager.get(page).content.decode()
    assert "Go on" not in shown
    assert "Which column is which?" in shown
    assert "Forget this file" in shown
    Import.objects.update(by=cast.other_nurse)
    shown = manager.get(page).content.decode()
    assert "whoever uploaded it may not import this here any more" in shown
    assert "Which column is which?" not in shown
    assert manager.post(f"{page}discard/")["Location"] == PAGE


def test_writing_to_people_can_be_stopped_and_gone_on_with(manager: Client, upload: Any) -> None:
    page = upload(csv_file(people(3)))["Location"]
    manager.post(page, matched(page, manager))
    work()
    manager.post(f"{page}run/")
    work()
    manager.post(f"{page}start/")
    assert ">Stop<" in manager.get(page).content.decode()
    assert "Nobody else is written to" in manager.post(f"{page}stop/", follow=True).content.decode()
    shown = manager.get(page).content.decode()
    assert "Stopped. 3 rows are left to start." in shown
    assert "Go on" not in shown
    assert "Undo this import" not in shown
    manager.post(f"{page}start/")
    work()
    assert len(Phones.sent) == 3


def test_who_may_only_look_has_nothing_tried(manager: Client, upload: Any) -> None:
    page = upload(csv_file([FATIMA]))["Location"]
    data = matched(page, manager)
    Permission.objects.get(codename="add_import").group_set.clear()
    manager.post(page, data)
    assert Import.objects.get().state == "matching"


def test_columns_are_matched_by_hand(manager: Client, upload: Any) -> None:
    headings = ("Call him", "And then", *HEADINGS[2:])
    page = upload(csv_file([FATIMA], headings=headings))["Location"]
    answer = manager.post(page, matched(page, manager))
    assert answer.context["form"].errors.keys() == {"first_name", "last_name"}
    data = matched(page, manager) | {"first_name": "0", "last_name": "0"}
    assert "chosen twice" in manager.post(page, data).content.decode()
    assert manager.post(page, data | {"last_name": "1"}).status_code == 302
    work()
    assert "Fatima Jacobs" in manager.get(page).content.decode()


def test_who_looks_like_somebody_is_ticked(manager: Client, upload: Any, cast: Cast) -> None:
    PatientFactory(
        clinic=cast.clinic, first_name="Fatema", last_name="Jacobs", date_of_birth=date(1992, 5, 27)
    )
    page = upload(csv_file([FATIMA]))["Location"]
    manager.post(page, matched(page, manager))
    work()
    shown = manager.get(page).content.decode()
    assert "Fatema Jacobs" in shown
    assert "This is somebody else" in shown
    manager.post(f"{page}others/", {"row": ["2", "x", "99999999999999999999"]})
    manager.post(f"{page}run/")
    work()
    assert Patient.objects.filter(first_name="Fatima").exists()


@pytest.mark.parametrize("act", ["run", "stop", "undo", "start", "others", "discard", "dance"])
def test_what_cant_be_done_changes_nothing(manager: Client, upload: Any, act: str) -> None:
    page = upload(csv_file([FATIMA]))["Location"]
    manager.post(page, matched(page, manager))
    answer = manager.post(f"{page}{act}/")
    assert answer.status_code == (404 if act == "dance" else 302)
    assert Import.objects.get().state in ("checking", "matching")
    assert manager.get(f"{page}{act}/").status_code == 405


def test_a_file_that_cant_be_taken_is_said_so_beside_it(upload: Any) -> None:
    assert "empty" in said(upload(io.BytesIO(b"")))
    assert "nothing in this file but its headings" in said(upload(csv_file([])))
    upload(csv_file([FATIMA]))
    assert "is here already" in said(upload(csv_file([FATIMA])))
    assert Import.objects.count() == 1


def test_it_is_said_in_afrikaans(manager: Client, upload: Any, cast: Cast) -> None:
    manager.post("/admin/language/af/")
    page = upload(csv_file([FATIMA, (*SIPHO[:5], "123", *SIPHO[6:])]))["Location"]
    assert "Watter kolom is watter?" in manager.get(page).content.decode()
    manager.post(page, matched(page, manager))
    work()
    shown = manager.get(page).content.decode()
    assert "geweier" in shown.lower()
    assert "Cellphone" not in shown


def test_whoever_works_elsewhere_finds_nothing(upload: Any, cast: Cast) -> None:
    page = upload(csv_file([FATIMA]))["Location"]
    other = Client()
    elsewhere = StaffRoleFactory(clinic=cast.other_clinic, role=StaffRole.Role.MANAGER)
    other.force_login(elsewhere.user)
    for path in (page, f"{page}left/"):
        assert other.get(path).status_code == 404
    for path in (page, f"{page}run/", f"{page}discard/"):
        assert other.post(path).status_code == 404
    assert "patients.csv" not in other.get(PAGE).content.decode()
    answer = other.post(
        f"{PAGE}new/", {"kind": "patients", "clinic": cast.clinic.pk, "file": csv_file([SIPHO])}
    )
    assert "clinic" in answer.context["form"].errors
    assert Import.objects.count() == 1


def test_a_nurse_imports_nothing(cast: Cast) -> None:
    nurse = Client()
    nurse.force_login(cast.nurse)
    for path in (PAGE, f"{PAGE}new/"):
        assert nurse.get(path).status_code in (302, 403)


def test_a_hundred_megabytes_are_refused_unread(cast: Cast) -> None:
    class Unread(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            raise AssertionError("It was read.")

    request = RequestFactory().post(f"{PAGE}new/", content_type="multipart/form-data; boundary=x")
    request.META |= {"CONTENT_LENGTH": str(100 * 1024 * 1024), "wsgi.input": Unread()}
    request._stream = Unread()  # type: ignore[attr-defined]
    request.user = cast.manager
    answer: Any = bounded(UploadView.as_view())(request)
    assert answer.status_code == 413
    assert MOST_BYTES == 10 * 1024 * 1024
    assert "The file is too large. It may have 10 MB." in " ".join(answer.context_data["too_large"].split())


def test_an_upload_without_the_token_of_its_page_is_refused(cast: Cast) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(cast.manager)
    given = {"kind": "patients", "clinic": cast.clinic.pk, "file": csv_file([FATIMA])}
    assert careful.post(f"{PAGE}new/", given).status_code == 403
    assert not Import.objects.exists()


def test_many_rows_cost_a_page_no_more_queries(manager: Client, upload: Any, cast: Cast) -> None:
    def asked(number: int, start: int) -> int:
        page = upload(csv_file(people(number, start)))["Location"]
        manager.post(page, matched(page, manager))
        work()
        manager.get(page)
        with CaptureQueriesContext(connection) as queries:
            manager.get(page)
        return len(queries)

    assert asked(40, 100) == asked(4, 0)


def test_a_manager_of_several_clinics_chooses_one(manager: Client, upload: Any, cast: Cast) -> None:
    third = ClinicFactory()
    StaffRoleFactory(clinic=third, user=cast.manager, role=StaffRole.Role.MANAGER)
    assert upload(csv_file([FATIMA]), clinic="").context["form"].errors.keys() == {"clinic"}
    upload(csv_file([FATIMA]), clinic=third.pk)
    assert Import.objects.get().clinic == third
    assert Import.objects.get().uploaded_at == NOW
