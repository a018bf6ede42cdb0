"""The lines that visits give to a patient's history: planned, moved, cancelled, came, and did not come; and who may
collect for them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from events.models import CollectionPlan, Visit
from events.visit_formats import what
from home.models import User
from home.record.history import HistoryLine, register_history
from home.record.sections import Reading
from notifications.texts.formats import day, isolated

State = Visit.State


def _name(user: User | None) -> str:
    return str(user) if user else ""


@register_history
def visits(reading: Reading, before: datetime, limit: int) -> Iterable[HistoryLine]:
    """Who did what with visits. A patient has few, which are read by their index. Two queries."""
    if not reading.user.has_perm("events.view_visit"):
        return
    rows: Any = Visit.objects.filter(patient=reading.patient).defer("note")
    # One that takes another's place was moved, not planned anew.
    planned = rows.filter(planned_at__lt=before, moved_from__isnull=True).select_related("planned_by")
    for visit in planned.order_by("-planned_at", "-id")[:limit]:
        words = _("planned a visit: %(visit)s") % {"visit": _visit(visit)}
        yield HistoryLine(visit.planned_at, _name(visit.planned_by), words)
    decided = rows.filter(decided_at__lt=before).select_related("decided_by", "moved_to")
    for visit in decided.order_by("-decided_at", "-id")[:limit]:
        yield HistoryLine(visit.decided_at, _name(visit.decided_by), _became(visit))


def _visit(visit: Visit) -> str:
    return f"{what(visit.kind)}, {day(visit.day)}"


def _became(visit: Visit) -> str:
    values = {"visit": _visit(visit), "day": day(visit.moved_to.day) if visit.moved_to else "–"}
    words = {
        State.ATTENDED: _("the patient came: %(visit)s"),
        State.MISSED: _("the patient did not come: %(visit)s"),
        State.MOVED: _("moved a visit: %(visit)s → %(day)s"),
        State.CANCELLED: _("a visit is cancelled: %(visit)s"),
    }
    if visit.state == State.CANCELLED and visit.decided_side == Visit.Side.PATIENT:
        words[State.CANCELLED] = _("the patient can’t come: %(visit)s")
    said = words[State(visit.state)] % values
    if visit.state == State.CANCELLED and visit.reason:
        return _("%(said)s. Why: %(reason)s") % {"said": said, "reason": isolated(visit.reason)}
    return said


@register_history
def collection(reading: Reading, before: datetime, limit: int) -> Iterable[HistoryLine]:
    """Who changed where medicine is collected, and by whom. One query, once the plan is read."""
    if not reading.user.has_perm("events.view_visit"):
        return
    plan = getattr(reading.patient, "collection_plan", None)
    if plan is None:
        return
    kind = ContentType.objects.get_for_model(CollectionPlan)
    rows: Any = ModelLogEntry.objects.filter(content_type=kind, object_id=f"{plan.pk}", timestamp__lt=before)
    labels = {field.name: str(field.verbose_name) for field in CollectionPlan._meta.fields}
    for entry in rows.select_related("user").order_by("-timestamp", "-id")[:limit]:
        said = ", ".join(labels[name] for name in entry.data.get("fields", []) if name in labels)
        words = _("changed where medicine is collected, and by whom: %(fields)s") % {"fields": said}
        yield HistoryLine(entry.timestamp, _name(entry.user), words)
