"""Another implementation reads the same dates, names, zones and texts from our calendars."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from dateutil.tz import tzical
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from events.ical.calendar import calendar
from events.ical.entry import Entry, Status
from events.ical.zones import vtimezone
from events.rules.recurrence import expand
from tests.events.rules.test_recurrence_properties import DAYS, ZONES, configs

JOHANNESBURG = "Africa/Johannesburg"
CHANGED = datetime(2026, 11, 20, 9, 30, 15, tzinfo=UTC)
LONG = (
    "’n Groep wat oor hoë bloeddruk gesels, elke tweede week, en saam ’n draai gaan stap sê die suster. " * 4
)


def entry(zone: str = JOHANNESBURG, *, start: datetime, hours: float = 2, **more: Any) -> Entry:
    """An occurrence that follows its pattern."""
    values: dict[str, Any] = {
        "uid": "series-1@clinic.test",
        "original_start": start,
        "sequence": 0,
        "zone": ZoneInfo(zone),
        "starts_at": start,
        "ends_at": start + timedelta(hours=hours),
        "created_at": CHANGED - timedelta(days=9),
        "updated_at": CHANGED,
        "status": Status.CONFIRMED,
        "summary": "Clinic event",
        "location": "Hall, Wynberg",
        "url": "https://clinic.test/en/events/1/",
    }
    return Entry(**{**values, **more})


def wall(zone: str, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)  # type: ignore[misc]


def read(entries: Sequence[Entry], **more: Any) -> Calendar:
    return Calendar.from_ical(calendar(entries, language="en", **more))  # type: ignore[return-value]


def seen(entries: Sequence[Entry]) -> list[Event]:
    """The events that recurring_ical_events reads, soonest first."""
    found = recurring_ical_events.of(read(entries)).all()
    return sorted(found, key=lambda event: event.start)


def times(events: Sequence[Event]) -> list[tuple[str, str]]:
    """With their offsets, as a phone shows them."""
    return [(event.start.isoformat(" ", "minutes"), event.end.isoformat(" ", "minutes")) for event in events]


def test_an_occurrence_has_its_series_name_and_its_own_start() -> None:
    [event] = read([entry(start=wall(JOHANNESBURG, 2026, 11, 24, 10), sequence=3)]).events
    assert event["UID"] == "series-1@clinic.test"
    assert event["RECURRENCE-ID"].dt == event["DTSTART"].dt
    assert event["RECURRENCE-ID"].params["TZID"] == event["DTSTART"].params["TZID"] == JOHANNESBURG
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(hours=2)
    assert event["SEQUENCE"] == 3
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == CHANGED
    assert event["CREATED"].dt == CHANGED - timedelta(days=9)
    assert (event["STATUS"], event["CLASS"]) == ("CONFIRMED", "PRIVATE")
    assert event["URL"] == "https://clinic.test/en/events/1/"
    assert "DESCRIPTION" not in event and not event.alarms.times


def test_a_single_event_has_no_recurrence_id() -> None:
    start = wall(JOHANNESBURG, 2026, 11, 24, 10)
    [event] = read([entry(start=start, original_start=None, uid="event-5@clinic.test")]).events
    assert "RECURRENCE-ID" not in event
    assert times(seen([entry(start=start, original_start=None)])) == [
        ("2026-11-24 10:00+02:00", "2026-11-24 12:00+02:00")
    ]


def test_a_calendar_with_a_name_says_how_often_to_come_back_and_a_file_does_not() -> None:
    entries = [entry(start=wall(JOHANNESBURG, 2026, 11, 24, 10))]
    named = read(entries, name="Kliniek")
    assert (named["NAME"], named["X-WR-CALNAME"]) == ("Kliniek", "Kliniek")
    assert named["REFRESH-INTERVAL"].dt == timedelta(hours=4)
    assert named["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert named["X-PUBLISHED-TTL"] == "PT4H"
    plain = read(entries)
    assert not {"NAME", "X-WR-CALNAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"} & set(plain)
    for made in (named, plain):
        assert (made["VERSION"], made["METHOD"], made["CALSCALE"]) == ("2.0", "PUBLISH", "GREGORIAN")
        assert made["PRODID"] == "-//MedGuard SA//Clinic events//EN"


def test_a_calendar_without_events_can_be_read() -> None:
    assert read([], name="Kliniek").events == []


def test_over_a_clock_change_it_stays_at_the_same_time_of_the_wall() -> None:
    zone = "America/New_York"
    entries = [entry(zone, start=wall(zone, 2026, 10, day, 10)) for day in (18, 25)]
    entries += [entry(zone, start=wall(zone, 2026, 11, 1, 10))]
    assert times(seen(entries)) == [
        ("2026-10-18 10:00-04:00", "2026-10-18 12:00-04:00"),
        ("2026-10-25 10:00-04:00", "2026-10-25 12:00-04:00"),
        ("2026-11-01 10:00-05:00", "2026-11-01 12:00-05:00"),
    ]


def test_overnight_it_ends_on_the_next_day() -> None:
    [event] = seen([entry(start=wall(JOHANNESBURG, 2026, 12, 31, 22), hours=4)])
    assert times([event]) == [("2026-12-31 22:00+02:00", "2027-01-01 02:00+02:00")]


def test_the_second_of_two_equal_times_of_the_wall_is_not_taken_for_the_first() -> None:
    zone = "America/New_York"
    second = wall(zone, 2026, 11, 1, 1, 30, fold=1)
    [event] = seen([entry(zone, start=second, hours=1)])
    assert (event.start, event.end) == (second, second + timedelta(hours=1))


def test_a_moved_event_is_at_its_new_time_with_its_old_identity() -> None:
    zone = "America/New_York"
    pattern, moved = wall(zone, 2026, 10, 25, 10), wall(zone, 2026, 11, 3, 14)
    ends_at = moved + timedelta(hours=2)
    [event] = seen([entry(zone, start=pattern, starts_at=moved, ends_at=ends_at, sequence=1)])
    assert times([event]) == [("2026-11-03 14:00-05:00", "2026-11-03 16:00-05:00")]
    assert event["RECURRENCE-ID"].dt == pattern


def test_each_event_is_in_the_zone_of_its_own_clinic() -> None:
    start = datetime(2026, 11, 24, 8, tzinfo=UTC)
    zones = (JOHANNESBURG, "America/New_York", "Europe/London")
    made = read([entry(zone, start=start, uid=zone) for zone in zones])
    assert {event["DTSTART"].params["TZID"] for event in made.events} == set(zones)
    assert sorted(zone.tz_name for zone in made.timezones) == sorted(zones)
    assert made.get_missing_tzids() == set()


@pytest.mark.parametrize("status", list(Status))
def test_the_status_is_said(status: Status) -> None:
    [event] = read([entry(start=CHANGED, status=status)]).events
    assert event["STATUS"] == status.value


def test_no_line_is_longer_than_75_octets_and_none_breaks_a_letter() -> None:
    made = calendar([entry(start=CHANGED, summary=LONG, description=LONG)], language="af")
    lines = made.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)
    for line in lines:
        line.decode()
    [event] = Calendar.from_ical(made).events  # type: ignore[union-attr]
    assert (event["SUMMARY"], event["DESCRIPTION"]) == (LONG, LONG)


@given(
    text=st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n,;\\:"’ê'), min_size=1)
)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    text = text.replace("\r\n", "\n")
    [event] = read([entry(start=CHANGED, summary=text, description=text)]).events
    assert (event["SUMMARY"], event["DESCRIPTION"]) == (text, text)


def test_the_same_entries_give_the_same_bytes() -> None:
    entries = [entry(zone, start=CHANGED, uid=zone) for zone in (JOHANNESBURG, "Europe/London")]
    assert calendar(entries, language="en", name="x") == calendar(list(entries), language="en", name="x")


@settings(deadline=None)
@given(config=configs(), zone=ZONES, start=DAYS, length=st.integers(0, 90))
def test_of_any_pattern_the_same_dates_are_read_back(
    config: dict[str, Any], zone: str, start: date, length: int
) -> None:
    planned = expand(config, start, start + timedelta(days=length), zone)
    entries = [entry(zone, start=begins, starts_at=begins, ends_at=ends) for begins, ends in planned]
    found = seen(entries)
    # Both in UTC: a local time that a clock change repeats never equals one of another zone (PEP 495).
    assert [(each.start.astimezone(UTC), each.end.astimezone(UTC)) for each in found] == [
        (begins.astimezone(UTC), ends.astimezone(UTC)) for begins, ends in planned
    ]
    assert {each["UID"] for each in found} <= {"series-1@clinic.test"}


class TestZones:
    """Read without knowing the name of the zone."""

    @pytest.mark.parametrize(
        "name",
        [
            JOHANNESBURG,
            "America/New_York",
            "Europe/London",
            "Europe/Dublin",
            "Australia/Lord_Howe",
            "Africa/Casablanca",
            "Asia/Kathmandu",
        ],
    )
    def test_every_hour_of_three_years_is_where_it_is(self, name: str, tmp_path: Any) -> None:
        zone = ZoneInfo(name)
        made = Calendar()
        made.add_component(vtimezone(zone, 2025, 2027))
        file = tmp_path / "zone.ics"
        file.write_bytes(made.to_ical())
        believed = tzical(str(file)).get(name)
        moment = datetime(2025, 1, 1, tzinfo=zone).astimezone(UTC)
        end = datetime(2028, 1, 1, tzinfo=zone).astimezone(UTC)
        while moment < end:
            local = moment.astimezone(zone)
            if not local.fold:
                plain = local.replace(tzinfo=None)
                assert plain.replace(tzinfo=believed).utcoffset() == local.utcoffset(), local
            moment += timedelta(minutes=30)

    def test_the_onset_is_by_the_clock_before_the_change(self) -> None:
        """RFC 5545 3.6.5 has this very zone as its example."""
        [standard, daylight, _] = vtimezone(ZoneInfo("America/New_York"), 2007, 2007).subcomponents
        assert standard.name == "STANDARD"
        assert daylight.name == "DAYLIGHT"
        assert daylight["DTSTART"].dt == datetime(2007, 3, 11, 2)
        assert daylight["TZOFFSETFROM"].td == timedelta(hours=-5)
        assert daylight["TZOFFSETTO"].td == timedelta(hours=-4)
