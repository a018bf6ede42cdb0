"""The page on which one sees where one is signed in, and ends it."""

import re

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import AuthToken

from home.models import User, UserSession
from notifications.channels.push.devices import devices_of
from notifications.models import NotificationPreferences, PushSubscription
from notifications.web.shared_phone import PUSH_DEVICE
from tests.factories import PASSWORD, StaffRoleFactory, UserFactory
from tests.notifications.api.conftest import program_of
from tests.notifications.channels.push.push_service import Browser

pytestmark = pytest.mark.django_db
URL = "/en/sessions/"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture(autouse=True)
def _nobody_counted() -> None:
    cache.clear()


@pytest.fixture
def thandi() -> User:
    return UserFactory(email="thandi@example.org", first_name="Thandi")


def browser(person: User, user_agent: str) -> Client:
    client = Client(headers={"User-Agent": user_agent})
    client.post("/en/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert client.get(URL).status_code == 200
    return client


def listed(client: Client) -> list[str]:
    page = client.get(URL).content.decode()
    items = re.findall(r'<p class="strong">(.*?)</p>', page, re.DOTALL)
    return [" ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", "", each, flags=re.DOTALL).split()) for each in items]


def test_a_lost_phone_is_signed_out_and_shows_no_notices_any_more(thandi: User) -> None:
    phone, desk = browser(thandi, PHONE), browser(thandi, DESK)
    pieter = UserFactory(email="pieter@example.org")
    others = browser(pieter, PHONE)
    notices, kept = (
        PushSubscription.objects.create(
            user=thandi, endpoint=f"https://push.test/{number}", created_at=timezone.now()
        )
        for number in range(2)
    )
    session = phone.session
    session[PUSH_DEVICE] = notices.pk
    session.save()
    assert listed(desk) == ["Firefox, Windows this device", "Chrome, Android"]
    [shown] = re.findall(r'name="session" value="(\d+)"', desk.get(URL).content.decode())
    theirs = UserSession.objects.get(user=pieter)
    for id_ in (str(theirs.pk), "nonsense", "", "9" * 40):
        desk.post(URL, {"session": id_})
    assert listed(desk) == ["Firefox, Windows this device", "Chrome, Android"]
    assert listed(others) == ["Chrome, Android this device"]

    answer = desk.post(URL, {"session": shown}, follow=True)
    assert "Signed out there." in answer.content.decode()
    assert phone.get("/en/preferences/")["Location"].startswith("/en/accounts/login/")
    assert listed(desk) == ["Firefox, Windows this device"]
    assert list(devices_of(thandi.pk)) == [kept]
    assert desk.post(URL, {"session": shown}).status_code == 302
    assert others.get(URL).status_code == 200


def test_all_others_end_at_once_with_the_tokens(thandi: User) -> None:
    phone, desk, program = browser(thandi, PHONE), browser(thandi, DESK), program_of(thandi)
    page = desk.get(URL).content.decode()
    assert "Other programs" in page
    assert AuthToken.objects.get().digest not in page
    assert program.token[:15] not in page
    desk.post(URL, {"others": "1"})
    assert phone.get(URL)["Location"].startswith("/en/accounts/login/")
    assert program.get("/api/notifications/").status_code == 401
    assert "You are signed in nowhere else." in desk.get(URL).content.decode()


def test_a_single_token_ends_and_nobody_elses(thandi: User) -> None:
    desk, first, second = browser(thandi, DESK), program_of(thandi), program_of(thandi)
    names = re.findall(r'name="token" value="(\w+)"', desk.get(URL).content.decode())
    stranger = browser(UserFactory(email="pieter@example.org"), DESK)
    for name in names:
        stranger.post(URL, {"token": name})
    assert {each.get("/api/notifications/").status_code for each in (first, second)} == {200}
    desk.post(URL, {"token": names[0]})
    assert sorted(each.get("/api/notifications/").status_code for each in (first, second)) == [200, 401]


def test_a_new_password_ends_the_other_sessions_and_leaves_this_one_listed(thandi: User) -> None:
    phone, desk = browser(thandi, PHONE), browser(thandi, DESK)
    new = {"oldpassword": PASSWORD, "password1": "another-quiet-word", "password2": "another-quiet-word"}
    desk.post("/en/accounts/reauthenticate/", {"password": PASSWORD, "next": "/en/accounts/password/change/"})
    desk.post("/en/accounts/password/change/", new)
    assert phone.get(URL).status_code == 302
    assert listed(desk) == ["Firefox, Windows this device"]


def test_a_session_that_goes_takes_its_row_along(thandi: User) -> None:
    desk = browser(thandi, DESK)
    desk.post("/en/accounts/logout/")
    assert not UserSession.objects.exists()
    browser(thandi, DESK)
    Session.objects.all().delete()
    assert not UserSession.objects.exists()


def test_a_device_that_subscribes_is_known_to_its_session(thandi: User) -> None:
    desk = browser(thandi, DESK)
    body = {"endpoint": "https://fcm.googleapis.com/fcm/send/abc", "keys": Browser("", "").keys}
    assert desk.post("/en/preferences/devices/", body, content_type="application/json").status_code == 200
    assert desk.session[PUSH_DEVICE] == PushSubscription.objects.get().pk


def test_it_asks_one_question_for_the_sessions_and_one_for_the_tokens(
    thandi: User,
) -> None:
    desk = browser(thandi, DESK)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            desk.get(URL)
        counts.append(len(captured))
        browser(thandi, PHONE)
        program_of(thandi)
        browser(thandi, PHONE)
    assert counts[0] == counts[1]


def test_strangers_sign_in_first_and_the_page_is_in_both_languages(client: Client, thandi: User) -> None:
    assert client.get(URL)["Location"] == f"/en/accounts/login/?next={URL}"
    assert client.post(URL, {"others": "1"})["Location"].startswith("/en/accounts/login/")
    NotificationPreferences.objects.create(user=thandi, language="af")
    desk = browser(thandi, DESK)
    assert "Waar u aangemeld is" in desk.get("/af/sessions/").content.decode()
    assert "/af/sessions/" in desk.get("/af/preferences/").content.decode()
    assert desk.put(URL).status_code == 405


def test_what_a_deactivated_person_had_open_does_not_come_back_with_the_account(thandi: User) -> None:
    desk = browser(thandi, DESK)
    thandi.is_active = False
    thandi.save()
    assert desk.get(URL).status_code == 302
    thandi.is_active = True
    thandi.save()
    assert desk.get(URL).status_code == 302


def test_wagtails_lists_end_them_too_which_save_nobody(thandi: User, client: Client) -> None:
    client.force_login(UserFactory(is_superuser=True))
    desk, program, other = browser(thandi, DESK), program_of(thandi), program_of(UserFactory())
    chosen = f"?id={thandi.pk}&next=/admin/users/"
    bulk = f"/admin/bulk/home/user/{{}}/{chosen}"
    role = Group.objects.create(name="Writers of pages")
    assert client.post(bulk.format("assign_role"), {"role": role.pk}).status_code == 302
    assert program.get("/api/notifications/").status_code == 401
    program = program_of(thandi)
    client.post(bulk.format("set_active_state"), {"mark_as_active": "False"})
    client.post(bulk.format("set_active_state"), {"mark_as_active": "True"})
    thandi.refresh_from_db()
    assert thandi.is_active
    assert program.get("/api/notifications/").status_code == 401
    assert desk.get(URL).status_code == 302
    assert other.get("/api/notifications/").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        "password",
        "inactive",
        "superuser",
        "role given",
        "role ended",
        "role changed",
        "role moved",
        "other clinic",
    ],
)
def test_tokens_end_with_the_rights_that_they_were_given_for(thandi: User, change: str) -> None:
    other = UserFactory(email="pieter@example.org")
    role = None if change == "role given" else StaffRoleFactory(user=thandi)
    mine, theirs = program_of(thandi), program_of(other)
    if role is not None:
        role.save()  # changes nothing
    thandi.first_name = "T."
    thandi.save()
    assert mine.get("/api/notifications/").status_code == 200
    if change == "password":
        thandi.set_password("another-quiet-word")
    elif change in ("inactive", "superuser"):
        thandi.is_active, thandi.is_superuser = change != "inactive", change == "superuser"
    elif role is None:
        StaffRoleFactory(user=thandi)
    elif change == "role ended":
        role.delete()
    else:
        role.role = "manager" if change == "role changed" else role.role
        role.user = other if change == "role moved" else role.user
        role.clinic = StaffRoleFactory().clinic if change == "other clinic" else role.clinic
        role.save()
    thandi.save()
    User.objects.filter(pk=thandi.pk).update(is_active=True)
    assert mine.get("/api/notifications/").status_code == 401
    assert theirs.get("/api/notifications/").status_code == (401 if change == "role moved" else 200)
