"""Signing in: by e-mail address or by number, and not at all after too many wrong passwords."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client

from home.models import User
from notifications.models import NotificationPreferences
from tests.factories import PASSWORD, CareRoleFactory, UserFactory
from tests.home.conftest import Cast
from tests.home.transactional import queued  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queued")]


@pytest.fixture(autouse=True)
def _nobody_counted() -> None:
    cache.clear()


def sign_in(client: Client, login: str, password: str = PASSWORD, language: str = "en"):
    return client.post(f"/{language}/accounts/login/", {"login": login, "password": password})


@pytest.mark.parametrize(
    "login", ["thandi@example.org", "THANDI@Example.org", "082 123 4567", "+27821234567", "0821234567"]
)
def test_a_person_signs_in_with_either_address_however_it_is_written(client: Client, login: str) -> None:
    thandi = UserFactory(email="thandi@example.org", phone="0821234567")
    answer = sign_in(client, login)
    assert (answer.status_code, answer["Location"]) == (302, "/en/start/")
    assert client.session["_auth_user_id"] == str(thandi.pk)


def test_a_person_with_one_address_alone_signs_in(client: Client) -> None:
    for person, login in (
        (UserFactory(email=None, phone="0821234567"), "082-123-4567"),
        (UserFactory(email="anna@example.org", phone=None), "anna@example.org"),
    ):
        sign_in(client, login)
        assert client.session["_auth_user_id"] == str(person.pk)
        client.logout()


@pytest.mark.parametrize("login", ["thandi@example.org", "082 123 4567", "nobody@example.org", "nonsense"])
def test_a_wrong_password_is_answered_alike_for_everybody(client: Client, login: str) -> None:
    UserFactory(email="thandi@example.org", phone="0821234567")
    answer = sign_in(client, login, "wrong")
    assert answer.status_code == 200
    assert "phone number or password is wrong" in answer.content.decode()


def test_an_inactive_user_cannot_sign_in(client: Client) -> None:
    UserFactory(email="thandi@example.org", is_active=False)
    sign_in(client, "thandi@example.org")
    assert "_auth_user_id" not in client.session


def test_ten_wrong_passwords_lock_that_person_out_in_the_readers_language(client: Client) -> None:
    UserFactory(email="thandi@example.org", phone="0821234567")
    UserFactory(email="pieter@example.org")
    logins = ["thandi@example.org", "082 123 4567"]
    for attempt in range(settings.AXES_FAILURE_LIMIT):
        answer = sign_in(client, logins[attempt % 2], "wrong", "af")
    assert answer.status_code == 429
    assert "home/locked_out.html" in [template.name for template in answer.templates]
    assert '<html lang="af"' in answer.content.decode()
    assert "15" in answer.content.decode()
    for login in logins:
        assert sign_in(client, login).status_code == 429
    assert "_auth_user_id" not in client.session
    assert sign_in(client, "pieter@example.org").status_code == 302


def test_wrong_passwords_by_phone_count_for_that_phone_only(client: Client) -> None:
    for phone in ("0821234567", "0831234567", "0841234567"):
        UserFactory(email=None, phone=phone)
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        sign_in(client, "0821234567", "wrong")
        sign_in(client, "0831234567", "wrong")
    assert sign_in(client, "0841234567").status_code == 302


def test_a_forgotten_password_is_reset_by_e_mail(client: Client) -> None:
    thandi = UserFactory(email="thandi@example.org")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, "thandi@example.org", "forgotten")
    client.post("/en/accounts/password/reset/", {"email": "Thandi@example.org"})
    [message] = mail.outbox
    assert message.to == ["thandi@example.org"]
    assert message.subject == "Choose a new password"
    [link] = re.findall(rf"{settings.BASE_URL}(/en/accounts/password/reset/key/\S+)", message.body)
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    client.post(address, {"password1": "another-quiet-word", "password2": "another-quiet-word"})
    thandi.refresh_from_db()
    assert thandi.check_password("another-quiet-word")
    assert sign_in(client, "thandi@example.org", "another-quiet-word").status_code == 302


def test_an_unknown_address_cannot_be_distinguished_from_a_known_one(client: Client) -> None:
    answer = client.post("/en/accounts/password/reset/", {"email": "nobody@example.org"})
    assert answer.status_code == 302


def test_nobody_signs_up_without_an_invitation(client: Client) -> None:
    answer = client.post(
        "/en/accounts/signup/",
        {"email": "new@example.org", "phone": "", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert answer.status_code == 200
    assert not User.objects.filter(email="new@example.org").exists()


@pytest.mark.parametrize("path", ["email/", "phone/change/", "phone/verify/"])
def test_addresses_are_changed_on_our_own_pages_only(client: Client, path: str) -> None:
    client.force_login(UserFactory())
    assert client.get(f"/en/accounts/{path}").status_code == 404
    assert client.post(f"/en/accounts/{path}", {"email": "x@example.org"}).status_code == 404


def test_patients_start_at_today_in_their_language_and_staff_in_the_admin(client: Client, cast: Cast) -> None:
    NotificationPreferences.objects.create(user=cast.anna, language="af")
    client.force_login(cast.anna)
    assert client.get("/en/start/")["Location"] == "/af/today/"
    client.force_login(cast.nurse)
    assert client.get("/en/start/")["Location"] == "/admin/"
    CareRoleFactory(user=cast.nurse)
    assert client.get("/en/start/")["Location"] == "/en/today/"
    client.logout()
    assert client.get("/en/start/")["Location"] == "/en/accounts/login/?next=/en/start/"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ["forgotten your password", "Choose a new one on the page below", "use the link once"],
        ),
        (
            "af",
            ["u wagwoord", "Kies ’n nuwe een op die bladsy hieronder", "een keer gebruik"],
        ),
    ],
)
def test_the_mail_for_a_new_password_is_ours_in_the_readers_language(
    client: Client, language: str, words: list[str]
) -> None:
    UserFactory(email="thandi@example.org", first_name="Thandi")
    client.post(f"/{language}/accounts/password/reset/", {"email": "thandi@example.org"})
    [message] = mail.outbox
    text = message.body.replace("'n", "’n")
    assert [each for each in words if each not in text] == []
    assert "example.com" not in text
    assert f"{settings.BASE_URL}/{language}/accounts/password/reset/key/" in text


def test_an_unknown_address_gets_no_mail(client: Client) -> None:
    client.post("/en/accounts/password/reset/", {"email": "nobody@example.org"})
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("path", "labels"),
    [
        ("login/", ["E-mail address or phone number:", "Password:"]),
        ("password/reset/", ["E-mail address:"]),
        ("password/change/", ["Current password:", "New password:", "Confirm new password:"]),
    ],
)
def test_the_list_of_errors_names_fields_as_the_page_does(
    client: Client, path: str, labels: list[str]
) -> None:
    if path == "password/change/":
        client.force_login(UserFactory())
    page = client.post(f"/en/accounts/{path}", {}).content.decode()
    summary = page.split("nhsuk-error-summary__list")[1].split("</ul>")[0]
    assert re.findall(r"<a [^>]*>([^:]+:)", summary) == labels
    for label in labels:
        assert f">{label[:-1]}</label>" in page
