"""What an event is for calendar apps. Pure, and without icalendar, which takes long to import."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo


class Status(StrEnum):
    """RFC 5545 3.8.1.11."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One event. All moments are aware; `zone` is the clinic's.

    With an `original_start`, its RECURRENCE-ID, it is one occurrence of the series that `uid` names. `sequence` counts
    the changes of time and place.
    """

    uid: str
    original_start: datetime | None
    sequence: int
    zone: ZoneInfo
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    updated_at: datetime
    status: Status
    summary: str
    location: str
    url: str
    description: str = ""
