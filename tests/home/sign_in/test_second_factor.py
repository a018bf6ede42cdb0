"""Staff pass a second step, and no door of Wagtail's goes around it."""

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from cryptography.fernet import Fernet
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from home.sign_in.adapters import MfaAdapter
from tests.factories import PASSWORD
from tests.home.conftest import Cast


@pytest.fixture(autouse=True)
def _nobody_counted() -> None:
    cache.clear()


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/admin/login/", "/en/accounts/login/"),
        ("/admin/login/?next=/admin/pages/", "/en/accounts/login/?next=/admin/pages/"),
        ("/admin/password_reset/", "/en/accounts/password/reset/"),
        ("/admin/password_reset/confirm/MQ/abc-def/", "/en/accounts/password/reset/"),
        ("/admin/", "/en/accounts/login/?next=/admin/"),
        ("/admin/pages/", "/en/accounts/login/?next=/admin/pages/"),
    ],
)
@pytest.mark.django_db
def test_the_admins_own_sign_in_is_the_sites(client: Client, path: str, to: str) -> None:
    for answer in (client.get(path), client.post(path, {"username": "x", "password": PASSWORD})):
        assert (answer.status_code, answer["Location"]) == (302, to)


def test_staff_without_a_second_factor_are_sent_to_set_one_up(
    client: Client, cast: Cast, settings: Settings
) -> None:
    settings.STAFF_MFA_REQUIRED = True
    for person in (cast.nurse, cast.head_office):
        client.force_login(person)
        for path in ("/admin/", "/admin/patients/", "/admin/account/", "/admin/nonsense/"):
            assert client.get(path)["Location"] == "/en/accounts/2fa/totp/activate/"
            assert client.post(path)["Location"] == "/en/accounts/2fa/totp/activate/"
    settings.STAFF_MFA_REQUIRED = False
    assert client.get("/admin/").status_code == 200


def test_staff_with_a_second_factor_are_let_in_and_patients_are_never_asked(
    client: Client, cast: Cast, settings: Settings
) -> None:
    settings.STAFF_MFA_REQUIRED = True
    TOTP.activate(cast.nurse, generate_totp_secret())
    client.force_login(cast.nurse)
    assert client.get("/admin/").status_code == 200
    client.force_login(cast.anna)
    assert client.get("/en/").status_code == 200
    assert client.get("/admin/")["Location"].startswith("/en/accounts/login/")


@time_machine.travel("2026-11-24T08:00:00Z", tick=False)
def test_a_password_alone_does_not_sign_in_who_has_a_second_factor(client: Client, cast: Cast) -> None:
    secret = generate_totp_secret()
    TOTP.activate(cast.nurse, secret)
    answer = client.post("/en/accounts/login/", {"login": cast.nurse.email, "password": PASSWORD})
    assert answer["Location"].startswith("/en/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in client.session
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    answer = client.post("/en/accounts/2fa/authenticate/", {"code": code})
    assert answer["Location"] == "/en/start/"
    assert client.session["_auth_user_id"] == str(cast.nurse.pk)


def test_secrets_are_not_readable_in_the_database(cast: Cast) -> None:
    secret = generate_totp_secret()
    TOTP.activate(cast.nurse, secret)
    stored = Authenticator.objects.get(user=cast.nurse).data["secret"]
    assert secret not in stored
    assert MfaAdapter().decrypt(stored) == secret


def test_keys_can_be_changed_while_the_old_one_is_still_listed(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [old]
    stored = MfaAdapter().encrypt("secret")
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    assert MfaAdapter().decrypt(stored) == "secret"
    settings.FIELD_ENCRYPTION_KEYS = [new]
    with pytest.raises(ImproperlyConfigured, match="FIELD_ENCRYPTION_KEYS"):
        MfaAdapter().decrypt(stored)
