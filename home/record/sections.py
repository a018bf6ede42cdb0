"""The sections of a patient's page. Each is given by the app that knows it, in its module `record_sections`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from home.models import Patient, User


class Column(StrEnum):
    """Where a section stands from 1024 px on; on a narrow page all are in one column, by their order."""

    MAIN = "main"
    SIDE = "side"


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads whose page, and when (aware). The patient's clinic is joined.

    `shared` is for what several parts of one page need, so that it is read once; begin a key with the app's name.
    """

    patient: Patient
    user: User
    now: datetime
    shared: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class RecordAction:
    """What staff do from a patient's page: its words, and its address. It is left out where there is no address."""

    label: Any
    url: Callable[[Reading], str]
    permission: str
    order: int


@dataclass(frozen=True, slots=True)
class RecordSection:
    """A part of a patient's page for staff who have `permission` ("app.codename").

    `select` makes a constant number of queries and returns what `template` shows, or None where there is nothing to
    show and nothing to do. It is called in the reader's language and the patient's time zone. The template has
    what was selected as `found`, and the `patient`.
    """

    name: str
    title: Any
    order: int
    permission: str
    select: Callable[[Reading], Mapping[str, Any] | None]
    template: str
    column: Column = Column.MAIN


_sections: dict[str, RecordSection] = {}
_actions: list[RecordAction] = []


def register_record_section(section: RecordSection) -> None:
    """Show this section; ValueError when there is one of its name."""
    if section.name in _sections:
        raise ValueError(f"The record has a section “{section.name}” already.")
    _sections[section.name] = section


def register_record_action(action: RecordAction) -> None:
    """Offer this beside the patient's name, the first as the one strong action."""
    _actions.append(action)


def record_sections() -> list[RecordSection]:
    """All sections in their order."""
    return sorted(_sections.values(), key=lambda section: section.order)


def record_actions() -> list[RecordAction]:
    """All actions in their order."""
    return sorted(_actions, key=lambda action: action.order)
