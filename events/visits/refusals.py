"""Changes of a visit that are refused, in the reader's language. Each raises EventRefusedError or does nothing."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from events.exceptions import refusal
from events.models import Visit
from events.rules.visit_days import DayProblem, problem_of
from home.models import Clinic

_DAYS = {
    DayProblem.PAST: _("This day is past. Give today or a day to come."),
    DayProblem.TOO_FAR: _("This is more than 13 months ahead. Please check the year."),
}
_TWICE = _("This patient has such a visit on that day already.")


def today_at(clinic: Clinic, now: datetime) -> date:
    """The clinic's local date."""
    return now.astimezone(ZoneInfo(clinic.zone)).date()


def refuse_day(day: date, *, today: date) -> None:
    if problem := problem_of(day, today=today):
        raise refusal("day", _DAYS[problem], problem)


def refuse_twice(
    patient_id: int, kind: str, day: date, *, but: int | None = None, field: str = "day"
) -> None:
    """The database has the last word; this says it beside the field."""
    planned = Visit.objects.filter(patient_id=patient_id, kind=kind, day=day, state=Visit.State.PLANNED)
    if planned.exclude(pk=but or 0).exists():
        raise refusal(field, _TWICE, "twice")


def refuse_decided(visit: Visit) -> None:
    if not visit.is_planned:
        said = {"state": visit.get_state_display()}
        raise refusal("state", _("This visit is not planned any more: %(state)s."), "decided", **said)
