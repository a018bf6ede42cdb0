"""How long sessions last: what locks, what ends, and that nothing typed is lost. The clock is moved."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from home.models import Patient, StaffRole, User, UserSession
from home.sign_in.session_life import Life, State
from tests.factories import PASSWORD, CareRoleFactory, StaffRoleFactory, UserFactory
from tests.home.conftest import Cast
from tests.home.sign_in.steps import code_of, second_step
from tests.home.transactional import queued  # noqa: F401 - a fixture

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OPEN, LOCKED, ENDED = State.OPEN, State.LOCKED, State.ENDED
CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"


@pytest.fixture(autouse=True)
def _nobody_counted() -> None:
    cache.clear()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


def signed_in(person: User, *, shared: bool = False) -> Client:
    """A browser of theirs, by the site's own door."""
    client = Client(headers={"User-Agent": CHROME})
    client.post(
        "/en/accounts/login/",
        {"login": person.email, "password": PASSWORD, **({"shared_phone": "on"} if shared else {})},
    )
    assert client.get("/en/sessions/").status_code == 200
    return client


def is_in(client: Client) -> bool:
    return client.get("/en/preferences/").status_code == 200


@pytest.mark.parametrize(
    ("staff", "shared", "began", "seen", "state"),
    [
        (True, False, HOUR, 15 * MINUTE - MINUTE, OPEN),
        (True, False, HOUR, 15 * MINUTE, LOCKED),
        (True, False, 12 * HOUR - MINUTE, MINUTE, OPEN),
        (True, False, 12 * HOUR, MINUTE, ENDED),
        (False, True, HOUR, 15 * MINUTE - MINUTE, OPEN),
        (False, True, HOUR, 15 * MINUTE, ENDED),
        (True, True, HOUR, 15 * MINUTE, ENDED),
        (False, True, 12 * HOUR, MINUTE, ENDED),
        (False, False, 90 * DAY - MINUTE, 89 * DAY, OPEN),
        (False, False, 90 * DAY, MINUTE, ENDED),
        (True, False, -HOUR, -HOUR, OPEN),  # a clock that was put back
    ],
)
def test_the_rule(staff: bool, shared: bool, began: timedelta, seen: timedelta, state: State) -> None:
    life = Life(NOW - began, NOW - seen, is_staff=staff, is_shared=shared, device="", noted_as="")
    assert life.state(now=NOW) is state


@pytest.mark.django_db
def test_staff_are_locked_after_a_quarter_of_an_hour_and_their_form_is_sent_when_they_are_back(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    client = signed_in(cast.manager)
    edit = f"/admin/clinics/edit/{cast.clinic.pk}/"
    page = client.get(edit)
    assert page.status_code == 200
    values = {field.html_name: field.value() for field in page.context["form"]}
    form = {name: "" if value is None else value for name, value in values.items()}
    clock.shift(15 * MINUTE)
    sent = client.post(edit, {**form, "name": "Hillbrow North"})
    assert sent["Location"] == f"/en/accounts/reauthenticate/?next={edit.replace('/', '%2F')}"
    cast.clinic.refresh_from_db()
    assert cast.clinic.name == "Hillbrow"
    for path in ("/admin/", "/en/today/", "/en/sessions/", "/documents/1/x.pdf"):
        assert client.get(path)["Location"].startswith("/en/accounts/reauthenticate/"), path
    # The newest form counts, and only for the page that it was for.
    client.post(edit, {**form, "name": "Hillbrow North"})
    asking = client.get(sent["Location"]).content.decode()
    assert "Nothing was done here for a while" in asking
    assert "/en/accounts/logout/" in asking
    assert client.get("/en/accounts/password/reset/").status_code == 200
    wrong = client.post("/en/accounts/reauthenticate/", {"password": "wrong", "next": edit})
    assert wrong.status_code == 200
    assert client.get("/admin/")["Location"].startswith("/en/accounts/reauthenticate/")
    client.post(edit, {**form, "name": "Hillbrow North"})
    done = client.post("/en/accounts/reauthenticate/", {"password": PASSWORD, "next": edit})
    cast.clinic.refresh_from_db()
    assert (cast.clinic.name, done.status_code) == ("Hillbrow North", 302)
    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db
def test_a_page_that_asks_by_itself_is_nobody_there(cast: Cast, clock: time_machine.Traveller) -> None:
    client = signed_in(cast.nurse)
    by_itself: list[tuple[str, dict[str, str]]] = [
        ("/en/inbox/badge/", {"HX-Request": "true"}),
        ("/en/inbox/stream/", {}),
        ("/en/today/", {"HX-Request": "true", "X-By-Itself": "1"}),
    ]
    for _ in range(7):
        clock.shift(2 * MINUTE)
        assert {client.get(path, headers=headers).status_code for path, headers in by_itself} <= {200, 204}
    clock.shift(MINUTE)
    assert [client.get(path, headers=headers).status_code for path, headers in by_itself] == [401, 204, 401]
    assert client.get("/admin/", headers={"X-Requested-With": "XMLHttpRequest"}).status_code == 401
    assert client.get("/admin/")["Location"].startswith("/en/accounts/reauthenticate/")
    busy = signed_in(cast.nurse)
    for _ in range(2):
        clock.shift(14 * MINUTE)
        assert busy.get("/admin/").status_code == 200


def test_whatever_asks_again_and_again_says_that_it_does_so_by_itself() -> None:
    again = re.compile(
        r"hx-trigger=\"[^\"]*(?:every |(?<!input )(?<!change )delay:)[^\"]*\"(.{60})", re.DOTALL
    )
    asking = [
        (path, after)
        for path in Path(settings.BASE_DIR, "templates").rglob("*.html")
        for after in again.findall(path.read_text())
    ]
    assert len(asking) >= 6
    assert [path.name for path, after in asking if "X-By-Itself" not in after] == []


@pytest.mark.django_db
def test_a_password_in_a_form_is_not_kept_while_it_is_locked(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    client = signed_in(cast.head_office)
    clock.shift(15 * MINUTE)
    sent = client.post("/admin/users/add/", {"email": "x@example.org", "password1": "a-secret-word"})
    assert sent["Location"] == "/en/accounts/reauthenticate/?next=%2Fadmin%2Fusers%2Fadd%2F"
    assert "a-secret-word" not in str(dict(client.session))


@pytest.mark.django_db
def test_who_has_a_second_step_opens_the_lock_with_it(cast: Cast, clock: time_machine.Traveller) -> None:
    client = signed_in(cast.nurse)
    _step, secret = second_step(cast.nurse)
    clock.shift(15 * MINUTE)
    assert client.get("/en/preferences/")["Location"].startswith("/en/accounts/2fa/reauthenticate/")
    password = client.post("/en/accounts/reauthenticate/", {"password": PASSWORD})
    assert password["Location"].startswith("/en/accounts/2fa/reauthenticate/")
    client.post("/en/accounts/2fa/reauthenticate/", {"code": code_of(secret), "next": "/admin/"})
    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db
def test_staff_are_signed_out_after_twelve_hours_however_busy(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    client = signed_in(cast.nurse)
    session = client.session
    session["life"]["began"] -= (12 * HOUR - 14 * MINUTE).total_seconds()
    session.save()
    clock.shift(13 * MINUTE)
    assert client.get("/admin/").status_code == 200
    clock.shift(MINUTE)
    assert client.get("/admin/patients/")["Location"] == "/en/accounts/login/?next=/admin/patients/"
    assert not UserSession.objects.filter(user=cast.nurse).exists()


@pytest.mark.django_db
def test_who_becomes_staff_has_the_limits_of_staff_and_who_ends_to_be_has_not(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    person = UserFactory(email="new@example.org")
    CareRoleFactory(user=person, patient=cast.pieter)
    client = signed_in(person)
    role = StaffRoleFactory(user=person, clinic=cast.clinic)
    clock.shift(HOUR)
    assert client.get("/admin/").status_code == 200
    clock.shift(15 * MINUTE)
    assert not is_in(client)
    client.post("/en/accounts/reauthenticate/", {"password": PASSWORD})
    StaffRole.objects.get(pk=role.pk).delete()
    assert not is_in(client)  # who leaves is signed out, and comes back as who they are now
    client = signed_in(person)
    clock.shift(16 * MINUTE)
    assert is_in(client)


@pytest.mark.django_db
def test_patients_stay_signed_in_for_ninety_days_on_their_own_phone(clock: time_machine.Traveller) -> None:
    thandi = UserFactory(email="thandi@example.org")
    client = signed_in(thandi)
    assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 90 * 24 * 3600
    for _ in range(2):
        clock.shift(44 * DAY)
        assert is_in(client)
    clock.shift(2 * DAY)
    assert client.get("/en/preferences/")["Location"].startswith("/en/accounts/login/")


@pytest.mark.django_db
@pytest.mark.usefixtures("queued")
@pytest.mark.parametrize("by_code", [False, True])
def test_a_shared_phone_keeps_nothing(
    by_code: bool, clock: time_machine.Traveller, mailoutbox: list[Any]
) -> None:
    thandi = UserFactory(email="thandi@example.org")
    CareRoleFactory(user=thandi, patient__first_name="Thandi")
    own = signed_in(thandi)
    assert own.get("/en/today/")["Offline-Copy"] == "keep"
    assert "part-devices" in own.get("/en/preferences/").content.decode()
    assert "device" in own.cookies

    client = Client()
    if by_code:
        client.post("/en/accounts/login/code/", {"login": thandi.email, "shared_phone": "on"})
        again = client.get("/en/accounts/login/code/confirm/").content.decode()
        assert 'name="shared_phone" value="on"' in again
        [code] = re.findall(r"\b\d{6}\b", mailoutbox[-1].body.split("Open in")[0])
        client.post("/en/accounts/login/code/confirm/", {"code": code})
    else:
        client = signed_in(thandi, shared=True)
    today = client.get("/en/today/")
    assert (today.status_code, today.get("Offline-Copy")) == (200, None)
    assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == ""
    assert "device" not in client.cookies
    assert "no-store" in today["Cache-Control"]
    assert "part-devices" not in client.get("/en/preferences/").content.decode()
    refused = client.post("/en/preferences/devices/", {}, content_type="application/json")
    assert refused.status_code == 403
    clock.shift(15 * MINUTE)
    assert client.get("/en/preferences/")["Location"].startswith("/en/accounts/login/")
    assert is_in(own)
    # Whoever signs in there next and says nothing of the kind is on a phone of their own.
    client.post("/en/accounts/login/", {"login": thandi.email, "password": PASSWORD})
    assert client.get("/en/today/")["Offline-Copy"] == "keep"


@pytest.mark.django_db
def test_a_session_from_before_there_were_limits_begins_now(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    client = Client()
    client.force_login(cast.nurse)
    session = client.session
    del session["life"]
    session.save()
    assert client.get("/admin/").status_code == 200
    assert UserSession.objects.filter(user=cast.nurse).count() == 1
    assert Patient.objects.exists()
    clock.shift(15 * MINUTE)
    assert client.get("/admin/")["Location"].startswith("/en/accounts/reauthenticate/")
