"""Ages and intervals, as calendars and booklets state them: whole months and weeks."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, kw_only=True)
class Span:
    """A time between two dates. Months are counted first, and one that is too short ends on its last day."""

    months: int = 0
    weeks: int = 0

    def after(self, day: date) -> date:
        """The day that is this long after another; the last day that there is, where that would be later still."""
        year, month = divmod(day.year * 12 + day.month - 1 + self.months, 12)
        month += 1
        try:
            begins = date(year, month, min(day.day, monthrange(year, month)[1]))
            return begins + timedelta(weeks=self.weeks)
        except (OverflowError, ValueError):  # a year that there isn't
            return date.max
