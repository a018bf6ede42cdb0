"""What head office still has to do, on a page and on the first page of the admin."""

from typing import Any

import pytest
from django.test import Client

from home.admin.first_steps import first_steps, left
from home.models import Clinic, StaffRole
from tests.factories import StaffRoleFactory, UserFactory
from tests.home.conftest import Cast

pytestmark = pytest.mark.django_db
URL = "/admin/first-steps/"


def ready(settings: Any) -> None:
    """What whoever runs the machine sets."""
    settings.WAGTAILADMIN_BASE_URL = "https://clinic.example.org"
    settings.DEFAULT_FROM_EMAIL = "Clinic <clinic@example.org>"
    settings.EMAIL_FILE_PATH = None
    settings.SMS_PROVIDERS = ["africastalking"]


@pytest.fixture
def trial(settings: Any, tmp_path: Any) -> None:
    settings.WAGTAILADMIN_BASE_URL = "http://localhost:8000"
    settings.DEFAULT_FROM_EMAIL = "MedGuard <clinic@medguard.test>"
    settings.EMAIL_FILE_PATH = tmp_path
    settings.SMS_PROVIDERS = ["file"]


def missing() -> list[str]:
    return [step.title for step in first_steps() if step.needed and not step.is_done]


@pytest.mark.usefixtures("trial")
def test_an_empty_site_lacks_all_of_it() -> None:
    assert missing() == [
        "The first clinic",
        "The first nurse",
        "The site’s address",
        "The sender of e-mail",
        "How e-mail leaves",
        "How SMS leave",
    ]


def test_a_clinic_a_nurse_and_the_environment_are_enough(settings: Any) -> None:
    ready(settings)
    role = StaffRoleFactory()
    assert missing() == []
    role.user.is_active = False
    role.user.save()
    assert missing() == ["The first nurse"]
    StaffRole.objects.all().delete()
    Clinic.objects.all().delete()
    assert left(first_steps()) == 2


@pytest.mark.usefixtures("trial")
def test_the_first_page_shows_head_office_what_is_missing_until_it_is_done(
    client: Client, settings: Any, cast: Cast
) -> None:
    client.force_login(cast.head_office)
    assert "4 steps are left before a clinic can start" in client.get("/admin/").content.decode()
    page = client.get(URL).content.decode()
    assert "still missing" in page and "SMS_PROVIDERS" in page and "/admin/clinics/" in page
    ready(settings)
    assert "before a clinic can start" not in client.get("/admin/").content.decode()
    assert "All that a clinic needs to start is done." in client.get(URL).content.decode()


@pytest.mark.usefixtures("trial")
def test_it_is_head_offices_alone(client: Client, cast: Cast) -> None:
    for person in (cast.nurse, cast.manager):
        client.force_login(person)
        assert client.get(URL)["Location"] == "/admin/"
        page = client.get("/admin/").content.decode()
        assert "before a clinic can start" not in page and URL not in page


@pytest.mark.usefixtures("trial")
def test_nobody_is_named_in_a_secret(client: Client, settings: Any) -> None:
    """The page names variables; their values stay where they are, but for those that messages show anyway."""
    settings.FIELD_ENCRYPTION_KEYS = ["k" * 43 + "="]
    client.force_login(UserFactory(is_superuser=True))
    page = client.get(URL).content.decode()
    assert "k" * 43 not in page and settings.SECRET_KEY not in page
