"""A patient's month: each medicine as a heat map with its table, the days covered, and the stock.

For the page of a patient and for that of staff alike.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils import dateformat

from medications import formats
from medications.models import Prescription
from medications.presentation.heat_map import HeatMap, heat_map
from medications.presentation.outcome_words import counts_words, covered_words, day_words, period_words
from medications.presentation.schedule_words import how_and_when
from medications.presentation.stock_plot import stock_plot
from medications.rules.adherence import Counts, count
from medications.selectors.adherence import Covered, DoseOutcome, covered, outcomes_of
from medications.selectors.medicines import prescriptions_of
from medications.selectors.outlook import outlooks
from medications.selectors.people import Person

_MONTH = re.compile(r"([12][0-9]{3})-(0[1-9]|1[0-2])", re.ASCII)
_MONDAY = date(2024, 1, 1)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CoveredWords:
    """The days covered of a period, for a bar and in words."""

    covered: Covered
    sentence: str
    period: str


@dataclass(frozen=True, slots=True)
class MedicineMonth:
    """One medicine in one month. `rows` is the table of the heat map; `stock` is for the present alone."""

    prescription: Prescription
    lines: list[str]
    counts: Counts
    amount: str
    heat: HeatMap
    summary: str
    rows: list[tuple[str, str]]
    covered: CoveredWords | None
    stock: dict[str, Any] | None


def months(person: Person, asked: str, *, now: datetime) -> dict[str, Any]:
    """The values of `medications/adherence_months.html` for a month as "2026-11", the present one for an empty text.

    Http404 for what is no month, and for one before the first prescription or in the future. At most 13 queries.
    """
    active, ended = prescriptions_of(person, now=now)
    today = person.today(now)
    this_month = today.replace(day=1)
    first_month = min([this_month, *(each.start_date.replace(day=1) for each in [*active, *ended])])
    month = _month(asked) if asked else this_month
    if not first_month <= month <= this_month:
        raise Http404
    last = _after(month) - _ONE_DAY
    shown = [each for each in [*active, *ended] if _belongs(each, month, last, person)]
    return {
        "person": person,
        "month": month,
        "month_name": _name(month),
        "weekdays": [dateformat.format(_MONDAY + timedelta(days=n), "D")[:2] for n in range(7)],
        "previous": _link(month - _ONE_DAY) if month > first_month else None,
        "following": _link(_after(month)) if month < this_month else None,
        "medicines": _medicines(shown, month, last, person, now=now),
    }


def covered_in_words(found: Covered | None, *, today: date) -> CoveredWords | None:
    if found is None:
        return None
    return CoveredWords(found, covered_words(found), period_words(found, today=today))


def _medicines(
    shown: Sequence[Prescription], month: date, last: date, person: Person, *, now: datetime
) -> list[MedicineMonth]:
    today = person.today(now)
    outcomes = outcomes_of(shown, first=month, last=last, now=now)
    days_covered = covered(shown, until=last, now=now)
    is_now = month <= today <= last
    supplies = outlooks(shown, now=now) if is_now else {}
    found = []
    for each in shown:
        outlook = supplies.get(each.pk)
        theirs = outcomes[each.pk]
        taken = sum((one.taken for one in theirs), Decimal(0))
        found.append(
            MedicineMonth(
                prescription=each,
                lines=how_and_when(each, today=today),
                counts=count(theirs),
                amount=formats.quantity(taken, each.medicine.form),
                heat=heat_map(month, theirs, today=today),
                summary=counts_words(count(theirs)),
                rows=_rows(theirs, each.medicine.form),
                covered=covered_in_words(days_covered.get(each.pk), today=today),
                stock=stock_plot(outlook) if outlook and not each.ended_at else None,
            )
        )
    return found


def _rows(outcomes: Sequence[DoseOutcome], form: str) -> list[tuple[str, str]]:
    by_day: dict[date, list[DoseOutcome]] = defaultdict(list)
    for each in outcomes:
        by_day[each.day].append(each)
    return [(dateformat.format(day, "D j M"), day_words(theirs, form)) for day, theirs in by_day.items()]


def _belongs(prescription: Prescription, first: date, last: date, person: Person) -> bool:
    """Whether it was to be taken on any of these days."""
    ended_at = prescription.ended_at
    stopped_on = ended_at.astimezone(person.zone).date() if ended_at else None
    ends = [day for day in (prescription.end_date, stopped_on) if day]
    return prescription.start_date <= last and all(day >= first for day in ends)


def _month(text: str) -> date:
    match = _MONTH.fullmatch(text)
    if match is None:
        raise Http404
    return date(int(match[1]), int(match[2]), 1)


def _after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _link(day: date) -> tuple[str, str]:
    """A month as its address has it, and its name."""
    return f"{day:%Y-%m}", _name(day)


def _name(month: date) -> str:
    """As "December 2026"."""
    return dateformat.format(month, "F Y")
