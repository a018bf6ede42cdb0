"""Times are shown in the time zone of the reader, and of nobody else."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from home.middleware import PersonTimeZoneMiddleware
from home.models import Clinic
from notifications.models import NotificationPreferences
from notifications.preferences.settings import preferences_update
from notifications.selectors.people import people, timezone_of
from tests.home.conftest import Cast


def zone_in(request, user) -> str:
    request.user = user
    seen = []

    def view(request) -> HttpResponse:
        seen.append(timezone.get_current_timezone_name())
        return HttpResponse()

    PersonTimeZoneMiddleware(view)(request)
    return seen[0]


def test_a_persons_zone_is_active_for_their_request_only(
    cast: Cast, rf: RequestFactory, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    NotificationPreferences.objects.create(user=cast.anna, timezone="Europe/London")
    with django_assert_num_queries(1):
        assert zone_in(rf.get("/en/today/"), cast.anna) == "Europe/London"
    assert timezone.get_current_timezone_name() == "Africa/Johannesburg"
    assert zone_in(rf.get("/en/today/"), cast.nurse) == "Africa/Johannesburg"


@pytest.mark.parametrize("stored", ["Mars/Olympus", "localtime", "Factory", "../etc/passwd", "\x7f"])
def test_an_unknown_zone_is_that_of_their_clinic_else_the_sites(
    cast: Cast, client: Client, stored: str
) -> None:
    Clinic.objects.filter(pk=cast.clinic.pk).update(timezone="Africa/Windhoek")
    for user, zone in (
        (cast.anna, "Africa/Windhoek"),
        (cast.nurse, "Africa/Windhoek"),
        (cast.head_office, "Africa/Johannesburg"),
    ):
        NotificationPreferences.objects.create(user=user, timezone=stored)
        assert timezone_of(user.pk) == people([user.pk])[user.pk].wishes.timezone == zone
    client.force_login(cast.anna)
    for page in ("/en/", "/en/today/", "/en/inbox/", "/en/medicines/", "/en/events/", "/en/preferences/"):
        assert client.get(page).status_code == 200
    form = client.get("/en/preferences/").content.decode()
    assert '<option value="Africa/Windhoek" selected' in form


def test_one_with_an_unknown_zone_can_still_change_something_else(cast: Cast) -> None:
    NotificationPreferences.objects.create(user=cast.anna, timezone="Mars/Olympus")
    now = datetime(2026, 11, 24, 6, tzinfo=UTC)
    assert preferences_update(user_id=cast.anna.pk, changes={"language": "af"}, now=now) == {"language"}
    with pytest.raises(ValidationError):
        preferences_update(user_id=cast.anna.pk, changes={"timezone": "localtime"}, now=now)


def test_preferences_that_cannot_be_read_keep_nobody_from_being_told(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    NotificationPreferences.objects.create(user=cast.anna, timezone="Europe/London", email_time="teatime")
    NotificationPreferences.objects.create(user=cast.nurse, timezone="Europe/London")
    found = people([cast.anna.pk, cast.nurse.pk])
    assert [found[user.pk].wishes.timezone for user in (cast.anna, cast.nurse)] == [
        "Africa/Johannesburg",
        "Europe/London",
    ]
    assert f"preferences of user {cast.anna.pk} can't be read" in caplog.text


def test_paths_without_a_reader_cost_no_query(
    cast: Cast, rf: RequestFactory, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        for path in ("/static/x.css", "/health/live/", "/metrics"):
            zone_in(rf.get(path), cast.anna)


@pytest.mark.django_db
def test_a_zone_left_over_from_another_request_is_not_shown(client: Client) -> None:
    timezone.activate("Europe/London")
    client.get("/en/")
    assert timezone.get_current_timezone_name() == "Africa/Johannesburg"
