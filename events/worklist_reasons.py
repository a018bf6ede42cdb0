"""Who needs a call because a visit or a club was missed. Found at start."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events import visit_formats
from events.models import Visit
from events.selectors.visits import clubs_missed, missed
from home.models import Clinic
from home.worklist.reasons import Finding, WorklistReason, register_worklist_reason
from notifications.texts.formats import bilingual

_LEVELS = (28, 7, 1)
"""In days. Whoever waits longest comes first; a call settles all below `_LOST` alike, so that nobody is back early."""
_LOST = 28
"""After so many days somebody counts as lost to follow-up. Those who were missed since are called before them."""
_PRESSING, _PERHAPS_LOST_PRESSING = 50, 45


def missed_visits(clinic_ids: Collection[int], now: datetime) -> Iterable[Finding]:
    """Who missed a visit or a club, or said that they can't come, and has no later date. Three queries."""
    today = {
        clinic.pk: now.astimezone(ZoneInfo(clinic.zone)).date()
        for clinic in Clinic.objects.filter(pk__in=clinic_ids)
    }
    found: dict[int, Finding] = {}
    rows: list[tuple[Any, int, int, dict[str, Any]]] = [
        (
            visit.day,
            visit.patient_id,
            visit.patient.clinic_id,
            {"kind": visit.kind, "cancelled": visit.state == Visit.State.CANCELLED},
        )
        for visit in missed(clinic_ids, now)
    ]
    for each in clubs_missed(clinic_ids, now):
        event: Any = each.event
        day = event.starts_at.astimezone(ZoneInfo(event.clinic.zone)).date()
        club = {"kind": "club", "club": [event.title_en or "", event.title_af or ""], "cancelled": False}
        patient: Any = each.patient
        rows.append((day, patient.pk, patient.clinic_id, club))
    for day, patient_id, clinic_id, facts in sorted(rows, key=lambda row: row[:2]):
        days = (today[clinic_id] - day).days
        if level := next((level for level in _LEVELS if days >= level), None):
            found.setdefault(
                patient_id,
                Finding(
                    patient_id,
                    day,
                    {**facts, "day": day.isoformat(), "days": days, "level": level},
                    _PERHAPS_LOST_PRESSING if level >= _LOST else None,
                ),
            )
    return found.values()


def words(facts: Mapping[str, Any]) -> str:
    """As "Missed a visit 8 days ago"."""
    said = {"days": facts["days"]}
    if facts["cancelled"]:
        return (
            ngettext("Couldn’t come, %(days)d day ago", "Couldn’t come, %(days)d days ago", facts["days"])
            % said
        )
    return (
        ngettext("Missed a visit %(days)d day ago", "Missed a visit %(days)d days ago", facts["days"]) % said
    )


def detail(facts: Mapping[str, Any]) -> str:
    """What the visit was for, or the club."""
    if facts["kind"] == "club":
        return _("Club: %(club)s") % {"club": bilingual((facts["club"][0], facts["club"][1]))}
    return visit_formats.what(facts["kind"])


register_worklist_reason(
    WorklistReason(
        "visit_missed",
        gettext_lazy("Missed a visit"),
        _PRESSING,
        missed_visits,
        words,
        detail,
        is_perhaps_lost=lambda facts: facts["level"] >= _LOST,
    )
)
