"""Times to come, as staff read them: Wagtail's own dates only say how long ago something was."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format


def shown_moment(moment: datetime | None) -> str:
    """A day and a time on the reader's wall, with the year where it is another one; a dash for none."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    year = " Y" if local.year != timezone.localtime().year else ""
    return date_format(local, f"D j M{year} H:i")
