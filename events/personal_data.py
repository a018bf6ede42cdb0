"""What this app holds of a person: their places at events, and the address of their calendar."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from events.models import CONCERNED, Attendance, CalendarFeed
from events.services.attendance import event_leave
from home.models import User
from notifications.privacy import Effect, Person, Section, Step, deleted, register_forget, register_section


def _attendances(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = Attendance.objects.filter(user_id=person.account).order_by("event__starts_at", "id")
    for each in rows.select_related("event__clinic"):
        event = each.event
        yield (
            event.title,
            event.clinic.name,
            event.place,
            event.starts_at,
            event.ends_at,
            each.get_state_display(),
            each.asked_at,
        )


def _feeds(person: Person) -> Iterator[tuple[Any, ...]]:
    for each in CalendarFeed.objects.filter(user_id=person.account):
        yield (each.created_at,)


register_section(
    Section(
        "events",
        _("Events that you joined"),
        {
            "event": _("Event"),
            "clinic": _("Clinic"),
            "venue": _("Venue"),
            "starts": _("Starts"),
            "ends": _("Ends"),
            "state": _("State"),
            "asked": _("Asked on"),
        },
        _attendances,
        of_account=True,
        order=60,
    )
)
register_section(
    Section("calendar", _("Your calendar address"), {"since": _("Since")}, _feeds, of_account=True, order=61)
)


@register_forget
def forget_places(person: Person, now: datetime) -> Iterator[Step]:
    """Their places of events to come go to those who wait; that somebody was there stays, without a name."""
    user = User.objects.filter(pk=person.user_id).first() if person.user_id else None
    if user is None:
        return
    to_come = Attendance.objects.filter(
        user=user, state__in=CONCERNED, event__ends_at__gt=now, event__state="planned"
    )

    def leave() -> int:
        event_ids = list(to_come.order_by("event_id").values_list("event_id", flat=True))
        for event_id in event_ids:
            event_leave(event_id=event_id, user=user, now=now)
        return len(event_ids)

    yield Step(_("Places at events to come, given up"), Effect.CLEARED, leave)
    yield deleted(_("Calendar addresses"), CalendarFeed.objects.filter(user=user))
