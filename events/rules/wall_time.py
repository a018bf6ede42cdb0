"""From the local time of a zone to an instant."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from events.rules.errors import ConfigError


def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name; ConfigError("timezone") when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError("timezone", "zone") from error


def attach(day: date, at: time, tz: ZoneInfo) -> datetime:
    """The instant of this local date and time, as an aware datetime of the zone.

    A time that occurs twice (clocks put back) is its first occurrence. One that a clock change leaves out is
    read with the offset before it, so 02:30 becomes 03:30 (RFC 5545 3.3.5). Both are what PEP 495 gives for
    `fold=0`; the way over UTC turns the second into a local time that exists.
    """
    return datetime.combine(day, at, tz).astimezone(UTC).astimezone(tz)
