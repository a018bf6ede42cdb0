"""Links in mails lead to this site: never to the one that whoever asked for the mail called it by."""

from urllib.parse import urlsplit

import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.test import Client, RequestFactory
from wagtail.models import Site

from tests.factories import UserFactory
from tests.home.transactional import queued  # noqa: F401 - a fixture

FORGED = "thieves.example"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queued")]


@pytest.fixture(autouse=True)
def _any_host(settings: object) -> None:
    settings.ALLOWED_HOSTS = ["*"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "headers", [{"Host": FORGED}, {"X-Forwarded-Host": FORGED}, {"Host": f"{FORGED}:80"}]
)
def test_a_new_password_is_chosen_here(client: Client, headers: dict[str, str]) -> None:
    UserFactory(email="thandi@example.org")
    client.post("/en/accounts/password/reset/", {"email": "thandi@example.org"}, headers=headers)
    [message] = mail.outbox
    assert f"{settings.BASE_URL}/en/accounts/password/reset/key/" in message.body
    assert FORGED not in str(message.message())


@pytest.mark.parametrize("template", ["password_changed", "email_changed", "email_confirm"])
def test_what_allauth_says_by_itself_names_this_site(template: str, rf: RequestFactory) -> None:
    request = rf.get("/", headers={"Host": FORGED})
    with context.request_context(request):
        get_adapter().send_mail(f"account/email/{template}", "thandi@example.org", {"user": UserFactory()})
    [message] = mail.outbox
    assert FORGED not in str(message.message())
    assert settings.WAGTAIL_SITE_NAME in message.body


def test_an_address_is_confirmed_here(rf: RequestFactory) -> None:
    class Confirmation:
        key = "abc"

    url = get_adapter().get_email_confirmation_url(rf.get("/", headers={"Host": FORGED}), Confirmation())
    assert url == f"{settings.BASE_URL}/en/accounts/confirm-email/abc/"


def test_wagtails_whole_addresses_are_this_sites() -> None:
    Site.objects.update(hostname=FORGED, port=81)
    call_command("migrate", verbosity=0)
    site = Site.objects.get()
    assert site.root_url == settings.BASE_URL
    assert site.root_page.full_url.startswith(f"{settings.BASE_URL}/")
    assert urlsplit(settings.WAGTAILADMIN_BASE_URL).netloc == urlsplit(settings.BASE_URL).netloc
