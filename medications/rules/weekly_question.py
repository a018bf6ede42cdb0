"""When a patient is asked how the week went."""

from datetime import UTC, date, datetime, time, timedelta

from medications.rules.wall_time import instant, zone

LATE = timedelta(hours=6)
"""A question that couldn't be asked for so long isn't asked: it would come in the evening, or at night."""
ANSWER_WITHIN = timedelta(days=6)
"""Until then an SMS is an answer to it, unless something else was asked since."""
SILENT_AFTER = timedelta(hours=48)
"""Who hasn't answered by then needs a call."""


def week_to_ask(*, weekday: int, at: time, timezone: str, now: datetime) -> date | None:
    """The Monday of the week in which the patient is to be asked now, on their wall; None when it isn't the time.

    `weekday` (0 is Monday) and `at` say when, `now` is aware. Raises RuleError for an unknown zone.
    """
    tz = zone(timezone)
    now = now.astimezone(UTC)
    # What was due late on Sunday may be asked early on Monday.
    for day in (now - LATE, now):
        today = day.astimezone(tz).date()
        monday = today - timedelta(days=today.weekday())
        due = instant(monday + timedelta(days=weekday), at, tz)
        if due <= now < due + LATE:
            return monday
    return None
