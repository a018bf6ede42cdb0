"""The next visit and the clubs of a patient, on their page. Found at start."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.admin import visit_words
from events.admin.clinic_time import clinic_span
from events.admin.visits import acts_of
from events.models import CONCERNED, Attendance, ClinicEvent, Visit
from events.next_dates import plan_url
from events.selectors.visits import last_known_of, planned_of
from events.visits.refusals import today_at
from home.record.reached import ways_for
from home.record.sections import (
    Column,
    Reading,
    RecordAction,
    RecordSection,
    register_record_action,
    register_record_section,
)

MOST = 3
_UNDO_DAYS, _CAME_AFTER_ALL_DAYS = 1, 28


def next_visit(reading: Reading) -> Mapping[str, Any]:
    """The planned visits and the last one, also one that the patient cancelled; the way to plan one; and where medicine
    is collected. Three queries.
    """
    patient, user, now = reading.patient, reading.user, reading.now
    today = today_at(patient.clinic, now)
    may_change = user.has_perm("events.change_visit")
    last = last_known_of(patient.pk)
    may_plan = user.has_perm("events.add_visit") and patient.is_here
    return {
        "visits": [_visit(visit, reading, today, may_change) for visit in planned_of(patient.pk)[:MOST]],
        "last": last and _last(last, today, may_change),
        "is_reached": any(way.works for way in ways_for(reading)),
        "plan_url": plan_url(patient.pk) if may_plan else "",
        "collection": getattr(patient, "collection_plan", None),
        "collection_url": reverse("visits:collection", args=[patient.pk]) if may_change else "",
        "next": reverse("patients:record", args=[patient.pk]),
    }


def _visit(visit: Visit, reading: Reading, today: date, may_change: bool) -> dict[str, Any]:
    return {
        "when": visit_words.when(visit, today=today),
        "state": visit_words.state(visit),
        "reminders": visit_words.reminders_ahead(visit, now=reading.now),
        **acts_of(visit, today=today, may_change=may_change),
    }


def _last(visit: Visit, today: date, may_change: bool) -> dict[str, Any]:
    """What is over for longer is put right in the list of visits."""
    days = (today - visit.day).days
    lately = _UNDO_DAYS if visit.state == Visit.State.ATTENDED else _CAME_AFTER_ALL_DAYS
    return {
        "when": visit_words.when(visit, today=today),
        "state": visit_words.state_and_reason(visit),
        **acts_of(visit, today=today, may_change=may_change and days <= lately),
    }


def clubs(reading: Reading) -> Mapping[str, Any] | None:
    """The events to come on whose list the patient is. One query."""
    rows = Attendance.objects.filter(
        patient=reading.patient,
        state__in=CONCERNED,
        event__state=ClinicEvent.State.PLANNED,
        event__ends_at__gt=reading.now,
    ).select_related("event__clinic")
    found = [
        {
            "title": each.event.title,
            "when": clinic_span(
                each.event.starts_at, each.event.ends_at, each.event.clinic.zone, now=reading.now
            ),
            "state": each.get_state_display(),
            "url": reverse("clinic_events:attendance", args=[each.event_id])
            if each.event.clinic_id == reading.patient.clinic_id
            else "",
        }
        for each in rows.order_by("event__starts_at", "id")[: MOST * 2]
    ]
    return {"events": found} if found else None


def _plan(reading: Reading) -> str:
    return plan_url(reading.patient.pk) if reading.patient.is_here else ""


register_record_section(
    RecordSection(
        "next_visit",
        _("Next visit"),
        40,
        "events.view_visit",
        next_visit,
        "events/admin/record_next_visit.html",
        Column.SIDE,
    )
)
register_record_section(
    RecordSection(
        "events",
        _("Events"),
        45,
        "events.view_attendance",
        clubs,
        "events/admin/record_clubs.html",
        Column.SIDE,
    )
)
register_record_action(RecordAction(_("Plan a visit"), _plan, "events.add_visit", 30))
