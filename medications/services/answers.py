"""The answers to a dose: take, skip, snooze, undo.

Each raises Dose.DoesNotExist when the person doesn't care for the dose's patient. The first answer wins: another
one changes nothing until it is undone. Each returns the dose as it is then.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Least

from home.models import User
from home.selectors import patients_of
from medications import options
from medications.models import OPEN_STATES, Dose
from medications.services.stock import stock_give_back, stock_take

_ANSWERS = (Dose.State.TAKEN, Dose.State.SKIPPED)
_LAST_CALL = timedelta(minutes=1)


def dose_take(*, dose_id: int, user: User, now: datetime) -> Dose:
    """Record the dose as taken, however late, and take its quantity from the stock."""
    with transaction.atomic():
        dose = _dose_of(dose_id, user)
        if _answer(dose_id, state=Dose.State.TAKEN, answered_at=now, answered_by=user):
            stock_take(
                prescription_id=dose.prescription_id,
                quantity=dose.quantity,
                day=dose.due_at.astimezone(ZoneInfo(dose.patient.zone)).date(),
                dose=dose,
                user=user,
                now=now,
            )
        dose.refresh_from_db()
    return dose


def dose_skip(*, dose_id: int, user: User, now: datetime, reason: str = "") -> Dose:
    """Record the dose as skipped on purpose. The reason is cut at 200 characters."""
    with transaction.atomic():
        dose = _dose_of(dose_id, user)
        _answer(
            dose_id,
            state=Dose.State.SKIPPED,
            answered_at=now,
            answered_by=user,
            skip_reason=reason.strip()[:200],
        )
        dose.refresh_from_db()
    return dose


def dose_snooze(*, dose_id: int, user: User, now: datetime, minutes: int | None = None) -> Dose:
    """Remind again after so many minutes (by default the nag interval), at the latest a minute before
    `remind_until`.

    Nothing changes when a dose has been answered, was missed, or is past reminding; `next_reminder_at` says when
    the reminder comes. A dose isn't missed while its reminder is still to come.
    """
    wait = options.nag_interval() if minutes is None else timedelta(minutes=minutes)
    with transaction.atomic():
        dose = _dose_of(dose_id, user)
        remind_at = min(now + wait, dose.remind_until - _LAST_CALL)
        if remind_at > now:
            Dose.objects.filter(id=dose_id, state__in=(Dose.State.SCHEDULED, Dose.State.UNANSWERED)).update(
                state=Dose.State.SCHEDULED,
                next_reminder_at=remind_at,
                # A person who asks for a reminder gets one, however many were sent before.
                reminders_sent=Least(F("reminders_sent"), options.nag_repeats()),
                missed_at=Greatest(F("missed_at"), remind_at + options.nag_interval()),
            )
        dose.refresh_from_db()
    return dose


def dose_undo(*, dose_id: int, user: User, now: datetime) -> Dose:
    """Take back an answer: the stock gets back what was taken, and the dose is to be taken again.

    It is reminded of at its time, or after a nag interval if that has passed.
    """
    with transaction.atomic():
        dose = _dose_of(dose_id, user)
        ahead = dose.due_at > now
        next_at = dose.due_at if ahead else now + options.nag_interval()
        reminds = dose.prescription.reminders_enabled and not dose.prescription.ended_at
        remind_at = next_at if reminds and next_at < dose.remind_until else None
        undone = Dose.objects.filter(id=dose_id, state__in=_ANSWERS).update(
            state=Dose.State.SCHEDULED if remind_at or ahead else Dose.State.UNANSWERED,
            next_reminder_at=remind_at,
            answered_at=None,
            answered_by=None,
            skip_reason="",
        )
        if undone:
            stock_give_back(dose=dose, user=user, now=now)
        dose.refresh_from_db()
    return dose


def _dose_of(dose_id: int, user: User) -> Dose:
    doses = Dose.objects.filter(patient__in=patients_of(user).values("pk"))
    return doses.select_related("patient__clinic", "prescription").get(id=dose_id)


def _answer(dose_id: int, **values: object) -> bool:
    """Whether this answer was the first: a conditional update, since two people may answer at once."""
    return bool(
        Dose.objects.filter(id=dose_id, state__in=OPEN_STATES).update(next_reminder_at=None, **values)
    )
