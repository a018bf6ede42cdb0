"""What becomes of the visits of a patient who died, moved away, was lost, is erased, or goes to another clinic; and of
their places at events.
"""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import CONCERNED, Attendance, ClinicEvent, Visit
from events.services.attendance import attendance_withdraw
from events.visits.refusals import today_at
from home.models import Patient
from home.record.departures import Departing, Departure


def visits_cancel_all(patient_id: int, now: datetime) -> int:
    """Cancel all that are planned, and tell nobody; how many. Safe to repeat."""
    planned = Visit.objects.filter(patient_id=patient_id, state=Visit.State.PLANNED)
    return planned.update(state=Visit.State.CANCELLED, decided_at=now, decided_side="", next_step_at=None)


def visits_follow(patient_id: int, clinic_id: int) -> int:
    """What is planned of a patient whom another clinic took over is that clinic's; how many. Safe to repeat."""
    planned = Visit.objects.filter(patient_id=patient_id, state=Visit.State.PLANNED)
    return planned.exclude(clinic_id=clinic_id).update(clinic_id=clinic_id)


def places_give_up(patient_id: int, now: datetime) -> int:
    """Leave the events to come; whoever waits for a place gets it. How many. Safe to repeat."""
    to_come = Attendance.objects.filter(
        patient_id=patient_id,
        state__in=CONCERNED,
        event__state=ClinicEvent.State.PLANNED,
        event__ends_at__gt=now,
    )
    listed = list(to_come.order_by("event_id", "id").values_list("id", "event_id"))
    for attendance_id, event_id in listed:
        attendance_withdraw(attendance_id=attendance_id, event_id=event_id, now=now)
    return len(listed)


def patient_departed(departing: Departing) -> list[str]:
    """Whoever is gone isn't expected; whoever died or moved leaves the lists of events, too."""
    patient, now = departing.patient, departing.now
    if departing.what == Departure.BACK:
        return _not_planned_again(patient, now)
    words = []
    if number := visits_cancel_all(patient.pk, now):
        said = ngettext(
            "%(count)d planned visit is cancelled.", "%(count)d planned visits are cancelled.", number
        )
        words.append(said % {"count": number})
    if departing.ends_care and (number := places_give_up(patient.pk, now)):
        said = ngettext(
            "The place at %(count)d event is given up. Whoever waits for it gets it.",
            "The places at %(count)d events are given up. Whoever waits for them gets them.",
            number,
        )
        words.append(said % {"count": number})
    return words


def _not_planned_again(patient: Patient, now: datetime) -> list[str]:
    """The day may be given to others by now, and nobody knows whether it still suits."""
    cancelled = Visit.objects.filter(
        patient=patient,
        state=Visit.State.CANCELLED,
        decided_side="",
        day__gte=today_at(patient.clinic, now),
    )
    return [_("Visits that were cancelled stay so. Plan the next one.")] if cancelled.exists() else []
