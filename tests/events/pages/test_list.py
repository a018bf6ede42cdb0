"""The list: first the reader's own events, then those of their clinics by day."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import Attendance, ClinicEvent
from events.services.event import event_cancel
from events.views.listing_query import MOST, PAGE
from notifications.models import NotificationPreferences
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory
from tests.events.pages.conftest import DAY, HTMX, SESSION, MakeEvent, People, shown
from tests.factories import UserFactory

PATH = "/en/events/"
HOUR = timedelta(hours=1)


def mine(text: str) -> str:
    """The part "Your events"."""
    return text[text.index('id="mine"') :].partition("</div>")[0]


def cards(text: str) -> list[int]:
    return [int(id_) for id_ in re.findall(r'id="event-(\d+)"', text)]


def test_it_is_the_fifth_place_of_the_navigation(reader: Client) -> None:
    text = shown(reader, PATH)
    places = re.findall(r'<a href="(/en/[a-z]+/)"', text[text.index('class="navigation"') :])
    assert places[:5] == ["/en/today/", "/en/inbox/", "/en/medicines/", PATH, "/en/preferences/"]
    assert f'<a href="{PATH}" aria-current="page">' in text
    assert "Byeenkomste" in shown(reader, "/af/events/")


def test_events_stand_by_day_with_time_place_and_places(reader: Client, event: MakeEvent) -> None:
    tomorrow = event("Walk", starts_at=NOW + DAY, capacity=3)
    AttendanceFactory(event=tomorrow)
    event("Club", starts_at=NOW + 8 * DAY)
    text = shown(reader, PATH)
    assert re.findall(r"<h2>(.*?)</h2>", text) == ["Tomorrow", "Tuesday 1 December"]
    assert '<time datetime="2026-11-24T08:00:00+02:00">08:00 to 10:00</time>' in text
    assert "Hall, Khayelitsha" in text
    assert "2 places left" in text
    assert text.count("left</p>") == 1, "nothing is said where there is no limit"


def test_a_full_event_says_how_many_wait_and_offers_the_waiting_list(
    reader: Client, event: MakeEvent
) -> None:
    full = event(capacity=1)
    AttendanceFactory(event=full)
    assert "Full</p>" in shown(reader, PATH)
    AttendanceFactory(event=full, state="waiting")
    AttendanceFactory(event=full, state="waiting")
    text = shown(reader, PATH)
    assert "Full – 2 waiting" in text
    assert "Join the waiting list" in text


@pytest.mark.parametrize(
    ("state", "words"), [("joined", "You have a place"), ("waiting", "On the waiting list, number 2")]
)
def test_the_readers_own_events_are_first_with_their_state(
    reader: Client, people: People, event: MakeEvent, state: str, words: str
) -> None:
    event("Later", starts_at=NOW + 3 * DAY)
    own = event("Own", starts_at=NOW + 5 * DAY, capacity=1)
    AttendanceFactory(event=own, state="left", asked_at=NOW - 4 * DAY)
    AttendanceFactory(event=own, state="waiting", asked_at=NOW - 3 * DAY)
    AttendanceFactory(event=own, user=people.thandi, state=state, asked_at=NOW - 2 * DAY)
    AttendanceFactory(event=own, state="waiting", asked_at=NOW)
    text = mine(shown(reader, PATH))
    assert words in text
    assert f'href="/en/events/{own.pk}/"' in text
    assert re.search(r"Saturday 28 November, <span[^>]*>08:00 to 10:00</span>", text)
    assert "Later" not in text


def test_without_own_events_there_is_no_heading_for_them(reader: Client, event: MakeEvent) -> None:
    event(mine="left")
    assert "mine-heading" not in shown(reader, PATH)


def test_two_who_asked_at_the_same_instant_wait_in_the_order_of_their_rows(
    reader: Client, people: People, event: MakeEvent
) -> None:
    own = event(capacity=1)
    AttendanceFactory(event=own, state="waiting")
    AttendanceFactory(event=own, user=people.thandi, state="waiting")
    AttendanceFactory(event=own, state="waiting")
    assert "On the waiting list, number 2" in mine(shown(reader, PATH))


def test_a_cancelled_event_says_so_whether_one_joined_or_not(reader: Client, event: MakeEvent) -> None:
    joined, other = event("Joined", mine="joined"), event("Other")
    for each in (joined, other):
        event_cancel(event_id=each.pk, now=NOW, reason="The nurse is ill.")
    text = shown(reader, PATH)
    assert "Cancelled" in mine(text)
    assert "The nurse is ill." in mine(text)
    assert "Other" not in mine(text)
    assert cards(text) == [joined.pk, other.pk]
    assert text.count("Cancelled") == 3
    assert "/join/" not in text


def test_many_of_ones_own_are_folded_until_asked_for(reader: Client, event: MakeEvent) -> None:
    for number in range(7):
        event(f"Club {number}", mine="joined", starts_at=NOW + number * DAY + HOUR)
    text = shown(reader, PATH)
    assert mine(text).count("<li") == 4
    assert "Show all 7" in text
    assert mine(shown(reader, f"{PATH}?mine=all")).count("<li") == 7


def test_events_that_have_begun_are_first_and_past_ones_are_gone(reader: Client, event: MakeEvent) -> None:
    event("Ahead", starts_at=NOW + HOUR)
    event("Begun", starts_at=NOW - HOUR)
    event("Gone", starts_at=NOW - 3 * HOUR)
    text = shown(reader, PATH)
    assert re.findall(r"<h2>(.*?)</h2>", text) == ["On now", "Today"]
    assert "Gone" not in text


def test_more_are_shown_when_asked_for_but_never_without_end(reader: Client, people: People) -> None:
    made = [
        ClinicEventFactory(clinic=people.khayelitsha, starts_at=NOW + (number + 1) * HOUR)
        for number in range(PAGE + 3)
    ]
    text = shown(reader, PATH)
    assert cards(text) == [each.pk for each in made[:PAGE]]
    first_unseen = made[PAGE].pk
    assert f'href="/en/events/?shown={2 * PAGE}#event-{first_unseen}"' in text
    text = shown(reader, f"{PATH}?shown={2 * PAGE}&at={first_unseen}", headers=HTMX)
    assert cards(text) == [each.pk for each in made]
    assert f'id="open-{first_unseen}" autofocus' in text
    assert "Show more" not in text
    assert f'hx-get="/en/events/?shown={2 * PAGE}"' in text, "a refresh shows as many"
    ClinicEvent.objects.bulk_create(
        ClinicEventFactory.build_batch(
            MOST, clinic=people.khayelitsha, starts_at=NOW + 90 * DAY, ends_at=NOW + 91 * DAY
        )
    )
    text = shown(reader, f"{PATH}?shown=100000")
    assert len(cards(text)) == MOST
    assert "Open the calendar" in text


def test_a_reader_with_two_clinics_can_choose_one(reader: Client, people: People, event: MakeEvent) -> None:
    here, there = event("Here"), event("There", clinic=people.delft)
    text = shown(reader, PATH)
    assert cards(text) == [here.pk, there.pk]
    assert f'href="/en/events/?clinic={people.delft.pk}"' in text
    text = shown(reader, f"{PATH}?clinic={people.delft.pk}", headers=HTMX)
    assert cards(text) == [there.pk]
    assert "<html" not in text


def test_a_reader_with_one_clinic_has_nothing_to_choose(client: Client, people: People) -> None:
    client.force_login(people.pieter)
    assert 'class="chips"' not in shown(client, PATH)


@pytest.mark.parametrize("query", ["clinic=x", "clinic=-1", "shown=x", "clinic=999999", "clinic=%00"])
def test_an_address_that_is_not_offered_is_not_found(reader: Client, query: str) -> None:
    assert reader.get(f"{PATH}?{query}").status_code == 404


def test_another_clinics_address_is_not_there(reader: Client, people: People) -> None:
    assert reader.get(f"{PATH}?clinic={people.paarl.pk}").status_code == 404


def test_an_empty_list_says_why(client: Client, people: People) -> None:
    client.force_login(people.pieter)
    assert "Nothing planned at the moment" in shown(client, PATH)
    client.force_login(UserFactory(email="nobody@example.org"))
    assert "You are not linked to a clinic yet" in shown(client, PATH)


def test_days_and_times_are_those_of_the_clinic_and_it_says_whose(
    reader: Client, people: People, event: MakeEvent
) -> None:
    event(starts_at=NOW + DAY + 17 * HOUR)  # 01:00 on Wednesday in Johannesburg, 23:00 on Tuesday in London
    assert "Times are those" not in shown(reader, PATH)
    NotificationPreferences.objects.update_or_create(
        user=people.thandi, defaults={"timezone": "Europe/London"}
    )
    text = shown(reader, PATH)
    assert "Wednesday 25 November" in text
    assert "01:00 to 03:00" in text
    assert "Times are clinic time: Africa/Johannesburg." in text


def test_another_zone_whose_clock_shows_the_same_is_not_named(
    reader: Client, people: People, event: MakeEvent
) -> None:
    event()
    NotificationPreferences.objects.update_or_create(
        user=people.thandi, defaults={"timezone": "Africa/Maputo"}
    )
    assert "Times are those" not in shown(reader, PATH)


@pytest.mark.parametrize(
    ("begins", "lasts", "words"),
    [
        (14, 4, "22:00 to 02:00 the next day"),
        (0, 24, "08:00 to 08:00 the next day"),
        (0, 25, "08:00 to Tuesday 24 November, 09:00"),
        (14, 24 * 3, "22:00 to Thursday 26 November, 22:00"),
    ],
)
def test_an_end_on_another_day_is_named(
    reader: Client, event: MakeEvent, begins: int, lasts: int, words: str
) -> None:
    event(starts_at=NOW + begins * HOUR, ends_at=NOW + (begins + lasts) * HOUR)
    assert words in shown(reader, PATH)


def test_titles_are_in_the_readers_language(reader: Client, event: MakeEvent) -> None:
    event("Walk")
    assert "Walk-af" in shown(reader, "/af/events/")
    assert "Walk-af" not in shown(reader, PATH)


def test_a_refresh_keeps_what_can_be_undone(reader: Client, event: MakeEvent) -> None:
    own, other = event(mine="joined"), event("Left", mine="left")
    text = shown(reader, f"{PATH}?fresh={own.pk}&fresh={other.pk}&fresh=x", headers=HTMX)
    assert f'id="undo-{own.pk}"' in text
    assert f'id="undo-{other.pk}"' not in text
    assert "autofocus" not in text, "a refresh takes nobody's focus"


@pytest.mark.parametrize("number", [1, 30])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_the_queries_do_not_grow(
    reader: Client,
    people: People,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
    headers: dict[str, str],
) -> None:
    for each in range(number):
        made = ClinicEventFactory(clinic=people.khayelitsha, starts_at=NOW + (each + 1) * HOUR)
        Attendance.objects.create(event=made, user=people.thandi, state="waiting", asked_at=NOW)
    # Beside the session: the user, with all that the frame shows of them; clinics, events, own ones and turns.
    with django_assert_num_queries(SESSION + 5):
        shown(reader, f"{PATH}?mine=all", headers=headers)


def test_the_day_is_todays_until_midnight_at_the_clinic(reader: Client, event: MakeEvent) -> None:
    event(starts_at=NOW + 15 * HOUR)  # 23:00
    with time_machine.travel(NOW + 13 * HOUR):
        assert "<h2>Today</h2>" in shown(reader, PATH)
    event("Next", starts_at=NOW + 17 * HOUR)  # 01:00
    with time_machine.travel(NOW + 13 * HOUR):
        assert "<h2>Tomorrow</h2>" in shown(reader, PATH)
