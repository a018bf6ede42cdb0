"""What becomes of a visit: attended, missed, moved or cancelled, and each taken back. Each locks the rows."""

from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.exceptions import refusal
from events.models import Visit
from events.rules.visit_days import offered
from events.rules.visit_times import missed_is_news_until, next_step_at
from events.services.refusals import refuse_gone
from events.visits.locks import lock_visit
from events.visits.plan import visit_make
from events.visits.publications import publish_missed, publish_moved, withdraw_missed
from events.visits.refusals import refuse_day, refuse_decided, refuse_twice, today_at
from home.models import Patient, User

State, Side = Visit.State, Visit.Side


def visit_attend(*, visit_id: int, by: User | None, now: datetime) -> Visit:
    """The patient came, also after the visit was taken for missed. Harmless when that is known already."""
    with transaction.atomic():
        visit = lock_visit(visit_id)
        if visit.state == State.ATTENDED:
            return visit
        if visit.state == State.MISSED:
            withdraw_missed(visit, now=now)
        else:
            refuse_decided(visit)
        visit.decide(State.ATTENDED, by=by, side="", now=now)
        visit.save()
    return visit


def visit_miss(*, visit_id: int, by: User | None, now: datetime) -> Visit:
    """The patient didn't come; their people are told on the day after. EventRefusedError before the day itself."""
    with transaction.atomic():
        visit = lock_visit(visit_id)
        if visit.state == State.MISSED:
            return visit
        refuse_decided(visit)
        if visit.day > today_at(visit.clinic, now):
            raise refusal("state", _("The day of this visit is still to come."), "early")
        visit.decide(State.MISSED, by=by, side="", now=now)
        visit.save()
        publish_missed([visit], now=now)
    return visit


def visit_move(
    *, visit_id: int, day: date, side: str, by: User | None, now: datetime, at: time | None = None
) -> Visit:
    """Plan the visit on another day or at another time; the new one. People are told at once if the clinic moves it.

    EventRefusedError as for `visit_plan`; and where a patient chooses a day that isn't offered.
    """
    with transaction.atomic():
        visit = lock_visit(visit_id)
        refuse_decided(visit)
        refuse_gone(visit.patient)
        today = today_at(visit.clinic, now)
        refuse_day(day, today=today)
        if side == Side.PATIENT and day not in offered(today):
            raise refusal("day", _("Choose one of the days that the clinic offers."), "not_offered")
        if (day, at) == (visit.day, visit.at):
            raise refusal("day", _("The visit is on this day already."), "same")
        if day != visit.day:
            refuse_twice(visit.patient_id, visit.kind, day, but=visit.pk)
        visit.decide(State.MOVED, by=by, side=side, now=now)
        visit.save()  # first: the new one may be of the same day
        # At the clinic where the patient is now, if that is another one.
        patient = Patient.objects.select_related("clinic").get(pk=visit.patient_id)
        new = visit_make(patient=patient, kind=visit.kind, day=day, at=at, note=visit.note, by=by, now=now)
        visit.moved_to = new
        visit.save(update_fields=["moved_to"])
        if side == Side.CLINIC:
            publish_moved(visit, State.MOVED, now=now)
    return new


def visit_cancel(*, visit_id: int, side: str, by: User | None, now: datetime, reason: str = "") -> Visit:
    """There is no such visit any more. People are told at once if the clinic says so. Harmless when it is known."""
    with transaction.atomic():
        visit = lock_visit(visit_id)
        if visit.state == State.CANCELLED:
            return visit
        refuse_decided(visit)
        visit.decide(State.CANCELLED, by=by, side=side, now=now)
        visit.reason = reason
        visit.save()
        if side == Side.CLINIC and visit.day >= today_at(visit.clinic, now):
            publish_moved(visit, State.CANCELLED, now=now)
    return visit


def visit_undo(*, visit_id: int, by: User | None, now: datetime) -> Visit:
    """Take back what was marked: planned again while its day isn't over, else missed. A moved one is moved again.

    Who was told that it is cancelled is told that it isn't, and who is missed after all is told so while that is news.
    EventRefusedError where there is nothing to take back.
    """
    with transaction.atomic():
        visit = lock_visit(visit_id)
        is_over = visit.day < today_at(visit.clinic, now)
        if visit.state not in (State.ATTENDED, State.MISSED, State.CANCELLED) or (
            is_over and visit.state != State.ATTENDED
        ):
            raise refusal("state", _("This can’t be taken back. Plan a new visit."), "final")
        refuse_gone(visit.patient)
        was, side = visit.state, visit.decided_side
        if is_over:
            visit.decide(State.MISSED, by=by, side="", now=now)
            visit.save()
            if now < missed_is_news_until(visit.day, visit.clinic.zone):
                publish_missed([visit], now=now)
            return visit
        refuse_twice(visit.patient_id, visit.kind, visit.day)
        if was == State.MISSED:
            withdraw_missed(visit, now=now)
        visit.state, visit.decided_at, visit.decided_by, visit.decided_side = State.PLANNED, None, None, ""
        visit.reason = ""
        zone = visit.clinic.zone
        planned_on = today_at(visit.clinic, visit.planned_at)
        visit.next_step_at = next_step_at(visit.day, zone, planned_on=planned_on, now=now)
        visit.save()
        if was == State.CANCELLED and side == Side.CLINIC:
            publish_moved(visit, "restored", now=now)
    return visit


def visit_confirm(*, visit_id: int, now: datetime) -> Visit:
    """The patient says that they come. Harmless when they said so before; EventRefusedError when it isn't planned."""
    with transaction.atomic():
        visit = lock_visit(visit_id)
        refuse_decided(visit)
        if visit.confirmed_at is None:
            visit.confirmed_at = now
            visit.save(update_fields=["confirmed_at"])
    return visit
