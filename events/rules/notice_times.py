"""When people are notified of an event, and of what. Pure: `now` is an argument."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

STARTING = timedelta(hours=1)
"""`event.starting` comes this long before the start."""
TOGETHER = timedelta(minutes=15)
"""A reminder this near to `event.starting` is left out: nobody is notified twice at nearly the same minute."""
ENDED_IS_NEWS = timedelta(hours=24)
"""For so long after the end people are still notified that it is over."""


class Notice(NamedTuple):
    """A notice about an event: when it is due, its event type, and for a reminder the minutes before the start."""

    at: datetime
    kind: str
    minutes: int


def notices(starts_at: datetime, ends_at: datetime, reminders: Iterable[int]) -> list[Notice]:
    """All notices of an event, in order and in UTC: "a day before" is 24 hours, also where clocks change."""
    starts_at, ends_at = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    starting = starts_at - STARTING
    found = [Notice(starting, "event.starting", 60), Notice(ends_at, "event.ended", 0)]
    for minutes in reminders:
        at = starts_at - timedelta(minutes=minutes)
        if abs(at - starting) > TOGETHER:
            found.append(Notice(at, "event.reminder", minutes))
    return sorted(found)


def next_at(
    starts_at: datetime, ends_at: datetime, reminders: Iterable[int], *, now: datetime
) -> datetime | None:
    """When the first notice after `now` is due; None when there are no more."""
    return next((notice.at for notice in notices(starts_at, ends_at, reminders) if notice.at > now), None)


def of_use(due: Sequence[Notice], *, starts_at: datetime, ends_at: datetime, now: datetime) -> Notice | None:
    """The one of the notices that are due (in order) that is still worth sending.

    Before the start it is the latest, in place of all that were missed. After the start no reminder is sent, and the
    end is announced for a day.
    """
    if not due:
        return None
    latest = due[-1]
    last_moment = ends_at + ENDED_IS_NEWS if latest.kind == "event.ended" else starts_at
    return latest if now < last_moment else None
