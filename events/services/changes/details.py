"""The details that a series and its events have in common, and that staff may change on either."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
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


def frozen(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """A copy of these details that can't be changed: a list becomes a tuple."""
    return MappingProxyType({name: _tuple(value) for name, value in details.items()})


def as_stored(details: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `frozen` details as the fields of the models have them."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in details.items()}


def set_details(event: ClinicEvent, details: Mapping[str, Any], *, now: datetime) -> bool:
    """Set `frozen` details on a locked event; whether the place is another one, so that people must be notified.

    ValidationError for a value that can't be. Nothing is saved.
    """
    moved = "place" in details and details["place"] != event.place
    for name, value in as_stored(details).items():
        setattr(event, name, value)
    # The details alone: clinic and series are unchanged, and to look them up would cost queries.
    event.full_clean(exclude=["clinic", "series"], validate_unique=False, validate_constraints=False)
    due = event.next_notice_at is not None and event.next_notice_at <= now
    if "reminders" in details and not due:
        set_next_notice(event, now)
    return moved


def set_next_notice(event: ClinicEvent, now: datetime) -> None:
    """Set the time of the first notice that is still ahead. Those that would have come before are not sent late."""
    event.next_notice_at = next_at(event.starts_at, event.ends_at, event.reminders, now=now)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
