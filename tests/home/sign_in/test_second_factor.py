"""Staff pass a second step, and no door of Wagtail's goes around it."""

from io import StringIO
from urllib.parse import urlencode

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.fernet import Fernet
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken
from pytest_django import Settings

from home.sign_in.adapters import MfaAdapter
from notifications.api.tokens import token_issue
from tests.factories import PASSWORD
from tests.home.conftest import Cast
from tests.home.sign_in.steps import asked, code_of, commits_at_once, passed, second_step  # noqa: F401 - a fixture
from tests.home.transactional import queued  # noqa: F401 - a fixture

ASK = "/en/accounts/2fa/reauthenticate/"
CODE_PAGES = ("recovery-codes/", "recovery-codes/generate/", "recovery-codes/download/")


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


def test_patients_are_never_asked(client: Client, cast: Cast, settings: Settings) -> None:
    settings.STAFF_MFA_REQUIRED = True
    client.force_login(cast.anna)
    assert client.get("/en/today/").status_code == 200
    assert client.get("/admin/")["Location"].startswith("/en/accounts/login/")


@pytest.mark.parametrize("required", [True, False])
def test_a_session_from_before_the_second_step_sees_nothing_of_staffs(
    client: Client, cast: Cast, settings: Settings, required: bool
) -> None:
    settings.STAFF_MFA_REQUIRED = required
    client.force_login(cast.nurse)
    _step, secret = second_step(cast.nurse)
    pages = [
        "/admin/",
        "/admin/patients/?q=a",
        "/admin/nonsense/",
        "/admin/api/main/pages/",
        "/admin/account/",
    ]
    for path in pages:
        sent = client.get(path)["Location"]
        assert sent == f"{ASK}?{urlencode({'next': path})}"
        assert client.post(path, {"first_name": "x"})["Location"] == f"{ASK}?next=%2Fadmin%2F"
    with time_machine.travel("2026-11-24T08:00:00Z", tick=False):
        answer = client.post(
            f"{ASK}?next=/admin/patients/", {"code": code_of(secret), "next": "/admin/patients/"}
        )
        assert answer["Location"] == "/admin/patients/"
        assert client.get("/admin/patients/").status_code == 200


@pytest.mark.parametrize("path", ["", "totp/activate/", "totp/deactivate/", *CODE_PAGES])
def test_a_password_alone_does_not_get_at_a_second_step(client: Client, cast: Cast, path: str) -> None:
    """Not even in a session that was asked for the password a moment ago, before there was a second step."""
    client.force_login(cast.nurse)
    asked(client, cast.nurse)
    step, _secret = second_step(cast.nurse)
    RecoveryCodes.activate(cast.nurse)
    for answer in (client.get(f"/en/accounts/2fa/{path}"), client.post(f"/en/accounts/2fa/{path}")):
        assert answer["Location"].startswith(ASK)
    assert Authenticator.objects.filter(pk=step.pk).exists()
    answer = client.post("/en/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer["Location"].startswith(ASK)


def test_only_the_step_that_the_account_has_now_counts(client: Client, cast: Cast) -> None:
    old, _secret = second_step(cast.nurse)
    client.force_login(cast.nurse)
    passed(client, cast.nurse, old)
    assert client.get("/admin/").status_code == 200
    old.delete()
    second_step(cast.nurse)
    assert client.get("/admin/")["Location"].startswith(ASK)


def test_somebody_elses_step_is_none(client: Client, cast: Cast) -> None:
    step, _secret = second_step(cast.manager)
    client.force_login(cast.manager)
    passed(client, cast.manager, step)
    second_step(cast.nurse)
    client.force_login(cast.nurse)
    assert client.get("/admin/")["Location"].startswith(ASK)


@time_machine.travel("2026-11-24T08:00:00Z", tick=False)
@pytest.mark.usefixtures("commits_at_once")
@pytest.mark.parametrize("language", ["en", "af"])
def test_whoever_sets_it_up_sees_the_codes_and_goes_on_to_where_they_were_going(
    client: Client, cast: Cast, settings: Settings, language: str
) -> None:
    settings.STAFF_MFA_REQUIRED = True
    client.force_login(cast.nurse)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = f"/{language}/accounts/2fa/totp/activate/"
    assert client.get("/admin/patients/?q=botha")["Location"] == page
    ask = client.get(page)["Location"]
    assert ask.startswith(f"/{language}/accounts/reauthenticate/")
    assert client.post(ask, {"password": PASSWORD, "next": page})["Location"] == page
    secret = client.get(page).context["form"].secret
    answer = client.post(page, {"code": code_of(secret)})
    codes = f"/{language}/accounts/2fa/recovery-codes/"
    assert answer["Location"] == codes
    shown = client.get(codes)
    assert shown.content.decode().count("<li><code>") == 10
    assert 'href="/admin/patients/?q=botha"' in shown.content.decode()
    assert client.get("/admin/patients/?q=botha").status_code == 200


@time_machine.travel("2026-11-24T08:00:00Z", tick=False)
def test_a_password_alone_does_not_sign_in_who_has_a_second_factor(client: Client, cast: Cast) -> None:
    _step, secret = second_step(cast.nurse)
    answer = client.post("/en/accounts/login/", {"login": cast.nurse.email, "password": PASSWORD})
    assert answer["Location"].startswith("/en/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in client.session
    answer = client.post("/en/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert answer["Location"] == "/en/start/"
    assert client.session["_auth_user_id"] == str(cast.nurse.pk)


@time_machine.travel("2026-11-24T08:00:00Z", tick=False)
@pytest.mark.parametrize(("ago", "signed_in"), [(30, True), (60, False)])
def test_a_code_holds_while_the_next_one_is_shown(
    client: Client, cast: Cast, ago: int, signed_in: bool
) -> None:
    _step, secret = second_step(cast.nurse)
    client.post("/en/accounts/login/", {"login": cast.nurse.email, "password": PASSWORD})
    client.post("/en/accounts/2fa/authenticate/", {"code": code_of(secret, ago=ago)})
    assert ("_auth_user_id" in client.session) is signed_in


def test_secrets_are_not_readable_in_the_database(cast: Cast) -> None:
    _step, secret = second_step(cast.nurse)
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


@pytest.mark.usefixtures("queued")
def test_whoever_lost_phone_and_codes_is_let_in_again_by_the_operator_and_told(
    client: Client, cast: Cast
) -> None:
    step, _secret = second_step(cast.nurse)
    RecoveryCodes.activate(cast.nurse)
    client.force_login(cast.nurse)
    passed(client, cast.nurse, step)
    token_issue(user=cast.nurse, now=timezone.now())
    said = StringIO()
    for _ in range(2):
        call_command("remove_second_step", cast.nurse.email, stdout=said)
    assert said.getvalue().splitlines() == ["The second step is removed.", "There was no second step."]
    assert not Authenticator.objects.exists()
    assert not AuthToken.objects.exists()
    [message] = mail.outbox
    assert message.to == [cast.nurse.email]
    assert "was removed" in message.body
    with pytest.raises(CommandError, match="Nobody"):
        call_command("remove_second_step", "nobody@example.org")
