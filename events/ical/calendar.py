"""From entries to the bytes of an iCalendar object (RFC 5545). Pure: neither clock nor settings nor language."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vDuration

from events.ical.entry import Entry
from events.ical.zones import vtimezone

_REFRESH = timedelta(hours=4)


def calendar(entries: Sequence[Entry], *, language: str, name: str = "") -> bytes:
    """These entries in this order, with their time zones. The same entries give the same bytes.

    With a `name` it is a calendar that apps subscribe to, without one a file to be added once.

    DTSTAMP is when the event was last changed and not when this was written, so that a calendar in which nothing
    changed doesn't change. There are no alarms in it: the reminders are ours.
    """
    made = Calendar()
    made.add("VERSION", "2.0")
    made.add("PRODID", f"-//MedGuard SA//Clinic events//{language.upper()}")
    made.add("CALSCALE", "GREGORIAN")
    made.add("METHOD", "PUBLISH")
    if name:
        made.add("NAME", name)
        made.add("X-WR-CALNAME", name)
        made.add("REFRESH-INTERVAL", _REFRESH, parameters={"VALUE": "DURATION"})
        made.add("X-PUBLISHED-TTL", vDuration(_REFRESH))
    for zone, years in _zones(entries).items():
        made.add_component(vtimezone(zone, min(years), max(years)))
    for entry in entries:
        made.add_component(_event(entry))
    written: bytes = made.to_ical()
    return written


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("UID", entry.uid)
    if entry.original_start is not None:
        event.add("RECURRENCE-ID", _wall(entry.original_start, entry.zone))
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTAMP", entry.updated_at)
    event.add("CREATED", entry.created_at)
    event.add("LAST-MODIFIED", entry.updated_at)
    event.add("DTSTART", _wall(entry.starts_at, entry.zone))
    event.add("DTEND", _wall(entry.ends_at, entry.zone))
    event.add("STATUS", entry.status.value)
    event.add("CLASS", "PRIVATE")
    event.add("SUMMARY", entry.summary)
    if entry.description:
        event.add("DESCRIPTION", entry.description)
    event.add("LOCATION", entry.location)
    event.add("URL", entry.url)
    return event


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """By the clinic's clock; in UTC where that shows the time for the second time, which a clock can't say.

    RFC 5545 3.3.5: a local time that occurs twice is its first occurrence.
    """
    local = moment.astimezone(zone)
    return moment.astimezone(UTC) if local.fold else local


def _zones(entries: Iterable[Entry]) -> dict[ZoneInfo, set[int]]:
    """The zones, and the years in which their clocks are read."""
    zones: dict[ZoneInfo, set[int]] = {}
    for entry in entries:
        moments = (entry.starts_at, entry.ends_at, entry.original_start or entry.starts_at)
        zones.setdefault(entry.zone, set()).update(each.astimezone(entry.zone).year for each in moments)
    return zones
