"""One event as a file, and the page on which a person gets a calendar address."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation
from icalendar import Calendar

from events.models import CalendarFeed, ClinicEvent
from home.models import User
from notifications.types import Detail
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory
from tests.factories import CareRoleFactory, UserFactory
from tests.notifications.factories import NotificationPreferencesFactory

pytestmark = pytest.mark.django_db

PAGE = "/en/events/calendar/"
HTMX = {"hx-request": "true"}


@pytest.fixture(autouse=True)
def _eight_in_the_morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def event() -> ClinicEvent:
    return ClinicEventFactory()


@pytest.fixture
def thandi(event: ClinicEvent) -> User:
    """A patient of the event's clinic."""
    return CareRoleFactory(patient__clinic=event.clinic).user


@pytest.fixture
def reader(client: Client, thandi: User) -> Client:
    client.force_login(thandi)
    return client


def read(content: bytes) -> Any:
    [found] = Calendar.from_ical(content).events  # type: ignore[union-attr]
    return found


class TestFile:
    def test_it_is_a_file_with_that_one_event(self, reader: Client, event: ClinicEvent) -> None:
        response = reader.get(f"/en/events/{event.pk}/calendar.ics")
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        assert response["Content-Disposition"] == 'attachment; filename="medguard-2026-11-25.ics"'
        found = read(response.content)
        assert (found["SUMMARY"], found["STATUS"]) == ("Clinic event", "CONFIRMED")
        assert found.start == event.starts_at
        assert b"REFRESH-INTERVAL" not in response.content

    def test_its_name_has_the_day_on_the_wall_of_the_clinic(self, reader: Client, thandi: User) -> None:
        event = AttendanceFactory(event__clinic__timezone="Pacific/Auckland", user=thandi).event
        event.starts_at, event.ends_at = event.starts_at.replace(hour=20), event.starts_at.replace(hour=22)
        event.save()
        response = reader.get(f"/en/events/{event.pk}/calendar.ics")
        assert "medguard-2026-11-26.ics" in response["Content-Disposition"]

    def test_it_is_in_the_language_of_the_page_and_as_detailed_as_the_person_wants(
        self, reader: Client, thandi: User, event: ClinicEvent
    ) -> None:
        NotificationPreferencesFactory(user=thandi, detail=Detail.DETAILED)
        found = read(reader.get(f"/af/events/{event.pk}/calendar.ics").content)
        assert found["SUMMARY"] == "Uitreikdag"
        assert found["URL"].endswith(f"/af/events/{event.pk}/")

    def test_of_an_event_by_itself_it_is_the_same_as_in_the_persons_calendar(
        self, reader: Client, thandi: User, event: ClinicEvent
    ) -> None:
        AttendanceFactory(event=event, user=thandi, state="waiting")
        reader.post(f"{PAGE}make/")
        key = CalendarFeed.objects.get().key
        own = read(reader.get(f"/calendar/{key}.ics").content)
        assert own == read(reader.get(f"/en/events/{event.pk}/calendar.ics").content)
        assert own["STATUS"] == "TENTATIVE"

    @pytest.mark.parametrize("method", ["get", "post", "delete"])
    def test_an_event_that_one_may_not_see_is_not_found(self, reader: Client, method: str) -> None:
        path = f"/en/events/{ClinicEventFactory().pk}/calendar.ics"
        assert getattr(reader, method)(path).status_code == 404

    def test_it_is_only_read(self, reader: Client, event: ClinicEvent) -> None:
        assert reader.post(f"/en/events/{event.pk}/calendar.ics").status_code == 405

    def test_a_visitor_signs_in_first(self, client: Client, event: ClinicEvent) -> None:
        path = f"/en/events/{event.pk}/calendar.ics"
        response = client.get(path)
        assert response.status_code == 302
        assert response["Location"] == f"/en/accounts/login/?next={path}"


class TestAddress:
    def test_nobody_has_an_address_before_they_want_one(self, reader: Client) -> None:
        response = reader.get(PAGE)
        assert response.status_code == 200
        assert b"You have no address yet" in response.content
        assert not CalendarFeed.objects.exists()

    def test_with_one_it_can_be_copied_and_opened(self, reader: Client, thandi: User, settings: Any) -> None:
        settings.BASE_URL = "https://clinic.example"
        response = reader.post(f"{PAGE}make/", follow=True)
        key = CalendarFeed.objects.get(user=thandi).key
        text = response.content.decode()
        assert f'value="https://clinic.example/calendar/{key}.ics"' in text
        assert f'href="webcal://clinic.example/calendar/{key}.ics"' in text
        assert "Your calendar has an address now." in text
        assert "no-store" in response["Cache-Control"]
        assert reader.get(urlsplit(f"https://clinic.example/calendar/{key}.ics").path).status_code == 200

    def test_it_can_be_renewed_and_switched_off(self, reader: Client) -> None:
        reader.post(f"{PAGE}make/")
        first = CalendarFeed.objects.get().key
        response = reader.post(f"{PAGE}renew/", follow=True)
        second = CalendarFeed.objects.get().key
        assert (
            second != first and second in response.content.decode() and first not in response.content.decode()
        )
        response = reader.post(f"{PAGE}remove/", follow=True)
        assert not CalendarFeed.objects.exists()
        assert "The address is switched off." in response.content.decode()
        assert "You have no address yet" in response.content.decode()

    @pytest.mark.parametrize("action", ["make", "renew", "remove"])
    def test_with_htmx_the_card_alone_comes_back_and_is_announced(self, reader: Client, action: str) -> None:
        response = reader.post(f"{PAGE}{action}/", headers=HTMX)
        text = response.content.decode()
        assert text.strip().startswith('<div id="calendar"') and "<html" not in text
        assert 'id="live" hx-swap-oob="innerHTML">' in text
        assert 'tabindex="-1" autofocus' in text

    @pytest.mark.parametrize("action", ["make", "renew", "remove"])
    def test_nothing_changes_by_reading(self, reader: Client, thandi: User, action: str) -> None:
        reader.post(f"{PAGE}make/")
        key = CalendarFeed.objects.get().key
        assert reader.get(f"{PAGE}{action}/").status_code == 405
        assert CalendarFeed.objects.get().key == key

    @pytest.mark.parametrize("action", ["make", "renew", "remove"])
    def test_a_form_from_elsewhere_changes_nothing(self, thandi: User, action: str) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(thandi)
        assert client.post(f"{PAGE}{action}/").status_code == 403

    def test_nobody_changes_the_address_of_another(self, reader: Client) -> None:
        pieter = Client()
        pieter.force_login(UserFactory())
        pieter.post(f"{PAGE}make/")
        key = CalendarFeed.objects.get().key
        reader.post(f"{PAGE}renew/")
        reader.post(f"{PAGE}remove/")
        assert CalendarFeed.objects.get().key == key
        assert key not in reader.get(PAGE).content.decode()

    def test_signing_in_leads_back_to_the_page(self, client: Client) -> None:
        assert client.get(PAGE)["Location"] == f"/en/accounts/login/?next={PAGE}"
        assert client.post(f"{PAGE}renew/")["Location"] == f"/en/accounts/login/?next={PAGE}"
        assert client.post(f"{PAGE}renew/", headers=HTMX).status_code == 401
        assert not CalendarFeed.objects.exists()

    def test_it_says_what_the_calendar_will_say(self, reader: Client, thandi: User) -> None:
        assert "“Clinic event”, when and where" in reader.get(PAGE).content.decode()
        NotificationPreferencesFactory(user=thandi, detail=Detail.DETAILED)
        assert "The name of each event" in reader.get(PAGE).content.decode()


class TestLinks:
    def test_an_event_can_be_added_and_the_words_fit_what_others_may_see(
        self, thandi: User, event: ClinicEvent
    ) -> None:
        def words() -> str:
            user = User.objects.get(pk=thandi.pk)
            return render_to_string("events/calendar_links.html", {"event": event, "user": user})

        with translation.override("en"):
            assert f'href="/en/events/{event.pk}/calendar.ics"' in words()
            assert "Your calendar will say “Clinic event”" in words()
            preferences = NotificationPreferencesFactory(user=thandi)
            assert "Your calendar will say “Clinic event”" in words()
            preferences.detail = Detail.DETAILED
            preferences.save()
            assert "Your calendar will say what the event is called." in words()

    def test_the_list_leads_to_the_page(self) -> None:
        with translation.override("en"):
            assert f'href="{PAGE}"' in render_to_string("events/feed_link.html")
