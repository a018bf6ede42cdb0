"""Whose session it is, and what is known of them before the page begins."""

from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from home.backends import FOUND_BY, AccountBackend
from home.models import User
from notifications.inbox.context_processors import inbox
from notifications.selectors.inbox import BADGE_LIMIT, unread_count
from notifications.selectors.people import timezone_of
from notifications.selectors.reader import unread_of, zone_of
from tests.factories import UserFactory
from tests.notifications.factories import NotificationFactory, NotificationPreferencesFactory


@pytest.fixture
def thandi(db: None) -> User:
    return UserFactory.create()


def found(user: User) -> Any:
    return AccountBackend().get_user(user.pk)


def test_what_every_page_asks_about_its_reader_comes_with_them(
    thandi: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    NotificationPreferencesFactory.create(user=thandi, timezone="Africa/Windhoek")
    NotificationFactory.create_batch(3, recipient=thandi)
    NotificationFactory.create(recipient=thandi, read_at=timezone.now())
    NotificationFactory.create()
    with django_assert_num_queries(1):
        user = found(thandi)
        assert zone_of(user) == "Africa/Windhoek"
        assert unread_of(user, may_be_as_old_as_the_request=True) == 3


def test_it_is_what_their_own_questions_say(thandi: User) -> None:
    NotificationFactory.create_batch(BADGE_LIMIT + 5, recipient=thandi)
    user = found(thandi)
    assert zone_of(user) == timezone_of(thandi.pk) == "Africa/Johannesburg"
    assert unread_of(user, may_be_as_old_as_the_request=True) == unread_count(thandi.pk) == BADGE_LIMIT


def test_a_request_that_may_change_something_counts_anew(thandi: User, rf: RequestFactory) -> None:
    message = NotificationFactory.create(recipient=thandi)
    request = rf.post("/")
    request.user = found(thandi)
    message.read_at = timezone.now()
    message.save()
    shown: Any = inbox(request)["unread_count"]
    assert shown() == 0


def test_who_may_not_sign_in_is_not_found(thandi: User) -> None:
    thandi.is_active = False
    thandi.save()
    assert found(thandi) is None
    assert AccountBackend().get_user(0) is None


def test_sessions_from_before_this_backend_go_on(client: Client, thandi: User) -> None:
    client.force_login(thandi)
    session = client.session
    assert session[BACKEND_SESSION_KEY] == FOUND_BY
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session.save()
    for _ in range(2):
        assert client.get("/en/inbox/").status_code == 200
        assert client.session[BACKEND_SESSION_KEY] == FOUND_BY
