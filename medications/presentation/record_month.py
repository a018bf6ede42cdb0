"""Today's doses and the month at a glance, for the page that staff have of a patient."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext as _

from medications import formats
from medications.models import Dose, Prescription
from medications.presentation.heat_map import PRESSING, heat_map
from medications.presentation.outcome_words import counts_words, outcome_word
from medications.rules.adherence import Outcome, count
from medications.selectors.adherence import Covered, DoseOutcome, covered, outcome_of, outcomes_of
from medications.selectors.day import doses_of_day
from medications.selectors.people import Person
from notifications.texts.formats import clock

MOST_DOSES = 12
"""Of today, so that a page stays a page."""


@dataclass(frozen=True, slots=True)
class DoseLine:
    """A dose of today, or of last evening that still waits: when, what, and what became of it."""

    at: str
    medicine: str
    quantity: str
    word: str
    outcome: str


def record_month(
    person: Person, prescriptions: Sequence[Prescription], *, now: datetime
) -> Mapping[str, Any] | None:
    """The values of `medications/admin/record_month.html`, of all that was ever prescribed; None where nothing was.
    Five queries.
    """
    if not prescriptions:
        return None
    today = person.today(now)
    first = today.replace(day=1)
    outcomes = outcomes_of(prescriptions, first=first, last=today, now=now)
    found = [each for theirs in outcomes.values() for each in theirs]
    doses = [each for each in doses_of_day(person, now=now) if each.is_planned]
    return {
        "month": dateformat.format(today, "F"),
        "covered": _percent(covered(prescriptions, until=today, now=now)),
        "summary": counts_words(count(found)),
        "heat": heat_map(first, by_day(found), today=today),
        "today": [_line(each, person, now) for each in doses[:MOST_DOSES]],
        "more_today": max(0, len(doses) - MOST_DOSES),
    }


def by_day(outcomes: Iterable[DoseOutcome]) -> list[DoseOutcome]:
    """One outcome for each day, the most pressing; what was taken besides the plan only where there was none."""
    days: dict[date, list[DoseOutcome]] = defaultdict(list)
    for each in outcomes:
        days[each.day].append(each)
    return [min(theirs, key=_rank) for _day, theirs in sorted(days.items())]


def _rank(each: DoseOutcome) -> int:
    if each.as_needed:
        return len(Outcome) + 1
    return PRESSING.index(each.outcome) if each.outcome in PRESSING else len(Outcome)


def _percent(found: Mapping[int, Covered]) -> int | None:
    """Of the days of all medicines together, rounded down, so that 100% is all of them."""
    of = sum(each.of for each in found.values())
    return sum(each.days for each in found.values()) * 100 // of if of else None


def _line(dose: Dose, person: Person, now: datetime) -> DoseLine:
    outcome, _taken = outcome_of(dose, now=now)
    medicine = dose.prescription.medicine
    at = clock(dose.due_at, person.zone)
    if dose.due_at.astimezone(person.zone).date() < person.today(now):
        at = _("%(day)s, %(time)s") % {"day": _("yesterday"), "time": at}
    return DoseLine(
        at=at,
        medicine=str(medicine),
        quantity=formats.quantity(dose.quantity, medicine.form),
        word=outcome_word(outcome),
        outcome=outcome.value,
    )
