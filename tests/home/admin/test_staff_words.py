"""What staff read on their lists and forms: no word of Wagtail's or of a programmer's, in both languages."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from home.models import Patient
from tests.home.conftest import Cast
from tests.home.sign_in.steps import asked

ADDED = (
    "announcements",
    "clinic_events",
    "clinic_stock",
    "clinics",
    "erasures",
    "event_series",
    "invitations",
    "medicines",
    "message_series",
    "patients",
    "prescriptions",
    "staff",
    "vaccinations",
    "vaccines",
    "visits",
    "wagtailusers_users",
)
LISTS = (*ADDED, "consents", "notification_messages", "periodic_tasks", "transfers", "worklist")
PAGES = (
    "/admin/",
    "/admin/help/",
    "/admin/first-steps/",
    *(f"{name}:index" for name in LISTS),
    *(f"{name}:add" for name in ADDED),
)
NEVER = re.compile(r"[Ww]agtail|\bNew: |\bNuut: |\bNone\b|\{[\"']|\[\{|<[A-Za-z]+ object")


def read(page: str) -> str:
    """What is to be seen of a page."""
    hidden = r"<!--.*?-->|<(script|template|style|noscript)\b.*?</\1>"
    return unescape(re.sub(r"<[^>]*>", " ", re.sub(hidden, " ", page, flags=re.DOTALL)))


@pytest.mark.parametrize("language", ["en", "af"])
def test_no_page_speaks_as_a_programmer(client: Client, cast: Cast, language: str) -> None:
    client.force_login(cast.head_office)
    client.post(reverse("staff_language", args=[language]))
    asked(client, cast.head_office)  # as before an account is made

    wrong = {}
    for name in PAGES:
        answer = client.get(name if name.startswith("/") else reverse(name))
        assert answer.status_code == 200, name
        if found := NEVER.findall(read(answer.content.decode())):
            wrong[name] = found
    assert wrong == {}


def test_a_form_shows_its_dates_as_staff_type_them(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)

    page = client.get(reverse("prescriptions:add")).content.decode()

    assert re.search(r'name="start_date" value="\d\d/\d\d/\d{4}"', page)


def test_the_places_say_how_many_wait_there(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    assert "data-waiting" not in client.get(reverse("staff_help")).content.decode()
    patient = Patient.objects.filter(clinic=cast.nurse.staff_roles.get().clinic).first()
    assert patient is not None
    patient.worklist_entries.create(
        clinic=patient.clinic,
        reason="code_unused",
        since="2026-11-01",
        pressing=10,
        found_at="2026-11-01T08:00Z",
    )

    page = client.get(reverse("staff_help")).content.decode()

    assert '"data-waiting": "1"' in page


def test_the_only_clinic_of_who_reads_is_named_under_the_mark(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    clinic = cast.nurse.staff_roles.get().clinic

    page = client.get(reverse("staff_help")).content.decode()

    assert re.search(rf"desk-brand__clinic.>(<bdi>)?{re.escape(clinic.name)}", page)


def test_the_list_of_patients_has_no_second_search(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)

    page = client.get(reverse("patients:index"), {"q": "mok"}).content.decode()

    assert page.count('type="search"') == 1
    assert '<input type="hidden" name="q" value="mok"' in page
    assert page.count(reverse("patients:add")) == 1
