"""What the log of changes keeps of a patient: in which words staff read it, and without what is nobody's to read."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import ModelLogEntry

from home.models import Patient, Relation
from home.record.wishes import ACTION, entry_words

DEPARTURE = "home.departure"
"""That somebody died, moved, was lost or is back; `data` has `what`, and `on` where it has a day."""
TRANSFER = "home.transfer"
"""That a clinic took a patient over; `data` has the names of both."""
EDIT, CREATE = "wagtail.edit", "wagtail.create"
WORDED = (DEPARTURE, TRANSFER, EDIT, CREATE, ACTION)
"""The actions for which `words_of` has words."""

_FOLLOWED = (
    "first_name",
    "last_name",
    "date_of_birth",
    "sex",
    "clinic",
    "folder_number",
    "id_number",
    "phone",
    "timezone",
    "slot_times",
)
_MASKED = {"folder_number", "id_number", "phone"}
"""Encrypted in their own columns, so that the log has only their last digits."""
_SHOWN = 3

DEPARTED = {
    "died": gettext_lazy("recorded that the patient died"),
    "moved": gettext_lazy("recorded that the patient moved away"),
    "lost": gettext_lazy("recorded that the patient is lost to follow-up"),
    "back": gettext_lazy("recorded that the patient is back"),
}


def entries_of(patient: Patient) -> QuerySet[ModelLogEntry]:
    """The entries of the log about this patient's row."""
    kind = ContentType.objects.get_for_model(Patient)
    rows: QuerySet[ModelLogEntry] = ModelLogEntry.objects.filter(content_type=kind, object_id=str(patient.pk))
    return rows


def values_of(patient: Patient) -> dict[str, str]:
    """What is followed of a patient, as texts for the log; what is sensitive is masked."""
    return {name: _logged(name, getattr(patient, name)) for name in _FOLLOWED}


def changes_between(
    before: Mapping[str, str], after: Mapping[str, str], *, real: set[str]
) -> list[list[str]]:
    """The log's `changes`: field, old and new value of each that differs. `real` are those that changed under a mask
    that looks the same.
    """
    return [
        [name, before[name], after[name]] for name in _FOLLOWED if before[name] != after[name] or name in real
    ]


def hidden_changes(before: Patient, after: Patient) -> set[str]:
    """The fields whose values differ, though their masks may not."""
    return {name for name in _MASKED if (getattr(before, name) or "") != (getattr(after, name) or "")}


def words_of(entry: ModelLogEntry) -> str:
    """What was done, in the active language, to follow the name of who did it. Empty for an action without words."""
    data = entry.data or {}
    if entry.action == DEPARTURE:
        said = str(DEPARTED.get(data.get("what", ""), _("changed this patient")))
        on = parse_date(data.get("on", ""))
        return f"{said} ({_day(on)})" if on else said
    if entry.action == TRANSFER:
        values = {"from": data.get("from", "–"), "to": data.get("to", "–")}
        return _("took the patient over: from %(from)s to %(to)s") % values
    if entry.action == CREATE:
        return _("registered this patient")
    if entry.action == EDIT:
        changes = [*map(_change, data.get("changes", [])), *map(_person, data.get("people", []))]
        return "; ".join(filter(None, changes)) or _("saved this patient’s details")
    if entry.action == ACTION:
        values = {"name": data.get("name", _("somebody")), "changes": entry_words(data)}
        return _("set what %(name)s wants (%(changes)s)") % values
    return ""


def names_in(entries: Iterable[ModelLogEntry]) -> set[int]:
    """The ids of the people whose names `with_names` is to put in."""
    found = set()
    for entry in entries:
        data = entry.data or {}
        found |= {each["user"] for each in data.get("people", []) if "user" in each}
        if "person" in data:
            found.add(data["person"])
    return found


def with_names(entries: Iterable[ModelLogEntry], names: Mapping[int, str]) -> None:
    """Put the names of people into entries, in memory alone: the log has only their ids."""
    for entry in entries:
        data = entry.data or {}
        for each in data.get("people", []):
            each["name"] = names.get(each.get("user", 0), _("somebody"))
        if "person" in data:
            data["name"] = names.get(data["person"], _("somebody"))


def _logged(name: str, value: Any) -> str:
    if value in (None, "", {}):
        return ""
    if name in _MASKED:
        return f"…{str(value)[-_SHOWN:]}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return ", ".join(f"{key} {value[key]}" for key in sorted(value))
    return str(value)


def _change(change: Any) -> str:
    name, before, after = change
    label = str(Patient._meta.get_field(name).verbose_name)
    return f"{label}: {_shown(name, before)} → {_shown(name, after)}"


def _shown(name: str, value: str) -> str:
    if not value:
        return "–"
    if name == "date_of_birth" and (day := parse_date(value)):
        return _day(day)
    if name == "sex":
        return str(dict(Patient._meta.get_field("sex").flatchoices).get(value, value))
    return value


def _person(said: Mapping[str, Any]) -> str:
    values = {
        "name": said.get("name", ""),
        "relation": Relation(said["relation"]).label if said.get("relation") in Relation else "–",
    }
    if said.get("what") == "removed":
        return _("%(name)s no longer cares for the patient") % values
    if said.get("what") == "told":
        return _("%(name)s is told of missed doses") % values
    if said.get("what") == "not_told":
        return _("%(name)s is no longer told of missed doses") % values
    return _("%(name)s is now %(relation)s") % values


def _day(day: date) -> str:
    return date_format(day, "j F Y")
