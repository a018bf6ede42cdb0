"""How full events were is counted by series and by month, on the clinic's wall, in two queries."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from events.models import Attendance, ClinicEvent
from events.selectors.fullness import Fullness, by_month, by_series
from events.selectors.months import in_month
from home.models import Clinic
from tests.events.factories import AttendanceFactory, ClinicEventFactory, EventSeriesFactory
from tests.factories import ClinicFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 10, 6, tzinfo=UTC)
DECEMBER = date(2026, 12, 1)
JOINED, WAITING, LEFT, ATTENDED, NO_SHOW = (state.value for state in Attendance.State)


def held(series: object, day: int, *states: str, month: int = 12, **more: object) -> ClinicEvent:
    start = datetime(2026, month, day, 8, tzinfo=UTC)
    event = ClinicEventFactory(
        series=series, clinic=series.clinic, starts_at=start, original_start=start, **more
    )
    for state in states:
        AttendanceFactory(event=event, state=state)
    return event


def test_each_state_is_counted_once_and_who_is_not_noted_too() -> None:
    series = EventSeriesFactory()
    held(series, 1, ATTENDED, ATTENDED, NO_SHOW, JOINED, WAITING, LEFT, capacity=5)
    held(series, 8, ATTENDED, JOINED)  # no limit
    held(series, 15, JOINED, JOINED, capacity=5)  # ahead
    held(series, 22, JOINED, WAITING, capacity=5, state="cancelled")
    held(series, 30, JOINED, month=11, capacity=5)
    found = by_series([series.pk], in_month(DECEMBER, Clinic.objects.all()), now=NOW)
    assert found == {
        series.pk: Fullness(
            events=3,
            cancelled=1,
            places=10,
            taken=6,
            joined=8,
            waiting=1,
            came=3,
            no_shows=1,
            unmarked=2,
        )
    }
    assert found[series.pk].percent == 60


def test_without_a_limit_there_is_no_share() -> None:
    series = EventSeriesFactory()
    held(series, 1, ATTENDED)
    [numbers] = by_series([series.pk], in_month(DECEMBER, Clinic.objects.all()), now=NOW).values()
    assert (numbers.places, numbers.percent, numbers.joined) == (None, None, 1)


@pytest.mark.parametrize(
    ("zone", "month"), [("Africa/Johannesburg", DECEMBER), ("America/New_York", date(2026, 11, 1))]
)
def test_an_event_at_midnight_is_of_the_month_on_the_clinics_wall(zone: str, month: date) -> None:
    series = EventSeriesFactory(clinic__timezone=zone)
    start = datetime(2026, 11, 30, 23, tzinfo=UTC)
    ClinicEventFactory(series=series, clinic=series.clinic, starts_at=start, original_start=start)
    EventSeriesFactory(clinic__timezone="Europe/London")
    assert list(by_series([series.pk], in_month(month, Clinic.objects.all()), now=NOW)) == [series.pk]
    events = ClinicEvent.objects.filter(clinic=series.clinic)
    drawn = by_month(events, last=DECEMBER, months=2, zone=zone, now=NOW)
    assert [each for each, numbers in drawn.items() if numbers.events] == [month]


def test_an_unknown_zone_is_read_as_the_sites() -> None:
    series = EventSeriesFactory()
    held(series, 1)
    Clinic.objects.filter(pk=series.clinic_id).update(timezone="Mars/Olympus")
    assert by_series([series.pk], in_month(DECEMBER, Clinic.objects.all()), now=NOW)[series.pk].events == 1


def test_each_month_is_there_also_without_events() -> None:
    series = EventSeriesFactory()
    held(series, 30, ATTENDED, month=10, capacity=4)
    held(series, 8, JOINED, capacity=4)
    held(EventSeriesFactory(), 8, JOINED)
    found = by_month(
        series.events.all(), last=DECEMBER, months=12, zone=series.clinic.zone, now=NOW + timedelta(days=1)
    )
    assert list(found)[0::11] == [date(2026, 1, 1), DECEMBER]
    assert [
        (month.month, each.places, each.joined, each.came) for month, each in found.items() if each.events
    ] == [
        (10, 4, 1, 1),
        (12, 4, 1, 0),
    ]


def test_it_asks_twice_however_many_series_there_are() -> None:
    for number in (1, 20):
        clinic = ClinicFactory()
        for _ in range(number):
            held(EventSeriesFactory(clinic=clinic), 1, JOINED, WAITING)
        ids = list(clinic.event_series.values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as captured:
            found = by_series(ids, Q(starts_at__lt=NOW), now=NOW)
        assert (len(found), len(captured)) == (number, 2)
