"""Visits in the words of staff's pages."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import Visit
from events.rules.visit_times import Step, steps
from events.visits.refusals import today_at
from notifications.texts.formats import isolated
from notifications.web.moments import dated

_State = Visit.State


def when(visit: Visit, *, today: date) -> str:
    """As "Thu 3 Dec, 09:30", or "today"."""
    day = _("today") if visit.day == today else dated(visit.day, "D j M", today=today)
    return _("%(day)s, %(time)s") % {"day": day, "time": f"{visit.at:%H:%M}"} if visit.at else day


def state(visit: Visit) -> str:
    """As "planned", "said they’ll come", "cancelled by the patient"."""
    if visit.is_planned:
        return _("said they’ll come") if visit.is_confirmed() else visit.get_state_display()
    if visit.state in (_State.MOVED, _State.CANCELLED) and visit.decided_side:
        said = {"state": visit.get_state_display(), "side": visit.get_decided_side_display()}
        return _("%(state)s by %(side)s") % said
    return visit.get_state_display()


def state_and_reason(visit: Visit) -> str:
    """As "cancelled by the patient: no money for the taxi"."""
    said = state(visit)
    if visit.state != _State.CANCELLED or not visit.reason:
        return said
    return _("%(state)s: %(reason)s") % {"state": said, "reason": isolated(visit.reason)}


def nobody_reached() -> str:
    """Said instead of a promise that people are told."""
    return _("No message reaches them: tell them yourself.")


def reminders_ahead(visit: Visit, *, now: datetime) -> list[str]:
    """The days on which people are still to be reminded, in words. Join the clinic."""
    clinic = visit.clinic
    today, planned_on = today_at(clinic, now), today_at(clinic, visit.planned_at)
    return [
        dated(timezone.localdate(due.at, ZoneInfo(clinic.zone)), "D j M", today=today)
        for due in steps(visit.day, clinic.zone, planned_on=planned_on)
        if due.step is not Step.OVER and due.at > now
    ]
