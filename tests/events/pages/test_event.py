"""One event: when, where, its places, the reader's attendance, and its other dates."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import ClinicEvent
from events.services import create_recurring_event
from events.services.event import event_cancel
from home.models import CareRole
from tests.events.changes import event_move
from tests.events.factories import NOW, AttendanceFactory, weekly
from tests.events.pages.conftest import DAY, HTMX, SESSION, MakeEvent, People, shown
from tests.factories import UserFactory

HOUR = timedelta(hours=1)


def page(reader: Client, event: ClinicEvent, query: str = "", **more: object) -> str:
    return shown(reader, f"/en/events/{event.pk}/{query}", **more)


def test_it_says_what_when_and_where(reader: Client, people: People, event: MakeEvent) -> None:
    people.khayelitsha.address = "12 Church Street\nKhayelitsha"
    people.khayelitsha.phone = "+27215550104"
    people.khayelitsha.save()
    text = page(reader, event("Walk", description_en="Bring:\n- water\n\n<b>Wear</b> shoes.", capacity=12))
    assert "<h1>Walk</h1>" in text
    assert "Bring:<br>- water" in text
    assert "&lt;b&gt;Wear&lt;/b&gt;" in text
    assert "Wednesday 25 November" in text
    assert "08:00 to 10:00" in text
    assert "12 Church Street<br>Khayelitsha" in text
    assert 'href="tel:+27215550104">021 555 0104</a>' in text
    assert "12 places left" in text
    assert '<progress class="bar bar--quiet" max="12" value="0"' in text
    assert "0 of 12 places are taken" in text
    assert "If you join, we will remind you a day and an hour before." in text


def test_without_a_limit_nothing_is_said_of_places(reader: Client, event: MakeEvent) -> None:
    text = page(reader, event())
    assert "progress" not in text
    assert "left" not in text


def test_a_person_with_a_place_reads_what_will_happen_and_may_withdraw(
    reader: Client, event: MakeEvent
) -> None:
    own = event(mine="joined")
    text = page(reader, own)
    assert "You have a place" in text
    assert "We will remind you a day and an hour before." in text
    assert f'action="/en/events/{own.pk}/leave/"' in text
    assert "/join/" not in text


@pytest.mark.parametrize(
    ("reminders", "ahead", "words"),
    [
        ([10080, 2880, 180], 10 * DAY, "a week, 2 days, 3 hours and an hour before"),
        ([1440, 60], 2 * HOUR, "an hour before"),
        ([90], DAY, "90 minutes and an hour before"),
        ([70], DAY, "an hour before"),
        ([], DAY, "an hour before"),
    ],
)
def test_it_promises_the_reminders_that_are_still_to_come(
    reader: Client, event: MakeEvent, reminders: list[int], ahead: timedelta, words: str
) -> None:
    text = page(reader, event(mine="joined", starts_at=NOW + ahead, reminders=reminders))
    assert f"We will remind you {words}." in text


def test_it_promises_none_when_it_is_too_late_for_one(reader: Client, event: MakeEvent) -> None:
    assert "remind you" not in page(reader, event(mine="joined", starts_at=NOW + HOUR / 2))


def test_a_person_on_the_waiting_list_reads_their_turn_and_what_will_happen(
    reader: Client, event: MakeEvent
) -> None:
    full = event(capacity=1)
    AttendanceFactory(event=full)
    AttendanceFactory(event=full, state="waiting", asked_at=NOW - 5 * DAY)
    text = page(reader, full)
    assert "Join the waiting list" in text
    AttendanceFactory(event=full, user__email="z@example.org", state="waiting")
    waits = event(capacity=1, mine="waiting")
    AttendanceFactory(event=waits, state="waiting", asked_at=NOW - 5 * DAY)
    text = page(reader, waits)
    assert "On the waiting list, number 2" in text
    assert "When a place becomes free for you, you get it" in text
    assert "We will remind you" not in text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_place_at_a_full_event_is_not_given_away_without_asking(
    reader: Client, event: MakeEvent, headers: dict[str, str]
) -> None:
    full = event(capacity=1, mine="joined")
    text = page(reader, full, headers=headers)
    assert "/leave/" not in text
    assert f"/en/events/{full.pk}/?leaving=1" in text
    text = page(reader, full, "?leaving=1", headers=headers)
    assert "Somebody else can take your place at once." in text
    assert f'action="/en/events/{full.pk}/leave/"' in text
    AttendanceFactory(event=full, state="waiting")
    text = page(reader, full, "?leaving=1", headers=headers)
    assert "goes to the next person on the waiting list at once" in text
    assert "Keep my place" in text


def test_a_person_on_the_waiting_list_is_asked_too(reader: Client, event: MakeEvent) -> None:
    full = event(capacity=1, mine="waiting")
    AttendanceFactory(event=full)
    assert "/leave/" not in page(reader, full)
    assert "you go to the end of the list" in page(reader, full, "?leaving=1")


def test_a_person_without_a_place_is_not_asked(reader: Client, event: MakeEvent) -> None:
    text = page(reader, event(), "?leaving=1")
    assert "/leave/" not in text
    assert "Do you want" not in text


def test_a_cancelled_event_says_why_and_offers_nothing(reader: Client, event: MakeEvent) -> None:
    gone = event(mine="joined")
    event_cancel(event_id=gone.pk, now=NOW, reason="The nurse is ill.")
    text = page(reader, gone)
    assert "This event was cancelled." in text
    assert "The nurse is ill." in text
    for nothing in ("/join/", "/leave/", "remind you", "calendar.ics", "sse:inbox, every 120s"):
        assert nothing not in text


@pytest.mark.parametrize(
    ("mine", "words"), [("joined", "You had a place"), ("attended", "You were there"), ("", "Over")]
)
def test_a_past_event_says_so(reader: Client, event: MakeEvent, mine: str, words: str) -> None:
    past = event(mine=mine, starts_at=NOW - DAY, state="completed", capacity=3)
    text = page(reader, past)
    assert "This event is over." in text
    assert words in text
    for nothing in ("/join/", "/leave/", "remind you", "calendar.ics", "left"):
        assert nothing not in text


def test_an_event_that_has_begun_can_still_be_joined(reader: Client, event: MakeEvent) -> None:
    text = page(reader, event(starts_at=NOW - HOUR))
    assert "This event has begun." in text
    assert "/join/" in text


def test_one_of_a_series_that_was_moved_says_when_it_would_have_been(reader: Client, people: People) -> None:
    series = create_recurring_event(
        title="Club", clinic=people.khayelitsha, recurring_config=weekly(1), now=NOW
    )
    first, second = series.events.order_by("starts_at")[:2]
    event_move(event_id=first.pk, starts_at=NOW + 3 * DAY, ends_at=NOW + 3 * DAY + HOUR, now=NOW)
    assert "It was first planned for: Tomorrow, 10:00." in page(reader, first)
    assert "It was first planned for" not in page(reader, second)


def test_it_leads_to_the_other_dates_of_its_series(reader: Client, people: People, event: MakeEvent) -> None:
    series = create_recurring_event(
        title="Club", clinic=people.khayelitsha, recurring_config=weekly(1), place="Hall", now=NOW
    )
    first, second, third, _fourth = series.events.order_by("starts_at")[:4]
    AttendanceFactory(event=second, user=people.thandi)
    event("Single")
    text = page(reader, first)
    others = text[text.index("Other dates") :]
    assert others.count("<li") >= 3
    assert f'href="/en/events/{second.pk}/"' in others
    assert re.search(r"Tuesday 1 December, <span[^>]*>10:00 to 12:00</span>", others)
    assert others.count("You have a place") == 1
    assert "Single" not in text
    assert f'id="other-{first.pk}"' not in others
    with time_machine.travel(second.ends_at):
        assert f'id="other-{second.pk}"' not in page(reader, third)
    assert "Other dates" not in page(reader, event())


def test_a_refresh_takes_nobodys_focus_and_keeps_the_question(reader: Client, event: MakeEvent) -> None:
    full = event(capacity=1, mine="joined")
    asked = page(reader, full, "?leaving=1", headers=HTMX)
    assert "autofocus" in asked
    assert f'hx-get="/en/events/{full.pk}/?refresh=1&amp;leaving=1"' in asked
    again = page(reader, full, "?refresh=1&leaving=1", headers=HTMX)
    assert "Do you want to give up your place?" in again
    assert "autofocus" not in again
    assert "<html" not in again


def test_it_is_in_the_readers_language(reader: Client, event: MakeEvent) -> None:
    both = event("Walk", description_en="English only")
    text = shown(reader, f"/af/events/{both.pk}/")
    assert "Walk-af" in text
    assert "English only" in text
    assert "Woensdag 25 November" in text


def test_a_patient_who_moved_to_another_clinic_still_sees_the_events_they_joined(
    reader: Client, people: People, event: MakeEvent
) -> None:
    own, other = event(mine="joined"), event()
    CareRole.objects.filter(user=people.thandi).delete()
    page(reader, own)
    assert reader.get(f"/en/events/{other.pk}/").status_code == 404


@pytest.mark.parametrize("number", [1, 30])
def test_the_queries_do_not_grow(
    reader: Client, people: People, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    series = create_recurring_event(
        title="Club", clinic=people.khayelitsha, recurring_config=weekly(*range(7)), capacity=1, now=NOW
    )
    first, *others = series.events.order_by("starts_at")[: number + 1]
    for each in (first, *others):
        AttendanceFactory(event=each, user=people.thandi, state="waiting")
    for _person in range(number):
        AttendanceFactory(event=first, user=UserFactory(), state="waiting")
    ClinicEvent.objects.exclude(pk__in=[first.pk, *(each.pk for each in others)]).delete()
    # Beside the session: the user, with all that the frame shows of them; event and turn; other dates and turns; those
    # cared for who are on its list; what a calendar may say.
    with django_assert_num_queries(SESSION + 7):
        page(reader, first)
