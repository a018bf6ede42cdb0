"""Until when somebody's quiet hours last."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from notifications.types import QuietHours


def quiet_until(quiet_hours: QuietHours | None, timezone: str, now: datetime) -> datetime | None:
    """When the quiet hours that hold at `now` end (aware, in UTC), or None outside them.

    The start belongs to them, the end doesn't; an equal start and end mean none. Where a clock change skips
    or repeats one of the two, quiet is as long as it can be read: so an end that is skipped is taken with the
    offset from before the change, and one that comes twice is the second.
    """
    if quiet_hours is None or quiet_hours.start == quiet_hours.end:
        return None
    zone = ZoneInfo(timezone)
    until = None
    # A clock change can make one night's quiet hours run into the next's.
    while end := _span_end(quiet_hours, zone, until or now):
        until = end
    return until


def _span_end(quiet_hours: QuietHours, zone: ZoneInfo, moment: datetime) -> datetime | None:
    """The end of one night's quiet hours around `moment`."""
    nights = timedelta(days=1 if quiet_hours.end < quiet_hours.start else 0)
    today = moment.astimezone(zone).date()
    for first in (today - timedelta(days=1), today):
        if _readings(first, quiet_hours.start, zone)[0] <= moment:
            end = _readings(first + nights, quiet_hours.end, zone)[1]
            if moment < end:
                return end
    return None


def _readings(day: date, wall: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The earliest and the latest moment that a wall time can mean (PEP 495), in UTC."""
    before, after = (datetime.combine(day, wall.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    return min(before, after), max(before, after)
