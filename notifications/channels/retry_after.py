"""How long a service that has too much to do asks to be left alone."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=1)


def retry_after(header: str | None, *, now: datetime, longest: timedelta = LONGEST) -> timedelta | None:
    """What the header Retry-After says, as seconds or as a date (RFC 9110 10.2.3); None for what is neither.

    Never less than nothing nor more than `longest`. `now` is aware.
    """
    text = (header or "").strip()
    try:
        if text.isdecimal():
            return timedelta(seconds=min(int(text), longest.total_seconds()))
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(timedelta(0), min((at if at.tzinfo else at.replace(tzinfo=UTC)) - now, longest))
