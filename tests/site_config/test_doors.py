"""The site has one door for people and one for programs; no other view signs anybody in, whoever brings it along."""

import inspect
import re
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

import pytest
from allauth.account import views as allauth_views
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import SESSION_KEY
from django.contrib.auth import views as django_views
from django.core.cache import cache
from django.test import Client
from knox import views as knox_views
from knox.models import AuthToken
from wagtail.admin.views import account as wagtail_views

from tests.factories import PASSWORD, UserFactory
from tests.urls import every_path, match_of

WORDS = {
    *("login", "alogin", "auth_login", "django_login", "perform_login", "resume_login", "user_logged_in"),
    *("authenticate", "aauthenticate", "post_authentication", "finish", "create_token", "token_issue"),
}
"""What a view calls that signs somebody in."""
DOORS = {
    "allauth.account.views._login.LoginView": "the site's sign-in",
    "allauth.account.views._login.ConfirmLoginCodeView": "its code by SMS or e-mail",
    "allauth.mfa.base.views.AuthenticateView": "its second step",
    "home.invitation.views.accept": "an account that is a moment old, by the link of an invitation",
    "home.staff.views.accept": "an account that is a moment old, by the link of an invitation to work",
    "notifications.api.views.sign_in.SignIn": "programs, with the second step's code",
}
NOT_DOORS = {
    "allauth.account.views._reauthenticate.ConfirmReauthenticationCodeView": "asks anew who is signed in",
    "allauth.account.views._signup.SignupView": "closed: nobody signs up without an invitation",
}
DULL = ("builtins", "django.views.", "rest_framework.")
STRANGERS = (
    "/_util/login/",
    "/en/_util/login/",
    "/af/_util/login/",
    "/en/_util/login/?next=/admin/",
    "/admin/login/",
    "/en/_util/authenticate_with_password/1/1/",
    "/af/_util/authenticate_with_password/1/1/",
    "/documents/authenticate_with_password/1/",
    "/admin/password_reset/confirm/MQ/abc-def/",
    "/api-auth/login/",
    "/admin/api/login/",
)
SIGN_IN = r"/(en|af)/(accounts/(login|password/reset)|_util/login|api-auth/login)/|/admin/login/"


@pytest.fixture(autouse=True)
def _nobody_counted() -> None:
    cache.clear()


def names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from names(inner)


def functions(view: Any) -> Iterator[tuple[str, FunctionType]]:
    """What runs for a view: its function under all decorators, or the methods of its class and of those above it."""
    view_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if view_class is None:
        inner = inspect.unwrap(view)
        if isinstance(inner, FunctionType):
            yield f"{inner.__module__}.{inner.__qualname__}", inner
        return
    for each in view_class.__mro__:
        if not each.__module__.startswith(DULL):
            for method in vars(each).values():
                if isinstance(function := inspect.unwrap(getattr(method, "__func__", method)), FunctionType):
                    yield f"{view_class.__module__}.{view_class.__qualname__}", function


def signing_in(view: Any) -> set[str]:
    return {name for name, function in functions(view) if WORDS.intersection(_called(function))}


def _called(function: FunctionType) -> Iterator[str]:
    """Names of the function, and of the functions beside it that it calls."""
    for name in names(function.__code__):
        yield name
        beside = function.__globals__.get(name)
        if isinstance(beside, FunctionType) and beside.__module__ == function.__module__:
            yield from names(beside.__code__)


def test_no_view_of_any_address_signs_anybody_in_but_the_doors_that_are_known() -> None:
    found: set[str] = set()
    for path in every_path():
        found |= signing_in(match_of(path).func)
    assert found == DOORS.keys() | NOT_DOORS.keys()


@pytest.mark.parametrize(
    "view", [django_views.LoginView, wagtail_views.LoginView, knox_views.LoginView, allauth_views.LoginView]
)
def test_a_door_that_somebody_brings_along_is_recognised(view: Any) -> None:
    assert signing_in(view.as_view())


@pytest.mark.django_db
def test_a_password_alone_opens_no_address_to_who_has_a_second_step(client: Client) -> None:
    """Each is knocked at with all names that a form may have for an address and a password."""
    sister = UserFactory.create(email="sister@example.org", phone="0825550142", is_superuser=True)
    TOTP.activate(sister, generate_totp_secret())
    keys: dict[str, Any] = dict.fromkeys(("username", "login", "email", "user"), sister.email)
    keys |= {"phone": "0825550142", "password": PASSWORD, "password1": PASSWORD, "code": "000000"}
    opened = []
    client.raise_request_exception = False
    for path in every_path():
        if match_of(path).url_name == "stream":
            continue  # it would go on without an end
        client.post(path, keys)
        client.post(path, keys, content_type="application/json")
        if SESSION_KEY in client.session or AuthToken.objects.exists():
            opened.append(path)
            client = Client(raise_request_exception=False)
            AuthToken.objects.all().delete()
    assert opened == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", STRANGERS)
def test_doors_of_others_lead_to_the_sites_or_are_not_there(client: Client, path: str) -> None:
    staff = UserFactory.create(email="sister@example.org", is_superuser=True)
    for answer in (client.get(path), client.post(path, {"username": staff.email, "password": PASSWORD})):
        if answer.status_code == 302:
            assert re.match(SIGN_IN, answer["Location"])
        else:
            assert answer.status_code in {403, 404}, answer
        assert SESSION_KEY not in client.session
