"""Every list of staff is a file too, in which no name is a formula; and whose records left in it is written down."""

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from wagtail.admin.views.generic import BaseListingView

from home.models import AccessRecord, Clinic, Patient, User
from notifications.admin.export import TableExport
from notifications.admin.template_list import URLS
from notifications.models import NotificationTemplate
from tests.addresses.world import World

PATIENT, OTHER, CLINIC, TITLE = "=HYPERLINK(0)", "+HYPERLINK(0)", "@HYPERLINK", "=HYPERLINK(1)"
TEXTS = f"{URLS}:list"
RUN = ("=", "+", "-", "@", "\t", "\r", "\n")
OF_WAGTAIL = {
    "wagtailadmin_": "pages of the website and their workflows",
    "wagtailusers_": "accounts and groups, for head office",
    "wagtailimages": "pictures",
    "wagtaildocs": "documents",
    "wagtailsites": "the site",
    "wagtailsnippets:": "which kinds of snippets there are",
    "wagtailredirects": "redirects",
    "wagtailforms": "forms",
    "wagtail_": "what Wagtail shows of a page",
}
"""Lists of Wagtail's own, which hold nobody's record."""


def lists() -> Iterator[tuple[str, type[Any]]]:
    """Each list of the admin that has an address without a row in it, with its view."""

    def found(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, type[Any]]]:
        for each in resolver.url_patterns:
            if isinstance(each, URLResolver):
                yield from found(each, each.namespace or namespace)
            elif each.name and not each.pattern.converters:
                view = getattr(each.callback, "view_class", None)
                a_list = view and issubclass(view, (BaseListingView, TableExport))
                if a_list and not each.name.endswith("results"):
                    yield (f"{namespace}:{each.name}" if namespace else each.name), view

    yield from found(get_resolver())


def ours() -> dict[str, type[Any]]:
    return {
        name: view
        for name, view in lists()
        if not name.startswith(tuple(OF_WAGTAIL)) and "chooser" not in name
    }


def test_each_list_is_a_file_too() -> None:
    found = ours()
    assert {"patients:index", "visits:index", "notification_costs:index", TEXTS} <= found.keys()
    without = {name for name, view in found.items() if not issubclass(view, TableExport)}
    assert without == set(), "lists without a file"


@pytest.fixture
def head_office(world: World) -> Client:
    """At a site where people, clinics and messages are called by formulas."""
    Patient.objects.update(first_name=PATIENT, last_name="")
    User.objects.exclude(is_superuser=True).update(first_name=OTHER, last_name="")
    for clinic in Clinic.objects.all():
        Clinic.objects.filter(pk=clinic.pk).update(name=f"{CLINIC}({clinic.pk})")
    NotificationTemplate.objects.update_or_create(
        event_type="visit.reminder",
        scope_id=None,
        defaults={"live": True, "title_en": TITLE, "title_af": TITLE, "body_en": "…", "body_af": "…"},
    )
    client = Client()
    client.force_login(world.people["head_office"])
    return client


def cells(answer: Any, form: str) -> Iterator[Any]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if form == "csv":
        for row in csv.reader(StringIO(body.decode("utf-8-sig"), newline="")):
            yield from row
    else:
        for row in openpyxl.load_workbook(BytesIO(body)).active.iter_rows():
            for cell in row:
                assert cell.data_type != "f", "a formula"
                yield cell.value


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_list_has_a_formula_in_its_file(head_office: Client, form: str) -> None:
    named = set()
    for name, view in ours().items():
        if form.upper() not in {each.upper() for each in getattr(view, "FORMATS", ("csv", "xlsx"))}:
            continue
        answer = head_office.get(reverse(name), {"export": form})
        assert answer.status_code == 200, name
        for cell in cells(answer, form):
            if isinstance(cell, str):
                assert not cell.startswith(RUN), (name, cell)
                if "HYPERLINK" in cell:
                    named.add(name)
    assert {"patients:index", "visits:index", "clinics:index", "staff:index", TEXTS} <= named


def test_whose_records_leave_in_a_file_is_written_down(head_office: Client) -> None:
    with_patients, noted = set(), set()
    for name, view in ours().items():
        if "csv" in getattr(view, "FORMATS", ("csv",)):
            AccessRecord.objects.all().delete()
            answer = head_office.get(reverse(name), {"export": "csv"})
            if any(PATIENT in cell for cell in cells(answer, "csv")):
                with_patients.add(name)
            if AccessRecord.objects.filter(kind=AccessRecord.Kind.EXPORTED).exists():
                noted.add(name)
    assert {"patients:index", "visits:index", "prescriptions:index"} <= with_patients
    assert with_patients - noted == set(), "lists whose files nobody would know of"
