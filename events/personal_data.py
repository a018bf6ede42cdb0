"""What this app holds of a person: their visits, their places at events, and the address of their calendar.

And how long it is kept what became of the dates of series, which is about nobody.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from events.models import CONCERNED, Attendance, CalendarFeed, CollectionPlan, SeriesDate, Visit
from events.services.attendance import attendance_withdraw
from events.visits.departures import visits_cancel_all
from home.privacy.log_entries import forget_log_entries
from notifications.privacy import (
    Effect,
    Person,
    Retention,
    Section,
    Step,
    cleared,
    deleted,
    register_forget,
    register_retention,
    register_section,
)


def _visits(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = Visit.objects.filter(patient_id__in=person.patient_ids).order_by("day", "id")
    for each in rows.select_related("clinic"):
        yield (
            each.get_kind_display(),
            each.clinic.name,
            each.day,
            f"{each.at:%H:%M}" if each.at else "",
            each.get_state_display(),
            each.note,
            each.planned_at,
            each.confirmed_at,
            each.decided_at,
            each.get_decided_side_display(),
            each.reason,
        )


def _collection(person: Person) -> Iterator[tuple[Any, ...]]:
    for each in CollectionPlan.objects.filter(patient_id__in=person.patient_ids).order_by("id"):
        yield each.pickup_point, each.collector_one, each.collector_two


def _own_places(person: Person) -> Iterator[tuple[Any, ...]]:
    return _places(Attendance.objects.filter(user_id=person.account))


def _patients_places(person: Person) -> Iterator[tuple[Any, ...]]:
    """Those that aren't in the table of the person's own account."""
    theirs = Attendance.objects.filter(patient_id__in=person.patient_ids)
    return _places(theirs if person.user_id is None else theirs.exclude(user_id=person.user_id))


def _places(attendances: QuerySet[Attendance]) -> Iterator[tuple[Any, ...]]:
    rows = attendances.order_by("event__starts_at", "id")
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


_PLACE = {
    "event": _("Event"),
    "clinic": _("Clinic"),
    "venue": _("Venue"),
    "starts": _("Starts"),
    "ends": _("Ends"),
    "state": _("State"),
    "asked": _("Asked on"),
}
register_section(
    Section("events", _("Events that you joined"), _PLACE, _own_places, of_account=True, order=60)
)
register_section(
    Section(
        "patient_events",
        _("Events on whose list the clinic put the patient"),
        _PLACE,
        _patients_places,
        of_account=False,
        order=59,
    )
)
register_section(
    Section(
        "visits",
        _("Visits to the clinic"),
        {
            "what": _("What for"),
            "clinic": _("Clinic"),
            "day": _("Day"),
            "time": _("Time"),
            "state": _("State"),
            "note": _("Note"),
            "planned": _("Planned"),
            "coming": _("You said that you come"),
            "decided": _("Decided"),
            "by": _("Whose decision"),
            "reason": _("Reason"),
        },
        _visits,
        of_account=False,
        order=57,
    )
)
register_section(
    Section(
        "collection",
        _("Where medicine is collected, and by whom"),
        {
            "point": _("Pick-up point"),
            "first": _("First person who may collect"),
            "second": _("Second person who may collect"),
        },
        _collection,
        of_account=False,
        order=58,
    )
)
register_section(
    Section("calendar", _("Your calendar address"), {"since": _("Since")}, _feeds, of_account=True, order=61)
)


@register_forget
def forget_visits(person: Person, now: datetime) -> Iterator[Step]:
    """What was planned is cancelled and nobody told; that somebody came stays, without the words."""
    ids = person.patient_ids
    if not ids:
        return
    visits = Visit.objects.filter(patient_id__in=ids)
    yield Step(
        _("Planned visits, cancelled"),
        Effect.CLEARED,
        lambda: sum(visits_cancel_all(patient_id, now) for patient_id in ids),
    )
    written = visits.exclude(note="", reason="")
    yield cleared(_("Notes and reasons of visits"), written, note="", reason="")
    plans = CollectionPlan.objects.filter(patient_id__in=ids)
    yield from forget_log_entries(CollectionPlan, plans)
    yield deleted(_("Where medicine is collected, and by whom"), plans)
    yield from forget_log_entries(Visit, visits)


@register_forget
def forget_places(person: Person, now: datetime) -> Iterator[Step]:
    """Their places of events to come go to those who wait; that somebody was there stays, without a name."""
    theirs = Q(patient_id__in=person.patient_ids)
    if person.user_id:
        theirs |= Q(user_id=person.user_id)
    to_come = Attendance.objects.filter(
        theirs, state__in=CONCERNED, event__ends_at__gt=now, event__state="planned"
    )

    def leave() -> int:
        listed = list(to_come.order_by("event_id", "id").values_list("id", "event_id"))
        for attendance_id, event_id in listed:
            attendance_withdraw(attendance_id=attendance_id, event_id=event_id, now=now)
        return len(listed)

    yield Step(_("Places at events to come, given up"), Effect.CLEARED, leave)
    if person.user_id:
        yield deleted(_("Calendar addresses"), CalendarFeed.objects.filter(user_id=person.user_id))


RETENTIONS = (
    Retention(
        "series_dates",
        lambda until: SeriesDate.objects.filter(starts_at__lte=until),
        kept=timedelta(days=730),
        by="starts_at",
    ),
)
register_retention(*RETENTIONS)
