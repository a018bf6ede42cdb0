"""Tokens: who gets one, who doesn't, and how long it holds."""

from types import SimpleNamespace

import pytest
import time_machine
from allauth.account.signals import password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.dispatch import Signal
from django.http import HttpResponse
from django.test import Client
from knox.models import AuthToken
from pytest_django import Settings

from notifications.models import NotificationPreferences
from tests.factories import PASSWORD, UserFactory
from tests.home.sign_in.steps import code_of
from tests.notifications.api.conftest import Program, program_of

PATH = "/api/auth/login/"
NOW = "2026-11-24T08:00:00Z"


def sign_in(email: str = "thandi@example.org", password: str = PASSWORD, **more: str) -> HttpResponse:
    return Program().post(PATH, {"email": email, "password": password, **more})


def test_a_token_is_kept_hashed(thandi: Program) -> None:
    token = sign_in(" Thandi@Example.ORG ").json()["token"]
    assert len(token) == 64
    assert token not in str(list(AuthToken.objects.values()))


def test_a_program_gets_no_session_and_no_cookie(thandi: Program) -> None:
    answer = sign_in()
    assert answer.status_code == 200
    assert not answer.cookies
    assert not thandi.post("/api/auth/logout/").cookies
    assert Session.objects.count() == 0
    assert "no-store" in answer["Cache-Control"]


def test_a_session_of_the_site_is_no_token(thandi: Program) -> None:
    browser = Client()
    browser.force_login(thandi.user)
    assert browser.get("/api/notifications/").status_code == 401


@pytest.mark.parametrize(
    ("email", "password"),
    [("thandi@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("gone@example.org", PASSWORD)],
)
def test_whatever_is_wrong_the_answer_is_the_same(thandi: Program, email: str, password: str) -> None:
    UserFactory(email="gone@example.org", is_active=False)
    answer = sign_in(email, password)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"
    assert answer.json() == {"detail": "The e-mail address or the password is wrong. Please try again."}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, {"email", "password"}),
        ({"email": "a@example.org"}, {"password"}),
        ({"email": 1, "password": "x"}, {"email"}),
        ({"email": "İ" * 200 + "@example.org", "password": "x"}, {"email"}),
        ({"email": "a@example.org", "password": None}, {"password"}),
        ({"email": "a@example.org", "password": "x", "remember": True}, {"remember"}),
        ({"email": "a@example.org", "password": "x", "code": 123456}, {"code"}),
    ],
)
def test_what_is_missing_or_malformed_is_named(stranger: Program, body: object, named: set[str]) -> None:
    answer = stranger.post(PATH, body)
    assert (answer.status_code, answer.json().keys()) == (400, named)


def test_a_token_ends_after_ten_hours(thandi: Program) -> None:
    with time_machine.travel(NOW) as clock:
        mine = Program(token=sign_in().json()["token"])
        clock.shift(10 * 3600 - 60)
        assert mine.get("/api/notifications/").status_code == 200
        clock.shift(120)
        answer = mine.get("/api/notifications/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token nonsense", "Token é", "Token " + "0" * 64])
def test_a_header_that_is_no_token_is_401(thandi: Program, header: str) -> None:
    answer = Program().get("/api/notifications/", Authorization=header)
    assert (answer.status_code, list(answer.json())) == (401, ["detail"])


def test_a_token_of_somebody_who_was_deactivated_holds_no_longer(thandi: Program) -> None:
    thandi.user.is_active = False
    thandi.user.save()
    assert thandi.get("/api/notifications/").status_code == 401


def test_a_new_password_takes_back_all_tokens(thandi: Program, pieter: Program) -> None:
    password_changed.send(type(thandi.user), request=None, user=thandi.user)
    assert thandi.get("/api/notifications/").status_code == 401
    assert pieter.get("/api/notifications/").status_code == 200


def test_signing_out_takes_back_this_token_or_all(thandi: Program) -> None:
    phone, laptop = program_of(thandi.user), program_of(thandi.user)
    assert phone.post("/api/auth/logout/").status_code == 204
    assert phone.post("/api/auth/logout/").status_code == 401
    assert laptop.post("/api/auth/logoutall/").status_code == 204
    assert (
        laptop.get("/api/notifications/").status_code == thandi.get("/api/notifications/").status_code == 401
    )


def test_ten_wrong_passwords_lock_that_person_out(thandi: Program, pieter: Program) -> None:
    for _ in range(site.AXES_FAILURE_LIMIT - 1):
        assert sign_in(password="wrong").status_code == 401
    for answer in (sign_in(password="wrong"), sign_in()):
        assert answer.status_code == 429
        assert answer["Content-Type"] == "application/json"
        assert answer["Retry-After"] == "900"
        assert answer.json() == {"detail": "Too many wrong tries. Please wait 15 minutes."}
    assert sign_in("pieter@example.org").status_code == 200


def test_the_lock_counts_what_the_site_counted_and_the_other_way_round(thandi: Program) -> None:
    for _ in range(site.AXES_FAILURE_LIMIT - 1):
        Client().post("/en/accounts/login/", {"login": "thandi@example.org", "password": "wrong"})
    assert sign_in(password="wrong").status_code == 429
    page = Client().post("/en/accounts/login/", {"login": "thandi@example.org", "password": PASSWORD})
    assert (page.status_code, page["Content-Type"]) == (429, "text/html; charset=utf-8")


def test_signing_in_clears_what_was_counted(thandi: Program) -> None:
    for _ in range(2):
        for _ in range(site.AXES_FAILURE_LIMIT - 1):
            assert sign_in(password="wrong").status_code == 401
        assert sign_in().status_code == 200


@time_machine.travel(NOW, tick=False)
def test_whoever_has_a_second_step_needs_its_code(thandi: Program) -> None:
    secret = generate_totp_secret()
    TOTP.activate(thandi.user, secret)
    without = sign_in()
    assert (without.status_code, list(without.json())) == (400, ["code"])
    wrong = sign_in(code="000000" if code_of(secret) != "000000" else "111111")
    assert (wrong.status_code, list(wrong.json())) == (400, ["code"])
    assert AuthToken.objects.filter(user=thandi.user).count() == 1  # the fixture's
    assert sign_in(code=code_of(secret)).status_code == 200
    again = sign_in(code=code_of(secret))
    assert (again.status_code, list(again.json())) == (400, ["code"])


def test_a_code_without_the_password_tells_nothing(thandi: Program) -> None:
    secret = generate_totp_secret()
    TOTP.activate(thandi.user, secret)
    assert sign_in(password="wrong", code=code_of(secret)).status_code == 401


def test_a_recovery_code_opens_once(thandi: Program) -> None:
    TOTP.activate(thandi.user, generate_totp_secret())
    code = RecoveryCodes.activate(thandi.user).get_unused_codes()[0]
    assert sign_in(code=code).status_code == 200
    assert sign_in(code=code).status_code == 400


def test_ten_wrong_codes_lock_that_person_out(thandi: Program) -> None:
    with time_machine.travel(NOW, tick=False):
        secret = generate_totp_secret()
        TOTP.activate(thandi.user, secret)
        wrong = "000000" if code_of(secret) != "000000" else "111111"
        answers = [sign_in(code=wrong).status_code for _ in range(site.AXES_FAILURE_LIMIT)]
        assert answers == [400] * (site.AXES_FAILURE_LIMIT - 1) + [429]
        locked = sign_in(code=code_of(secret))
    assert (locked.status_code, locked["Content-Type"]) == (429, "application/json")


def test_staff_who_must_have_a_second_step_and_have_none_are_refused(
    nurse: Program, thandi: Program, settings: Settings
) -> None:
    settings.STAFF_MFA_REQUIRED = True
    answer = sign_in("sister@example.org")
    assert answer.status_code == 403
    assert answer.json() == {
        "detail": "Staff sign in with a second step. Please set it up on the site first."
    }
    assert sign_in("sister@example.org", "wrong").status_code == 401
    assert sign_in().status_code == 200
    with time_machine.travel(NOW, tick=False):
        secret = generate_totp_secret()
        TOTP.activate(nurse.user, secret)
        assert sign_in("sister@example.org", code=code_of(secret)).status_code == 200


def test_a_token_from_before_that_was_asked_opens_nothing_of_others(
    nurse: Program, thandi: Program, settings: Settings
) -> None:
    waiting, own = nurse.scheduled(thandi.user), nurse.scheduled(nurse.user)
    settings.STAFF_MFA_REQUIRED = True
    assert nurse.schedule(thandi.user).status_code == 403
    assert nurse.get(f"/api/notifications/{waiting}/schedule_status/").status_code == 404
    assert nurse.get(f"/api/notifications/{own}/schedule_status/").status_code == 200


@pytest.mark.parametrize("change", [authenticator_added, authenticator_removed])
def test_a_token_from_before_a_second_step_was_set_up_or_removed_ends(
    nurse: Program, thandi: Program, change: Signal
) -> None:
    http = SimpleNamespace(session={})
    change.send(Authenticator, request=http, user=nurse.user, authenticator=Authenticator(pk=1))
    assert nurse.get("/api/notifications/").status_code == 401
    assert nurse.schedule(thandi.user).status_code == 401
    assert thandi.get("/api/notifications/").status_code == 200


def test_errors_are_in_the_language_of_whoever_asks(stranger: Program, thandi: Program) -> None:
    assert stranger.get("/api/notifications/", **{"Accept-Language": "af"})["Content-Language"] == "af"
    NotificationPreferences.objects.create(user=thandi.user, language="af")
    answer = thandi.get("/api/notifications/", **{"Accept-Language": "en"})
    assert answer["Content-Language"] == "af"
