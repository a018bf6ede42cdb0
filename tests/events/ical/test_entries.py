"""A person's calendar has their own events, in their language, with no more details than they let others see."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
import recurring_ical_events
from django.utils import translation
from icalendar import Calendar

from events.ical.calendar import calendar
from events.ical.entries import entry, listed
from events.ical.entry import Entry, Status
from events.models import Attendance, ClinicEvent, EventSeries
from events.services.changes.change import change_apply
from events.services.changes.plan import Change, Scope
from events.services.event import event_cancel
from events.services.generation import generate
from home.models import User
from notifications.types import Detail
from tests.events.changes import event_move
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory, EventSeriesFactory
from tests.factories import ClinicFactory, UserFactory

pytestmark = pytest.mark.django_db

State = Attendance.State
DAY = timedelta(days=1)


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def series(user: User) -> EventSeries:
    """Tuesdays from ten to twelve: 24 November, 1, 8 and 15 December; the user has a place at each."""
    series = EventSeriesFactory(description_en="We measure.", description_af="Ons meet.")
    generate(now=NOW)
    for event in series.events.all():
        AttendanceFactory(event=event, user=user)
        AttendanceFactory(event=event, state=State.WAITING)  # somebody else
    return series


def events(series: EventSeries) -> list[ClinicEvent]:
    return list(series.events.order_by("starts_at"))


def entries(
    user: User, *, detail: Detail = Detail.DETAILED, language: str = "en", now: datetime = NOW
) -> list[Entry]:
    with translation.override(language):
        return [
            entry(row.event, row.state, detail=detail, language=language) for row in listed(user, now=now)
        ]


def by_day(found: list[Entry]) -> dict[str, tuple[str, str, str, int]]:
    """The identity, the status and the sequence by day and hour, as another implementation reads them.

    Where there is no master, recurring_ical_events says the highest sequence of all; so that is read by icalendar.
    """
    made: Any = Calendar.from_ical(calendar(found, language="en"))
    sequences = {(each["UID"], each["RECURRENCE-ID"].dt): each["SEQUENCE"] for each in made.events}
    return {
        f"{each.start:%m-%d %H:%M}": (
            str(each["UID"]),
            f"{each['RECURRENCE-ID'].dt:%m-%d %H:%M}",
            str(each["STATUS"]),
            sequences[each["UID"], each["RECURRENCE-ID"].dt],
        )
        for each in recurring_ical_events.of(made).all()
    }


def test_the_occurrences_of_a_series_have_one_name_and_each_its_start(
    user: User, series: EventSeries
) -> None:
    uid = f"series-{series.pk}@localhost"
    assert by_day(entries(user)) == {
        f"{day} 10:00": (uid, f"{day} 10:00", "CONFIRMED", 0) for day in ("11-24", "12-01", "12-08", "12-15")
    }


def test_a_moved_and_a_cancelled_one_keep_their_identity(user: User, series: EventSeries) -> None:
    _, moved, cancelled, _ = events(series)
    starts_at = moved.starts_at + DAY
    event_move(event_id=moved.pk, starts_at=starts_at, ends_at=starts_at + 3 * DAY / 24, now=NOW)
    event_cancel(event_id=cancelled.pk, now=NOW, reason="The nurse is ill.")
    uid = f"series-{series.pk}@localhost"
    found = entries(user)
    assert by_day(found) == {
        "11-24 10:00": (uid, "11-24 10:00", "CONFIRMED", 0),
        "12-02 10:00": (uid, "12-01 10:00", "CONFIRMED", 1),
        "12-08 10:00": (uid, "12-08 10:00", "CANCELLED", 1),
        "12-15 10:00": (uid, "12-15 10:00", "CONFIRMED", 0),
    }
    assert found[2].summary == "Cancelled: Diabetes club"
    assert found[2].description == "Reason: The nurse is ill.\n\nWe measure."


def test_a_split_occurrence_has_the_uid_of_its_new_series(user: User, series: EventSeries) -> None:
    chosen = events(series)[2]
    change = Change(starts_at=chosen.starts_at + DAY, ends_at=chosen.ends_at + DAY)
    change_apply(event_id=chosen.pk, scope=Scope.FOLLOWING, change=change, now=NOW)
    [other] = EventSeries.objects.filter(follows=series)
    old, new = (f"series-{each.pk}@localhost" for each in (series, other))
    assert by_day(entries(user)) == {
        "11-24 10:00": (old, "11-24 10:00", "CONFIRMED", 0),
        "12-01 10:00": (old, "12-01 10:00", "CONFIRMED", 0),
        "12-09 10:00": (new, "12-08 10:00", "CONFIRMED", 1),
        "12-16 10:00": (new, "12-15 10:00", "CONFIRMED", 1),
    }


@pytest.mark.parametrize("days", [1, 7, -1])
def test_all_dates_that_are_moved_keep_the_start_that_calendars_know(
    user: User, series: EventSeries, days: int
) -> None:
    chosen = events(series)[1]
    change = Change(starts_at=chosen.starts_at + days * DAY, ends_at=chosen.ends_at + days * DAY)
    before = {each.start: each.uid for each in identities(user)}
    change_apply(event_id=chosen.pk, scope=Scope.ALL, change=change, now=NOW)
    after = identities(user)
    assert {each.start for each in after} <= before.keys()
    assert {each.uid for each in after} == {f"series-{series.pk}@localhost"}


def test_a_date_that_takes_the_start_of_another_has_a_name_of_its_own(
    user: User, series: EventSeries
) -> None:
    """All dates come a week earlier, so a new one begins when the last one of before did."""
    chosen = events(series)[2]
    change = Change(starts_at=chosen.starts_at - 7 * DAY, ends_at=chosen.ends_at - 7 * DAY)
    change_apply(event_id=chosen.pk, scope=Scope.ALL, change=change, now=NOW)
    for event in events(series):
        Attendance.objects.get_or_create(
            event=event, user=user, defaults={"asked_at": NOW, "state": State.JOINED}
        )
    found = identities(user)
    assert len(set(found)) == len(found) == 5
    assert [each.start for each in found].count(None) == 1


class Identity(NamedTuple):
    uid: str
    start: datetime | None


def identities(user: User) -> list[Identity]:
    return [Identity(each.uid, each.original_start) for each in entries(user)]


def test_the_files_of_two_dates_are_two_events_for_programs_that_go_by_uid(
    user: User, series: EventSeries
) -> None:
    with translation.override("en"):
        files = [
            calendar([entry(each, None, detail=Detail.DETAILED, language="en", alone=True)], language="en")
            for each in events(series)
        ]
    made: list[Any] = [Calendar.from_ical(each).events[0] for each in files]
    assert len({str(each["UID"]) for each in made}) == len(made) == 4
    assert not any("RECURRENCE-ID" in each for each in made)


def test_no_two_entries_of_a_calendar_have_the_same_identity(user: User, series: EventSeries) -> None:
    for _ in range(2):
        AttendanceFactory(user=user)
    found = entries(user)
    assert len({(each.uid, each.original_start) for each in found}) == len(found) == 6


def test_discreet_it_names_neither_the_event_nor_what_it_is_about(user: User, series: EventSeries) -> None:
    for cancelled in events(series)[1:2]:
        event_cancel(event_id=cancelled.pk, now=NOW, reason="The diabetes nurse is ill.")
    found = entries(user, detail=Detail.DISCREET)
    assert [each.summary for each in found[:3]] == [
        "Clinic event",
        "Cancelled: Clinic event",
        "Clinic event",
    ]
    text = calendar(found, language="en").decode().replace("\r\n ", "").lower()
    assert "diabetes" not in text and "description" not in text


def test_detailed_it_names_the_event_in_the_readers_language(user: User, series: EventSeries) -> None:
    first, *_ = entries(user, language="af")
    assert (first.summary, first.description) == ("Diabetesklub", "Ons meet.")
    assert first.url == f"http://localhost:8000/af/events/{events(series)[0].pk}/"
    first, *_ = entries(user)
    assert (first.summary, first.description) == ("Diabetes club", "We measure.")


def test_a_text_that_is_missing_in_one_language_is_the_other_one(user: User) -> None:
    event = ClinicEventFactory(title_af="", description_en="Come in.", description_af="")
    AttendanceFactory(event=event, user=user)
    [found] = entries(user, language="af")
    assert (found.summary, found.description) == ("Outreach day", "Come in.")


def test_it_says_where_place_clinic_and_address(user: User) -> None:
    clinic = ClinicFactory(name="Wynberg Clinic", address="12 Church Street\r\nWynberg\n\n7800")
    AttendanceFactory(event__clinic=clinic, user=user)
    AttendanceFactory(event__place="", event__clinic__name="Delft", user=user)
    assert {each.location for each in entries(user)} == {
        "Hall, Wynberg Clinic, 12 Church Street, Wynberg, 7800",
        "Delft",
    }


@pytest.mark.parametrize(
    ("state", "status", "summary"),
    [
        (State.JOINED, Status.CONFIRMED, "Outreach day"),
        (State.WAITING, Status.TENTATIVE, "Waiting list: Outreach day"),
        (State.ATTENDED, Status.CONFIRMED, "Outreach day"),
        (State.NO_SHOW, Status.CONFIRMED, "Outreach day"),
        (None, Status.CONFIRMED, "Outreach day"),
    ],
)
def test_the_status_follows_the_attendance(state: str | None, status: Status, summary: str) -> None:
    found = entry(ClinicEventFactory(), state, detail=Detail.DETAILED, language="en")
    assert (found.status, found.summary) == (status, summary)
    assert found.original_start is None and found.uid.startswith("event-")


@pytest.mark.parametrize(
    ("state", "days_ago", "is_there"),
    [
        (State.JOINED, -700, True),
        (State.WAITING, -1, True),
        (State.LEFT, -1, False),
        (State.JOINED, 59, True),
        (State.ATTENDED, 59, True),
        (State.NO_SHOW, 59, True),
        (State.WAITING, 1, False),
        (State.LEFT, 1, False),
        (State.ATTENDED, 60, False),
    ],
)
def test_it_goes_back_sixty_days_and_leaves_out_withdrawals(
    user: User, state: str, days_ago: int, is_there: bool
) -> None:
    ended = NOW - days_ago * DAY
    event = ClinicEventFactory(starts_at=ended - DAY, ends_at=ended)
    AttendanceFactory(event=event, user=user, state=state)
    AttendanceFactory(event=event)
    assert len(entries(user)) == is_there


def test_it_takes_one_query_however_many_there_are(
    user: User, series: EventSeries, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert len(entries(user)) == 4
    for _ in range(10):
        AttendanceFactory(user=user)
    with django_assert_num_queries(1):
        assert len(entries(user)) == 14


def test_a_change_of_time_counts_and_says_when(user: User, series: EventSeries) -> None:
    before = entries(user)[0]
    event = events(series)[0]
    later = NOW + timedelta(hours=3)
    event_move(event_id=event.pk, starts_at=event.starts_at + DAY, ends_at=event.ends_at + DAY, now=later)
    after = next(each for each in entries(user) if each.original_start == before.original_start)
    assert (after.sequence, after.updated_at) == (before.sequence + 1, later)
    assert after.starts_at == datetime(2026, 11, 25, 8, tzinfo=UTC)
