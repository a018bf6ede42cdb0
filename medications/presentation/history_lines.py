"""A dose as an entry of a medicine's history, for the patient's people and for staff."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from medications import formats
from medications.models import Dose
from medications.presentation.answer_lines import AnswerLine, answer_line
from medications.rules.answers import is_over
from medications.selectors.people import Person
from notifications.texts.formats import clock
from notifications.web.moments import dated


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """`look` is the state, `kind` the words for a dose besides the plan.

    `lines` are all answers, the oldest first; only the last one holds.
    """

    dose: Dose
    day: str
    time: str
    look: str
    state: str
    kind: str
    quantity: str
    lines: list[AnswerLine]
    can_change: bool


def history_lines(doses: Iterable[Dose], person: Person, reader: Any, *, now: datetime) -> list[HistoryLine]:
    """In the active language, with times local to the patient. The answers are prefetched."""
    return [_line(dose, person, reader, now) for dose in doses]


def _line(dose: Dose, person: Person, reader: Any, now: datetime) -> HistoryLine:
    local = dose.due_at.astimezone(person.zone)
    return HistoryLine(
        dose=dose,
        day=f"{dateformat.format(local, 'D')} {dated(local.date(), 'j M', today=person.today(now))}",
        time=clock(dose.due_at, person.zone),
        look=str(dose.state),
        state=_state(dose),
        kind="" if dose.is_planned else str(dose.get_kind_display()),
        quantity=formats.quantity(dose.quantity, dose.prescription.medicine.form),
        lines=[answer_line(each, dose, person, reader) for each in dose.answers.all()],
        can_change=dose.state != Dose.State.WITHDRAWN and not is_over(dose.due_at, now=now),
    )


def _state(dose: Dose) -> str:
    return {
        Dose.State.TAKEN: pgettext("state of a dose", "Taken"),
        Dose.State.SKIPPED: _("Skipped"),
        Dose.State.MISSED: _("Missed"),
        Dose.State.UNANSWERED: _("Unanswered"),
        Dose.State.WITHDRAWN: _("Taken back"),
        Dose.State.SCHEDULED: _("not answered yet"),
    }[Dose.State(dose.state)]
