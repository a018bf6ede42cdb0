"""Of which patient a row is that names somebody by folder or identity number."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.admin.registered import Registered
from home.imports.cells import CellError, read_identity
from home.imports.importable import Column, Problem, Reading, Row
from home.models import Clinic, Patient, SearchKey, User
from home.search_keys import digests_of_query, folder_form, plain

WHOSE = (
    Column(
        "folder_number",
        gettext_lazy("Patient’s folder number"),
        ("folder number", "folder", "folder no", "file number", "patient number", "lêernommer", "lêer"),
    ),
    Column(
        "id_number",
        gettext_lazy("Patient’s identity number"),
        (
            "id number",
            "id no",
            "sa id",
            "identity number",
            "patient id",
            "identiteitsnommer",
            "id nommer",
        ),
    ),
)
"""The columns that say it."""


class NumberedBefore(Registered):
    """The patients of a clinic by their numbers, read for many rows at once: one query. Only a number that is too short
    to be found by its digest is looked for alone.
    """

    def __init__(self, user: User, clinic: Clinic, numbers: Iterable[str]) -> None:
        super().__init__(user)
        digests = {digest for text in numbers if text for digest in digests_of_query(plain(text))}
        keys = SearchKey.objects.filter(digest__in=digests, patient__isnull=False)
        rows = Patient.objects.filter(clinic=clinic, erased_at__isnull=True, pk__in=keys.values("patient"))
        found = list(rows.select_related("clinic"))
        self.by_folder: dict[str, list[Patient]] = {}
        for each in found:
            self.by_folder.setdefault(folder_form(each.folder_number), []).append(each)
        self.by_identity = {each.id_number: each for each in found if each.id_number}

    def taken_by(self, clinic: Clinic, **number: str) -> Patient | None:
        if "id_number" in number:
            return self.by_identity.get(number["id_number"])
        text = number["folder_number"]
        if not digests_of_query(plain(text)):
            return super().taken_by(clinic, **number)
        alike = self.by_folder.get(folder_form(text), [])
        if len(alike) > 1:  # HIL-1 and HIL 1 may be two people: then only who has it as it is written
            alike = [each for each in alike if each.folder_number == text]
        return alike[0] if alike else None


def numbered_in(rows: Sequence[Row], reading: Reading) -> NumberedBefore:
    """Those whom these rows name."""
    numbers = [row.values.get("folder_number", "") for row in rows]
    for row in rows:
        try:
            numbers.append(read_identity(row.values.get("id_number", "")).text)
        except CellError:
            continue  # said beside its column, when the row is looked at
    return NumberedBefore(reading.by, reading.clinic, numbers)


def whose_row(numbers: Mapping[str, str], registered: Registered, reading: Reading) -> Patient | Problem:
    """The patient with these numbers (`WHOSE`), who is here; else what is wrong with them."""
    found = {
        name: registered.taken_by(reading.clinic, **{name: text}) for name, text in numbers.items() if text
    }
    patients = {each.pk: each for each in found.values() if each}
    if not found:
        said = _("Of which patient? Give the folder number or the identity number.")
    elif len(patients) > 1:
        said = _("The folder number and the identity number are of two patients.")
    elif not all(found.values()):
        said = _("No patient of this clinic has this number.")
    else:
        [patient] = patients.values()
        if patient.is_here:
            return patient
        said = _("This patient has died, or is not treated here any more.")
    column = next((name for name, each in found.items() if each is None), "folder_number")
    return Problem(column, said)
