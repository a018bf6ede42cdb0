"""The cells of a row about a patient, in the words that files have for what a form asks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from home.admin.person_fields import BirthField
from home.admin.register_form import CONSENTS
from home.identity_number import IdentityNumberError, read_identity_number
from home.imports.cells import (
    Cell,
    CellError,
    read_choice,
    read_day_cell,
    read_identity,
    read_phone,
    read_yes,
)
from home.imports.importable import Column, Problem, Row
from home.imports.verdicts import CELLS
from home.names import folded
from notifications.languages.listed import PAGES, label, of_messages, of_messages_alone, own_name
from notifications.phone_numbers import as_e164

_SEX = {
    "f": ("female", "woman", "girl", "v", "vroulik", "vrou", "meisie"),
    "m": ("male", "man", "boy", "manlik", "seun"),
    "x": ("other", "ander"),
}
RELATIONS = {
    "guardian": ("guardian", "voog", "parent", "ouer", "mother", "ma", "moeder", "father", "pa", "vader"),
    "carer": ("carer", "versorger", "caregiver", "partner", "spouse", "child", "kind"),
}


class RowCells:
    """The cells of a row as the form takes them, and what was repaired."""

    def __init__(self, row: Row, columns: Iterable[Column]) -> None:
        self.row = row
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.data: dict[str, Any] = {column.name: row.values.get(column.name, "") for column in columns}
        for name in ("phone", "carer_phone"):
            self._read(name, read_phone)
        self._read("id_number", read_identity)
        self._read("date_of_birth", read_day_cell)
        self._settle_languages()
        for name, words in (("sex", _SEX), ("language", spoken(PAGES)), ("carer_relation", RELATIONS)):
            self._choose(name, words)
        for name in (*CONSENTS, "carer_agrees"):
            self._agree(name)

    def numbers(self) -> list[str]:
        """As they are looked for."""
        return [self.data["folder_number"], self.data["id_number"], as_e164(self.data["phone"]) or ""]

    def births(self) -> list[Any]:
        """The days on which this person may have been born."""
        found = []
        try:
            found.append(BirthField().clean(self.data["date_of_birth"]))
        except ValidationError:
            pass
        try:
            found += read_identity_number(self.data["id_number"], today=timezone.localdate()).births
        except IdentityNumberError:
            pass
        return found

    def _read(self, name: str, read: Callable[[str], Cell]) -> None:
        try:
            cell = read(self.data[name])
        except CellError as error:
            self._refuse(name, error)
            return
        self.data[name] = cell.text
        if cell.was:
            said = _("“%(was)s” was read as %(now)s.")
            self.notes.append(said % {"was": cell.was, "now": cell.text})

    def _settle_languages(self) -> None:
        """A column of languages may have those in which there are messages and no pages."""
        self._choose("message_language", names := spoken(of_messages()))
        given = folded(self.data["language"])
        for code in of_messages_alone():
            if given and given in (code, *names[code]):
                self.data["language"], self.data["message_language"] = "", code

    def _choose(self, name: str, words: dict[str, tuple[str, ...]]) -> None:
        try:
            self.data[name] = read_choice(self.data[name], words)
        except CellError as error:
            self._refuse(name, error)

    def _agree(self, name: str) -> None:
        try:
            self.data[name] = "on" if read_yes(self.data[name]) else ""
        except CellError as error:
            self._refuse(name, error)

    def _refuse(self, name: str, error: CellError) -> None:
        self.data[name] = ""
        self.problems.append(Problem(name, str(CELLS[error.code])))


@cache
def spoken(languages: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """By what each of these languages is called: by those who speak it, and in each language of pages; and by the
    beginning of that, such as “Afr”, where no other begins so.
    """
    found = {}
    for code in languages:
        names = [own_name(code)]
        for page in PAGES:
            with override(page):
                names.append(label(code))
        found[code] = tuple(folded(name) for name in names)
    return {code: (*names, *_beginnings(code, found)) for code, names in found.items()}


def _beginnings(code: str, found: Mapping[str, Sequence[str]]) -> set[str]:
    others = [name for other, names in found.items() if other != code for name in (other, *names)]
    own = {name[:length] for name in found[code] for length in range(1, len(name))}
    return {each for each in own if not any(other.startswith(each) for other in others)}
