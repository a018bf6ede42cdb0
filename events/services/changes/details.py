"""What a series and its events have in common, and staff may change on either."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from events.models import ClinicEvent
from events.rules.notice_times import next_at

DETAILS = (
    "title_en",
    "title_af",
    "description_en",
    "description_af",
    "place",
    "capacity",
    "reminders",
)


def check_details(details: Mapping[str, Any]) -> None:
    """ValueError for what isn't one of `DETAILS`."""
    if unknown := details.keys() - set(DETAILS):
        raise ValueError(f"These are no details of an event: {', '.join(sorted(unknown))}.")


def set_details(event: ClinicEvent, details: Mapping[str, Any], *, now: datetime) -> bool:
    """Set details on an event that is held; whether the place is another one, so that its people are to be told.

    ValidationError for a value that can't be. Nothing is saved.
    """
    moved = "place" in details and details["place"] != event.place
    for name, value in details.items():
        setattr(event, name, value)
    # The details alone: to whom it belongs is what it was, and to look that up would cost queries.
    event.full_clean(exclude=["clinic", "series"], validate_unique=False, validate_constraints=False)
    due = event.next_notice_at is not None and event.next_notice_at <= now
    if "reminders" in details and not due:
        set_next_notice(event, now)
    return moved


def set_next_notice(event: ClinicEvent, now: datetime) -> None:
    """The first notice still ahead. What would have come before isn't made up for: who joins now is told now."""
    event.next_notice_at = next_at(event.starts_at, event.ends_at, event.reminders, now=now)
