"""Times of events as the clinic's own clock shows them, whoever reads them and wherever; `now` (aware) is theirs."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from notifications.texts.formats import clock
from notifications.web.moments import dated


def clinic_moment(moment: datetime, zone: str, *, now: datetime) -> str:
    """As "Tue 24 Nov, 10:00", with the year where it is another one."""
    clinic = ZoneInfo(zone)
    day, today = timezone.localdate(moment, clinic), timezone.localdate(now, clinic)
    return _("%(day)s, %(time)s") % {"day": dated(day, "D j M", today=today), "time": clock(moment, clinic)}


def clinic_span(starts_at: datetime, ends_at: datetime, zone: str, *, now: datetime) -> str:
    """As "Tue 24 Nov, 10:00 to 12:00"; an end on another day has its day."""
    clinic = ZoneInfo(zone)
    same_day = starts_at.astimezone(clinic).date() == ends_at.astimezone(clinic).date()
    end = clock(ends_at, clinic) if same_day else clinic_moment(ends_at, zone, now=now)
    return _("%(start)s to %(end)s") % {"start": clinic_moment(starts_at, zone, now=now), "end": end}


def zone_note(zone: str) -> str:
    """What a reader whose own clock isn't the clinic's must know; empty for everybody else."""
    if zone == timezone.get_current_timezone_name():
        return ""
    return _("All times are clinic time (%(zone)s).") % {"zone": zone}
