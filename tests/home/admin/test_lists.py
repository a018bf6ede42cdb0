"""Lists as files, their filters, and what is said when something was saved."""

import csv
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from wagtail.admin.viewsets import viewsets
from wagtail.admin.viewsets.model import ModelViewSet

from home.models import AccessRecord
from notifications.admin import export
from tests.factories import ClinicFactory, PatientFactory, StaffRoleFactory
from tests.home.conftest import Cast

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FORMULAS = ["=1+1", "+27 82", "-1", "@SUM(A1)", "\tx"]


def table(client: Client, form: str, query: str = "") -> list[list[str]]:
    answer: Any = client.get(f"{reverse('patients:index')}?export={form}{query}")
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if form == "csv":
        return list(csv.reader(body.decode("utf-8-sig").splitlines()))
    sheet = ElementTree.fromstring(ZipFile(BytesIO(body)).read("xl/worksheets/sheet1.xml"))  # noqa: S314 - ours
    assert sheet.find(f".//{SHEET}f") is None, "a formula"
    return [["".join(cell.itertext()) for cell in row] for row in sheet.iter(f"{SHEET}row")]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_name_is_a_formula_in_a_file(client: Client, cast: Cast, form: str) -> None:
    for name in FORMULAS:
        PatientFactory(clinic=cast.clinic, first_name=name, last_name="")
    client.force_login(cast.nurse)

    rows = table(client, form)

    names = [str(row[0]) for row in rows[1:]]
    assert len(names) == len(FORMULAS) + 1
    assert not [name for name in names if name.startswith(("=", "+", "-", "@", "\t"))]


def test_a_file_has_the_rows_of_the_list_and_is_written_down(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)

    rows = table(client, "csv")

    assert rows[0][0] == "Name"
    assert any("Pieter" in row[0] for row in rows)
    assert not any("Zanele" in row[0] for row in rows)
    exported = AccessRecord.objects.filter(kind=AccessRecord.Kind.EXPORTED)
    assert list(exported.values_list("user_id", "patient_id")) == [(cast.nurse.pk, cast.pieter.pk)]


def test_a_list_that_is_too_long_is_not_cut_off_in_silence(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_EXPORTED", 1)
    PatientFactory(clinic=cast.clinic)
    client.force_login(cast.nurse)

    answer = client.get(f"{reverse('patients:index')}?language=en&export=csv", follow=True)

    assert "more than 1 rows" in answer.content.decode()
    assert answer.redirect_chain[-1][0] == f"{reverse('patients:index')}?language=en"
    assert not AccessRecord.objects.filter(kind=AccessRecord.Kind.EXPORTED).exists()


def test_every_list_of_staff_is_exported(client: Client, cast: Cast) -> None:
    client.force_login(cast.head_office)
    failed = []
    for viewset in viewsets.viewsets:
        if not isinstance(viewset, export.ExportingViewSet):
            continue
        for form in ("csv", "xlsx"):
            answer = client.get(f"{reverse(viewset.get_url_name('index'))}?export={form}")
            if answer.status_code != 200 or f".{form}" not in answer.headers.get("Content-Disposition", ""):
                failed.append((viewset.name, form))

    assert failed == []


def test_the_clinic_is_a_filter_for_who_has_several(client: Client, cast: Cast) -> None:
    client.force_login(cast.manager)
    assert 'name="clinic"' not in client.get(reverse("staff:index")).content.decode()

    second = ClinicFactory(name="Soweto")
    StaffRoleFactory(clinic=second, user=cast.manager, role="manager")
    page = client.get(f"{reverse('staff:index')}?clinic={second.pk}").content.decode()

    assert 'name="clinic"' in page
    assert "Khayelitsha" not in page


def test_a_cell_knows_the_heading_of_its_column(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)

    page = client.get(reverse("patients:index")).content.decode()

    assert '<td data-heading="Folder number"' in page


@pytest.mark.parametrize("language", ["en", "af"])
def test_what_was_saved_is_said_without_the_name_of_its_type(cast: Cast, language: str) -> None:
    """No “Created Stock batch '1'”: whichever view set there is, its words hold the row's own name alone."""
    wrong = []
    for viewset in viewsets.viewsets:
        if not isinstance(viewset, ModelViewSet):
            continue
        for view in (viewset.add_view_class, viewset.edit_view_class, viewset.delete_view_class):
            given = getattr(viewset, "created_words", None) if view is viewset.add_view_class else None
            with override(language):
                words = str(given or view.success_message or "")
            if "%(model_name)s" in words or "'" in words:
                wrong.append((viewset.name, words))

    assert wrong == []
