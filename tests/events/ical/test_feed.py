"""A person's private calendar address: access, language and conditional requests."""

import io
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils.http import http_date, parse_http_date
from icalendar import Calendar

from events.models import Attendance, CalendarFeed
from events.services.event import event_cancel
from events.services.feed import feed_make, feed_remove, feed_renew
from home.models import User
from notifications.types import Detail
from site_config.logs import JsonLine, TextLine
from tests.events.factories import NOW, AttendanceFactory
from tests.factories import UserFactory
from tests.notifications.factories import NotificationPreferencesFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def thandi() -> User:
    """She has a place at one event."""
    return AttendanceFactory(user=UserFactory(email="thandi@example.org")).user


@pytest.fixture
def address(thandi: User) -> str:
    return address_of(feed_make(user=thandi, now=NOW))


def address_of(feed: CalendarFeed) -> str:
    return f"/calendar/{feed.key}.ics"


def summaries(content: bytes) -> list[str]:
    calendar: Any = Calendar.from_ical(content)
    return [str(event["SUMMARY"]) for event in calendar.events]


class TestWhoMayRead:
    def test_anybody_with_the_address_without_session_or_cookie(self, client: Client, address: str) -> None:
        response = client.get(address)
        assert response.status_code == 200
        assert summaries(response.content) == ["Clinic event"]
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        assert set(response["Cache-Control"].split(", ")) == {"private", "no-cache"}
        assert not response.cookies and "Cookie" not in response.get("Vary", "")

    def test_signed_in_as_somebody_else_one_reads_the_same(self, client: Client, address: str) -> None:
        before = client.get(address).content
        pieter = AttendanceFactory().user
        client.force_login(pieter)
        response = client.get(address)
        assert response.content == before and "Cookie" not in response.get("Vary", "")

    def test_each_person_has_an_address_of_their_own_with_their_own_events(
        self, client: Client, thandi: User, address: str
    ) -> None:
        pieter = UserFactory()
        theirs = address_of(feed_make(user=pieter, now=NOW))
        assert theirs != address
        assert summaries(client.get(theirs).content) == []

    def test_another_key_is_nobodys(self, client: Client, address: str) -> None:
        for path in (address[:-5] + ".ics", "/calendar/x.ics", "/calendar/" + "x" * 43 + ".ics"):
            response = client.get(path)
            assert (response.status_code, response["Content-Type"]) == (404, "text/plain; charset=utf-8")
            assert not response.cookies

    def test_no_other_path_there_leads_to_a_page(self, client: Client, address: str) -> None:
        for path in ("/calendar/", "/calendar/x", address.removesuffix(".ics"), address + "/"):
            assert client.get(path).status_code == 404

    def test_a_new_address_ends_the_old_one_at_once(self, client: Client, thandi: User, address: str) -> None:
        renewed = address_of(feed_renew(user=thandi, now=NOW))
        assert client.get(address).status_code == 404
        assert client.get(renewed).status_code == 200

    def test_switched_off_there_is_none_and_on_again_it_is_another(
        self, client: Client, thandi: User, address: str
    ) -> None:
        for _ in range(2):
            feed_remove(user=thandi)
        assert client.get(address).status_code == 404
        assert address_of(feed_make(user=thandi, now=NOW)) != address
        assert client.get(address).status_code == 404

    def test_asked_for_twice_it_is_the_same(self, thandi: User, address: str) -> None:
        assert address_of(feed_make(user=thandi, now=NOW + HOUR)) == address

    def test_an_inactive_account_has_no_feed(self, client: Client, thandi: User, address: str) -> None:
        User.objects.filter(pk=thandi.pk).update(is_active=False)
        assert client.get(address).status_code == 404
        User.objects.filter(pk=thandi.pk).update(is_active=True)
        assert client.get(address).status_code == 200

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
    def test_it_is_only_read(self, address: str, method: str) -> None:
        response = getattr(Client(enforce_csrf_checks=True), method)(address)
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")

    def test_head_has_the_headers_alone(self, client: Client, address: str) -> None:
        full, head = client.get(address), client.head(address)
        assert (head.status_code, head.content) == (200, b"")
        assert [head[name] for name in ("ETag", "Last-Modified", "Content-Type")] == [
            full[name] for name in ("ETag", "Last-Modified", "Content-Type")
        ]

    @pytest.mark.parametrize("line", [TextLine, JsonLine])
    def test_the_log_does_not_name_the_address(self, client: Client, address: str, line: Any) -> None:
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(line(quote_errors=False))
        logger = logging.getLogger("django.request")
        logger.addHandler(handler)
        try:
            client.post(address)
            client.get(address.replace(".ics", "x.ics"))
        finally:
            logger.removeHandler(handler)
        assert stream.getvalue().count("/calendar/-") == 2
        assert address[10:-4] not in stream.getvalue()


class TestWords:
    @pytest.mark.parametrize("asks_for", ["en", "af"])
    def test_it_is_in_the_persons_language_whatever_the_app_asks_for(
        self, client: Client, thandi: User, address: str, asks_for: str
    ) -> None:
        NotificationPreferencesFactory(user=thandi, language="af", detail=Detail.DETAILED)
        response = client.get(address, headers={"accept-language": asks_for})
        assert summaries(response.content) == ["Uitreikdag"]
        assert response["Content-Language"] == "af"
        assert b"/af/events/" in response.content

    def test_a_change_of_the_message_detail_applies_at_once(
        self, client: Client, thandi: User, address: str
    ) -> None:
        preferences = NotificationPreferencesFactory(user=thandi, detail=Detail.DETAILED)
        assert summaries(client.get(address).content) == ["Outreach day"]
        preferences.detail = Detail.DISCREET
        preferences.save()
        assert summaries(client.get(address).content) == ["Clinic event"]


class TestAgain:
    def test_unchanged_content_is_not_sent_again(
        self, client: Client, address: str, clock: time_machine.Traveller
    ) -> None:
        first = client.get(address)
        assert first["Last-Modified"] == http_date(NOW.timestamp())
        clock.shift(5 * HOUR)
        for asked in (
            {"if-none-match": first["ETag"]},
            {"if-modified-since": first["Last-Modified"]},
            {"if-none-match": first["ETag"], "if-modified-since": first["Last-Modified"]},
        ):
            again = client.get(address, headers=asked)
            assert (again.status_code, again.content) == (304, b"")
            assert again["ETag"] == first["ETag"]
            assert "private" in again["Cache-Control"]

    @pytest.mark.parametrize("change", ["cancel", "leave", "wait", "detail", "language", "sixty days"])
    def test_whatever_changes_it_is_noticed(
        self, client: Client, thandi: User, address: str, clock: time_machine.Traveller, change: str
    ) -> None:
        first = client.get(address)
        clock.shift(HOUR)
        [attendance] = Attendance.objects.filter(user=thandi)
        if change == "cancel":
            event_cancel(event_id=attendance.event_id, now=NOW + HOUR)
        elif change in ("leave", "wait"):
            attendance.state = {"leave": "left", "wait": "waiting"}[change]
            attendance.save()
        elif change == "sixty days":
            clock.shift(timedelta(days=63))
        else:
            NotificationPreferencesFactory(user=thandi, **{change: {"detail": "detailed"}.get(change, "af")})
        for asked in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
            again = client.get(address, headers=asked)
            assert again.status_code == 200
            assert again["ETag"] != first["ETag"]
            assert parse_http_date(again["Last-Modified"]) > parse_http_date(first["Last-Modified"])

    def test_its_queries_do_not_grow_with_the_events(
        self, client: Client, thandi: User, address: str, django_assert_num_queries: Any
    ) -> None:
        client.get(address)
        # The key, three queries about the person, the events.
        with django_assert_num_queries(5):
            client.get(address)
        for _ in range(30):
            AttendanceFactory(user=thandi)
        # And the new digest.
        with django_assert_num_queries(6):
            assert len(summaries(client.get(address).content)) == 31
        with django_assert_num_queries(5):
            client.get(address)
