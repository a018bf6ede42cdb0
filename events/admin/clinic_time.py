"""Times of events in the clinic's time zone, whatever the zone of the reader."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def clinic_moment(moment: datetime, zone: str) -> str:
    """As "Tue 24 Nov, 10:00", with the year unless it is the current one."""
    return _("%(day)s, %(time)s") % {"day": _day(moment, zone), "time": _clock(moment, zone)}


def clinic_span(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """As "Tue 24 Nov, 10:00 to 12:00"; with the day of the end when it is another one."""
    clinic = ZoneInfo(zone)
    same_day = starts_at.astimezone(clinic).date() == ends_at.astimezone(clinic).date()
    end = _clock(ends_at, zone) if same_day else clinic_moment(ends_at, zone)
    return _("%(start)s to %(end)s") % {"start": clinic_moment(starts_at, zone), "end": end}


def zone_note(zone: str) -> str:
    """The note for a reader whose time zone isn't the clinic's; empty for other readers."""
    if zone == timezone.get_current_timezone_name():
        return ""
    return _("All times are those of the clinic’s clock (%(zone)s).") % {"zone": zone}


def _day(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    this_year = timezone.now().astimezone(ZoneInfo(zone)).year
    return date_format(local, "D j M" if local.year == this_year else "D j M Y")


def _clock(moment: datetime, zone: str) -> str:
    return date_format(moment.astimezone(ZoneInfo(zone)), "H:i")
