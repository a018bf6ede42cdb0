"""Times of events in the clinic's time zone, whatever the zone of the reader. `now` is aware."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from notifications.texts.formats import clock
from notifications.web.moments import dated


def clinic_moment(moment: datetime, zone: str, *, now: datetime) -> str:
    """As "Tue 24 Nov, 10:00", with the year unless it is the current one."""
    clinic = ZoneInfo(zone)
    day, today = timezone.localdate(moment, clinic), timezone.localdate(now, clinic)
    return _("%(day)s, %(time)s") % {"day": dated(day, "D j M", today=today), "time": clock(moment, clinic)}


def clinic_span(starts_at: datetime, ends_at: datetime, zone: str, *, now: datetime) -> str:
    """As "Tue 24 Nov, 10:00 to 12:00"; with the day of the end when it is another one."""
    clinic = ZoneInfo(zone)
    same_day = starts_at.astimezone(clinic).date() == ends_at.astimezone(clinic).date()
    end = clock(ends_at, clinic) if same_day else clinic_moment(ends_at, zone, now=now)
    return _("%(start)s to %(end)s") % {"start": clinic_moment(starts_at, zone, now=now), "end": end}
