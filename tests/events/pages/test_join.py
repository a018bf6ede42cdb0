"""Joining and leaving, from the list and from the event's page, with and without HTMX."""

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client

from events.models import Attendance, ClinicEvent
from events.services.event import event_cancel
from home.models import CareRole
from notifications.models import EventRecord
from tests.events.factories import NOW, AttendanceFactory
from tests.events.pages.conftest import DAY, HTMX, MakeEvent, People

FROM_PAGE = {**HTMX, "HX-Target": "event"}


def from_card(event: ClinicEvent) -> dict[str, str]:
    return {**HTMX, "HX-Target": f"event-{event.pk}"}


def url(event: ClinicEvent, verb: str, language: str = "en") -> str:
    return f"/{language}/events/{event.pk}/{verb}/"


def state(event: ClinicEvent, people: People) -> str:
    return Attendance.objects.get(event=event, user=people.thandi).state


def test_joining_from_the_page_comes_back_with_a_word(
    reader: Client, people: People, event: MakeEvent
) -> None:
    free = event("Walk")
    response = reader.post(url(free, "join"), follow=True)
    assert response.redirect_chain == [(f"/en/events/{free.pk}/", 302)]
    assert "You have a place: Walk, Wednesday 25 November, 08:00 to 10:00." in response.content.decode()
    assert state(free, people) == "joined"


def test_joining_from_the_list_comes_back_to_where_it_was(reader: Client, event: MakeEvent) -> None:
    free = event()
    response = reader.post(url(free, "join"), {"next": "/en/events/?shown=40"})
    assert response["Location"] == f"/en/events/?shown=40#event-{free.pk}"


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_never_leads_to_another_site(reader: Client, event: MakeEvent, there: str) -> None:
    free = event()
    assert reader.post(url(free, "join"), {"next": there})["Location"] == f"/en/events/{free.pk}/"


def test_a_card_is_answered_where_it_stands_beside_what_is_ones_own(
    reader: Client, people: People, event: MakeEvent
) -> None:
    free = event("Walk")
    text = reader.post(
        url(free, "join"), {"next": "/en/events/?shown=40"}, headers=from_card(free)
    ).content.decode()
    assert "<html" not in text
    assert text.count(f'id="event-{free.pk}"') == 1
    assert f'id="undo-{free.pk}" autofocus' in text
    assert f'name="fresh" value="{free.pk}"' in text, "a refresh is told of it"
    assert 'value="/en/events/?shown=40"' in text, "the next answer leads there too"
    assert '<div id="mine" hx-swap-oob="true">' in text
    assert f'id="mine-{free.pk}"' in text
    assert '<div id="live" hx-swap-oob="innerHTML">You have a place: Walk' in text
    text = reader.post(url(free, "leave"), headers=from_card(free)).content.decode()
    assert f'id="join-{free.pk}" autofocus' in text
    assert f'id="mine-{free.pk}"' not in text
    assert "You are no longer on the list: Walk." in text
    assert state(free, people) == "left"


def test_the_page_is_answered_as_a_whole(reader: Client, event: MakeEvent) -> None:
    free = event("Walk", capacity=5)
    text = reader.post(url(free, "join"), headers=FROM_PAGE).content.decode()
    assert "<html" not in text
    assert '<div id="event"' in text
    assert '<p id="own" tabindex="-1" autofocus>' in text
    assert "4 places left" in text
    assert "We will remind you a day and an hour before." in text
    text = reader.post(url(free, "leave"), headers=FROM_PAGE).content.decode()
    assert 'id="join" autofocus' in text
    assert "5 places left" in text


@pytest.mark.parametrize("headers", [{}, HTMX, FROM_PAGE], ids=["page", "card", "event"])
def test_who_lands_on_the_waiting_list_is_told_so_with_their_turn(
    reader: Client, people: People, event: MakeEvent, headers: dict[str, str]
) -> None:
    full = event("Walk", capacity=1)
    AttendanceFactory(event=full)
    AttendanceFactory(event=full, state="waiting")
    text = reader.post(url(full, "join"), headers=headers, follow=True).content.decode()
    assert "Walk is full. You are number 2 on the waiting list." in text
    assert "On the waiting list, number 2" in text
    assert state(full, people) == "waiting"


@pytest.mark.parametrize("headers", [{}, HTMX, FROM_PAGE], ids=["page", "card", "event"])
def test_a_second_click_is_harmless(
    reader: Client, people: People, event: MakeEvent, headers: dict[str, str]
) -> None:
    free = event()
    for _click in range(2):
        text = reader.post(url(free, "join"), headers=headers, follow=True).content.decode()
        assert "You have a place" in text
    assert EventRecord.objects.filter(event_type="event.joined").count() == 1
    for _click in range(2):
        text = reader.post(url(free, "leave"), headers=headers, follow=True).content.decode()
        assert "You are no longer on the list" in text
    assert state(free, people) == "left"


def test_whoever_never_joined_may_leave_in_vain(reader: Client, event: MakeEvent) -> None:
    assert (
        "You are no longer on the list" in reader.post(url(event(), "leave"), headers=HTMX).content.decode()
    )
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("verb", ["join", "leave"])
@pytest.mark.parametrize("headers", [{}, HTMX, FROM_PAGE], ids=["page", "card", "event"])
def test_what_is_cancelled_or_over_is_refused_on_the_page_in_the_readers_language(
    reader: Client, people: People, event: MakeEvent, verb: str, headers: dict[str, str]
) -> None:
    cancelled, past = event("Gone"), event("Past")
    before = "left" if verb == "join" else "joined"
    for each in (cancelled, past):
        AttendanceFactory(event=each, user=people.thandi, state=before)
    event_cancel(event_id=cancelled.pk, now=NOW)
    text = reader.post(url(cancelled, verb, "af"), headers=headers, follow=True).content.decode()
    assert "Hierdie geleentheid is gekanselleer." in text
    with time_machine.travel(past.ends_at):
        text = reader.post(url(past, verb), headers=headers, follow=True).content.decode()
    assert "This event is over." in text
    assert "You have a place" not in text
    assert "You are no longer on the list" not in text
    assert {state(each, people) for each in (cancelled, past)} == {before}


def test_a_refusal_is_announced_once(reader: Client, event: MakeEvent) -> None:
    gone = event(mine="joined")
    event_cancel(event_id=gone.pk, now=NOW)
    text = reader.post(url(gone, "leave"), headers=from_card(gone)).content.decode()
    assert text.count("This event was cancelled.") == 1
    assert 'role="alert"' in text
    assert "undo-" not in text
    assert '<div id="live" hx-swap-oob="innerHTML"></div>' in text


def test_who_leaves_an_event_of_a_clinic_that_is_theirs_no_more_is_led_to_the_list(
    reader: Client, people: People, event: MakeEvent
) -> None:
    plain, quick = event("Walk", mine="joined"), event("Club", mine="joined")
    CareRole.objects.filter(user=people.thandi).delete()
    response = reader.post(url(quick, "leave"), headers=FROM_PAGE)
    assert response["HX-Redirect"] == "/en/events/"
    response = reader.post(url(plain, "leave"))
    assert response["Location"] == "/en/events/"
    assert "You are no longer on the list: Walk." in reader.get("/en/events/").content.decode()


def test_a_refusal_is_an_error_among_the_messages(reader: Client, event: MakeEvent) -> None:
    gone = event(starts_at=NOW - DAY)
    response = reader.post(url(gone, "join"))
    assert [message.level_tag for message in get_messages(response.wsgi_request)] == ["error"]
