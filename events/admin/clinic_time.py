"""Times of events as the clinic's own clock shows them, whoever reads them and wherever; `now` (aware) is theirs."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def clinic_moment(moment: datetime, zone: str, *, now: datetime) -> str:
    """As "Tue 24 Nov, 10:00", with the year where it is another one."""
    return _("%(day)s, %(time)s") % {"day": _day(moment, zone, now), "time": _clock(moment, zone)}


def clinic_span(starts_at: datetime, ends_at: datetime, zone: str, *, now: datetime) -> str:
    """As "Tue 24 Nov, 10:00 to 12:00"; an end on another day has its day."""
    clinic = ZoneInfo(zone)
    same_day = starts_at.astimezone(clinic).date() == ends_at.astimezone(clinic).date()
    end = _clock(ends_at, zone) if same_day else clinic_moment(ends_at, zone, now=now)
    return _("%(start)s to %(end)s") % {"start": clinic_moment(starts_at, zone, now=now), "end": end}


def zone_note(zone: str) -> str:
    """What a reader whose own clock isn't the clinic's must know; empty for everybody else."""
    if zone == timezone.get_current_timezone_name():
        return ""
    return _("All times are clinic time (%(zone)s).") % {"zone": zone}


def _day(moment: datetime, zone: str, now: datetime) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    this_year = now.astimezone(ZoneInfo(zone)).year
    return date_format(local, "D j M" if local.year == this_year else "D j M Y")


def _clock(moment: datetime, zone: str) -> str:
    return date_format(moment.astimezone(ZoneInfo(zone)), "H:i")
