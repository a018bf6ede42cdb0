"""A person's vaccinations on one sheet of paper, for the patient's page and for staff's, in the active language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from medications.rules.vaccinations import State
from medications.rules.vaccine_table import DOSE_NUMBERS
from medications.selectors.people import Person
from medications.selectors.vaccination import Vaccination, vaccinations_of
from notifications.texts.formats import day


@dataclass(frozen=True, slots=True)
class Line:
    """One dose: when it was given, when it is due, and what else is to be said. Texts, empty where there is none."""

    which: str
    given: str
    due: str
    note: str


@dataclass(frozen=True, slots=True)
class Group:
    """The doses of one vaccine."""

    vaccine: str
    lines: list[Line]


def which(dose_number: int) -> str:
    """As "dose 2", "dose at birth"."""
    return _("dose %(number)d") % {"number": dose_number} if dose_number else _("dose at birth")


def card(person: Person, *, now: datetime) -> dict[str, Any]:
    """The context of the card's template but for the way back. Two queries."""
    found = [each for _person, theirs in vaccinations_of([person], now=now) for each in theirs]
    born = person.patient.date_of_birth
    return {
        "person": person,
        "born": day(born) if born else "",
        "groups": _groups(found),
        "printed_on": day(person.today(now)),
    }


def _groups(found: Iterable[Vaccination]) -> list[Group]:
    """In the order of the schedule, other vaccines after it by their first dates."""
    by_code: dict[str, list[Vaccination]] = {code: [] for code in DOSE_NUMBERS}
    for each in found:
        by_code.setdefault(each.vaccine, []).append(each)
    return [
        Group(theirs[0].name, [_line(each) for each in sorted(theirs, key=lambda each: each.dose_number)])
        for theirs in by_code.values()
        if theirs
    ]


def _line(each: Vaccination) -> Line:
    return Line(
        which=which(each.dose_number),
        given=day(each.given_on) if each.given_on else "",
        due=day(each.due_on) if each.due_on and not each.given_on else "",
        note=_note(each),
    )


def _note(each: Vaccination) -> str:
    return {
        State.NOT_COUNTED: _("too early: doesn’t count"),
        State.OVERDUE: _("overdue"),
        State.NO_LONGER: _("no longer given at this age"),
        State.NOT_NEEDED: _("not needed at this age"),
    }.get(each.state, "")
