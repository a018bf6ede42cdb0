"""The form at the desk, filled in from a row."""

from typing import Any

from django.utils.html import strip_tags

from home.admin.importing.registered_before import ForRow
from home.admin.importing.row_cells import RowCells
from home.admin.lookalikes import FIELD, most_alike
from home.admin.person_fields import EstimatedDay
from home.admin.register_form import RegisterForm
from home.imports.importable import Problem, Reading
from home.models import Patient, Relation
from home.names import name_key
from home.registration import Asked
from home.search_keys import folder_form
from notifications.encryption.cipher import index_of

_FILLED = ("last_name", "date_of_birth", "sex", "folder_number", "id_number", "phone")
"""What a file may add to somebody who is here already. What is there it leaves as it is."""


class RowForm(RegisterForm):
    """The form at the desk, filled in from a row. Where it would ask whose number it is, nobody answers: the number is
    kept, and nothing is sent to it until staff say whose it is on the patient's page.
    """

    registered: ForRow
    shares_number = False

    def _ask_about_number(self) -> None:
        self.cleaned_data["number_is"] = ""
        phone = self.cleaned_data.get("phone")
        if phone and "phone" not in self.errors and self.registered.owners_of(phone).patients:
            self.shares_number = True

    def asked(self, now: Any) -> list[Asked]:
        found = super().asked(now)
        return [each for each in found if each.relation != Relation.SELF] if self.shares_number else found

    def missing_in(self, patient: Patient) -> dict[str, Any]:
        """What this row knows of somebody who is here, and their record doesn't."""
        cleaned = self.cleaned_data
        found = {name: cleaned[name] for name in _FILLED if cleaned.get(name) and not getattr(patient, name)}
        if "date_of_birth" in found:
            found["born_about"] = isinstance(found["date_of_birth"], EstimatedDay)
        return found

    def differing_from(self, patient: Patient) -> list[str]:
        """The fields in which this row says something else than the record, which stays as it is."""
        cleaned = self.cleaned_data
        same_name = name_key(f"{cleaned['first_name']} {cleaned['last_name']}") == name_key(
            patient.get_full_name()
        )
        differing = [] if same_name else ["first_name"]
        for name in ("date_of_birth", "sex", "folder_number", "id_number", "phone"):
            given, there = cleaned.get(name), getattr(patient, name)
            if name == "folder_number" and given and there:
                given, there = folder_form(given), folder_form(there)
            if given and there and given != there and not (name == "date_of_birth" and patient.born_about):
                differing.append(name)
        return differing


def row_form(read: RowCells, registered: ForRow, reading: Reading) -> RowForm:
    data = {**read.data, FIELD: [str(each) for each in read.row.allowed]}
    form = RowForm(data, for_user=reading.by, registered=registered, at=reading.clinic)
    form.shares_number = read.row.shares_number
    form.full_clean()
    return form


def row_name(form: RowForm) -> str:
    return " ".join(filter(None, (form.cleaned_data.get(name) for name in ("first_name", "last_name"))))


def whom(form: RowForm) -> Patient | None:
    """The patient whom a row is about because it has their number, and isn't somebody else by its name."""
    taken = form.registered.taken
    if not taken or len({each.pk for each in taken.values()}) > 1:
        return None
    if "id_number" in taken:
        return taken["id_number"]
    cleaned, other = form.cleaned_data, taken["folder_number"]
    row = Patient(
        first_name=cleaned.get("first_name", ""),
        last_name=cleaned.get("last_name", ""),
        date_of_birth=cleaned.get("date_of_birth"),
    )
    return other if most_alike(row, [other]) else None


def problems_of(form: RowForm) -> list[Problem]:
    return [
        Problem("" if name == "__all__" else name, strip_tags(str(words)))
        for name, said in form.errors.items()
        if name != FIELD
        for words in said
    ]


def asked_about(form: RowForm) -> list[int]:
    """Whom it looks like, the most alike first."""
    field: Any = form.fields[FIELD]
    return [int(pk) for pk, _words in field.choices]


def marks_of(form: RowForm) -> dict[str, str]:
    """By which another row of the file is the same, keyed: these stay beside what is sealed."""
    cleaned = form.cleaned_data
    name, born = name_key(row_name(form)), cleaned.get("date_of_birth")
    texts = {
        "folder_number": folder_form(cleaned.get("folder_number") or ""),
        "id_number": cleaned.get("id_number") or "",
        "shared": str(cleaned.get("phone") or ""),
        "who": f"{' '.join(name)} {born}" if name and born else "",
    }
    return {mark: index_of(f"import {mark} {text}") for mark, text in texts.items() if text}
