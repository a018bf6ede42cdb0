"""Times are shown in the time zone of the reader, and of nobody else."""

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from home.middleware import PersonTimeZoneMiddleware
from notifications.models import NotificationPreferences
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
