"""What can be brought in from a file. Each kind is declared by the app that knows it, in its module `importables`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from django.utils import translation
from django.utils.module_loading import autodiscover_modules

from home.imports.matching import match_columns
from home.models import Clinic, ImportRow
from notifications.languages.listed import PAGES

State = ImportRow.State


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a file may have: its words for people, and by what names else files know it."""

    name: str
    label: Any
    also: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: the texts of the columns that were matched, none of them a formula.

    `allowed` are the patients of whom staff say that this row is somebody else.
    """

    number: int
    values: Mapping[str, str]
    allowed: frozenset[int] = frozenset()
    shares_number: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """Who brings the rows in, to which clinic, and when (aware)."""

    clinic: Clinic
    by: Any
    """A `User`; None once their account is gone, where what they brought in is undone or started."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row, beside the column or above them all (empty)."""

    column: str
    words: str


@dataclass(frozen=True, slots=True)
class Made:
    """What carrying a row out made or changed. `facts` (JSON) is what it is undone from, and started."""

    patient_id: int | None
    facts: Mapping[str, Any]
    sends: bool = False
    """Somebody would be written to about it, as soon as staff say so."""


@dataclass(slots=True)
class Verdict:
    """What would become of a row, in the active language. Nothing is written until it is carried out.

    `marks` are texts by which another row of the file is the same: those named as a column refuse the later row,
    "who" asks whether it is somebody else, "shared" only says so.
    """

    state: ImportRow.State
    name: str = ""
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    alike: list[int] = field(default_factory=list)
    patient_id: int | None = None
    marks: dict[str, str] = field(default_factory=dict)


class Importable(ABC):
    """A kind of rows. What is looked at for a batch is read in sets, as far as nobody there is like a row."""

    name: ClassVar[str]
    label: ClassVar[Any]
    permission: ClassVar[str]
    """"app.codename" that whoever brings in these needs, as on the page where they are added one by one."""
    columns: ClassVar[tuple[Column, ...]]
    held: ClassVar[Any] = ""
    """What staff are told as long as there is something that only starts when they say so."""

    @abstractmethod
    def check(self, rows: Sequence[Row], reading: Reading) -> list[tuple[Verdict, Any]]:
        """What would become of each row; with what `carry_out` needs of it."""

    @abstractmethod
    def carry_out(self, checked: Any, reading: Reading) -> Made:
        """Make what a row says, in the caller's transaction. ValidationError where it can't be any more."""

    @abstractmethod
    def undo(self, made: Sequence[Made], reading: Reading) -> list[str]:
        """Take away what these made, each unless somebody worked with it since: why it stays, or an empty text."""

    @abstractmethod
    def start_words(self, count: int) -> str:
        """The words of the button that starts so many."""

    @abstractmethod
    def start(self, made: Made, now: datetime) -> None:
        """Write to whom it concerns; safe to repeat. Called outside any transaction."""

    def names(self) -> dict[str, list[str]]:
        """By what each column is found, in both languages."""
        found: dict[str, list[str]] = {column.name: list(column.also) for column in self.columns}
        for language in PAGES:
            with translation.override(language):
                for column in self.columns:
                    found[column.name].append(str(column.label))
        return found

    def match(self, headings: Sequence[str]) -> dict[str, int]:
        return match_columns(headings, self.names())

    def missing(self, matched: Mapping[str, int]) -> list[Column]:
        """The columns that no file can do without, and this one does."""
        return [column for column in self.columns if column.required and column.name not in matched]


_importables: dict[str, Importable] = {}


def register_importable(importable: Importable) -> None:
    """Let staff bring these in; ValueError when there is a kind of its name."""
    if importable.name in _importables:
        raise ValueError(f"“{importable.name}” can be imported already.")
    _importables[importable.name] = importable


def importables() -> list[Importable]:
    """All kinds, in the order in which they were declared."""
    _find()
    return list(_importables.values())


def importable(name: str) -> Importable | None:
    """The kind of this name."""
    _find()
    return _importables.get(name)


@cache
def _find() -> None:
    """With the first use: they bring the forms of staff's pages along, which a start can do without."""
    autodiscover_modules("importables")
