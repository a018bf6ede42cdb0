"""The entries of a person's calendar, in the active language, with no more details than the person lets others see."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from events.ical.entry import Entry, Status
from events.models import HAS_PLACE, Attendance, ClinicEvent
from home.models import User
from notifications.types import Detail

LOOKS_BACK = timedelta(days=60)


def calendar_name() -> str:
    """The name of the calendar in a calendar app."""
    return _("Clinic events")


def discreet_title() -> str:
    """The title of an entry instead of the event's name, when others may see the calendar."""
    return _("Clinic event")


def listed(user: User, *, now: datetime) -> QuerySet[Attendance]:
    """The attendance that is in this person's calendar, soonest first, with `event` and its clinic. One query.

    Future events with a place or on the waiting list, and events of the last 60 days with a place.
    """
    has_place = Q(state__in=HAS_PLACE, event__ends_at__gt=now - LOOKS_BACK)
    waits = Q(state=Attendance.State.WAITING, event__ends_at__gt=now)
    rows = Attendance.objects.filter(has_place | waits, user=user)
    return rows.select_related("event__clinic").order_by("event__starts_at", "event_id")


def entry(
    event: ClinicEvent, mine: str | None, *, detail: Detail, language: str, alone: bool = False
) -> Entry:
    """An event for a reader whose attendance is in this state, if there is one. The active language is `language`.

    `alone` in a file, it has a name of its own: a program that knows events by UID alone would put one date of a series
    in the place of another.
    """
    detailed = detail is Detail.DETAILED
    status = _status(event, mine)
    first_start = event.first_start if event.series_id else None
    return Entry(
        uid=_uid(event, None if alone else first_start),
        original_start=None if alone else first_start,
        sequence=event.sequence,
        zone=ZoneInfo(event.clinic.zone),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        created_at=event.created_at,
        updated_at=event.updated_at,
        status=status,
        summary=_summary(event.title if detailed else discreet_title(), status),
        description=_description(event) if detailed else "",
        location=_location(event),
        url=f"{settings.BASE_URL}/{language}/events/{event.pk}/",
    )


def _uid(event: ClinicEvent, recurrence: datetime | None) -> str:
    """All occurrences of a series that have a RECURRENCE-ID have the same one (RFC 5545 3.8.4.4)."""
    what = f"event-{event.pk}" if recurrence is None else f"series-{event.series_id}"
    return f"{what}@{urlsplit(settings.BASE_URL).hostname}"


def _status(event: ClinicEvent, mine: str | None) -> Status:
    if event.state == ClinicEvent.State.CANCELLED:
        return Status.CANCELLED
    return Status.TENTATIVE if mine == Attendance.State.WAITING else Status.CONFIRMED


def _summary(title: str, status: Status) -> str:
    """With the state in words, since many apps don't show the status."""
    if status is Status.CANCELLED:
        return _("Cancelled: %(title)s") % {"title": title}
    if status is Status.TENTATIVE:
        return _("Waiting list: %(title)s") % {"title": title}
    return title


def _description(event: ClinicEvent) -> str:
    reason = event.cancel_reason and _("Reason: %(reason)s") % {"reason": event.cancel_reason}
    return "\n\n".join(filter(None, [reason, event.description]))


def _location(event: ClinicEvent) -> str:
    """Place, clinic and address in a line."""
    lines = [event.place, event.clinic.name, *event.clinic.address.splitlines()]
    return ", ".join(line.strip() for line in lines if line.strip())
