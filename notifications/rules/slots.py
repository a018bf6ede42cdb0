"""When a periodic task is to run, from its cron line."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError


def latest_slot(cron: str, zone: str, *, after: datetime, now: datetime) -> datetime | None:
    """The last slot in (after, now], or None. Slots are whole minutes; the cron is read on that zone's wall.

    A slot inside a gap of the clock comes after it, one that occurs twice comes once (as Debian's cron does).
    """
    latest = None
    for slot in CronSim(cron, after.astimezone(ZoneInfo(zone))):
        if slot > now:
            return latest
        latest = slot.astimezone(UTC)
    return latest


def next_slot(cron: str, zone: str, *, after: datetime) -> datetime | None:
    """The first slot after that moment (aware, in UTC); None when it never comes."""
    try:
        return next(CronSim(cron, after.astimezone(ZoneInfo(zone)))).astimezone(UTC)
    except (CronSimError, StopIteration):
        return None
