"""Head office keeps the texts that WhatsApp has approved: suggested, submitted, approved, and refused where wrong."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from notifications.models import WhatsAppTemplate
from tests.factories import StaffRoleFactory, UserFactory

pytestmark = pytest.mark.django_db

INDEX = "/admin/whatsapp_templates/"
DOSE = {
    "event_type": "medication.dose_due", "language": "en", "detail": "discreet",
    "body": "You have a reminder from your clinic.", "buttons": "3", "name": "dose_reminder_1", "state": "approved",
}  # fmt: skip


@pytest.fixture
def office() -> Client:
    client = Client()
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    return client


def add(office: Client, **changes: str) -> Any:
    return office.post(reverse("whatsapp_templates:add"), {**DOSE, **changes})


def errors(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200, answer
    return {name: " ".join(map(str, said)) for name, said in answer.context["form"].errors.items()}


def test_one_is_added_and_listed_with_its_state(office: Client) -> None:
    assert add(office).status_code == 302
    page = office.get(INDEX).content.decode()
    assert "A dose is due" in page and "dose_reminder_1" in page and "approved" in page


def test_its_page_says_what_to_submit_and_how_it_is_read(office: Client) -> None:
    add(
        office,
        event_type="vaccination.due",
        detail="detailed",
        body="The {{ vaccine }} for {{ for_whom }} is due on {{ due_on }}, at your clinic.",
        buttons="0",
    )
    page = office.get(
        reverse("whatsapp_templates:edit", args=[WhatsAppTemplate.objects.get().pk])
    ).content.decode()
    assert "The {{1}} for {{2}} is due on {{3}}, at your clinic." in page
    assert "The Measles and rubella for you is due on Tuesday" in page


def test_its_buttons_are_named_in_its_language(office: Client) -> None:
    add(office, language="af", body="U het ’n herinnering van u kliniek.")
    page = office.get(
        reverse("whatsapp_templates:edit", args=[WhatsAppTemplate.objects.get().pk])
    ).content.decode()
    assert page.index("Geneem") < page.index("Later") < page.index("Slaan oor")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("body", "Take {{ medicines }} now.", "can't be used in a discreet text"),
        ("body", "It is {{ time", "can't be used in a discreet text"),
        ("buttons", "4", "This message has 3 answers"),
        ("name", "Dose reminder", "small letters, digits and underscores"),
        ("language", "tlh", "tlh is not one of the available choices"),
        ("event_type", "medication.nothing", "medication.nothing is not one of the available choices"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_changes_nothing(
    office: Client, field: str, value: str, said: str
) -> None:
    assert said in errors(add(office, **{field: value}))[field]
    assert not WhatsAppTemplate.objects.exists()


def test_two_of_one_name_and_language_are_refused(office: Client) -> None:
    add(office)
    assert "with this name in this language already" in str(errors(add(office)))
    assert add(office, language="af").status_code == 302


def test_an_approved_one_at_twilio_has_a_content_sid(office: Client, settings: Settings) -> None:
    settings.WHATSAPP_PROVIDER = "twilio"
    assert "content SID" in errors(add(office))["name"]
    assert add(office, state="pending").status_code == 302
    assert add(office, name="HX" + "0a" * 16).status_code == 302


def test_what_is_missing_is_suggested_once(office: Client) -> None:
    add(office)
    page = office.get(reverse("whatsapp_templates:suggest")).content.decode()
    assert "medguard_vaccination_due" in page and "medguard_message" in page
    assert page.count("medguard_medication_dose_due") == 1
    for _ in range(2):
        assert office.post(reverse("whatsapp_templates:suggest")).status_code == 302
    assert WhatsAppTemplate.objects.filter(event_type="medication.dose_due").count() == 2
    suggested = WhatsAppTemplate.objects.get(name="medguard_medication_dose_due")
    assert (suggested.language, suggested.state, suggested.buttons) == ("af", "pending", 3)
    assert suggested.body == "U het 'n herinnering van u kliniek."
    assert "Each message has a template" in office.get(reverse("whatsapp_templates:suggest")).content.decode()


@pytest.mark.parametrize("role", ["nurse", "manager"])
def test_it_is_head_offices(role: str) -> None:
    client = Client()
    client.force_login(StaffRoleFactory(role=role).user)
    for name in ("index", "add", "suggest"):
        assert client.get(reverse(f"whatsapp_templates:{name}")).status_code == 302
    client.post(reverse("whatsapp_templates:suggest"))
    assert not WhatsAppTemplate.objects.exists()
    assert "WhatsApp" not in client.get("/admin/").content.decode()
