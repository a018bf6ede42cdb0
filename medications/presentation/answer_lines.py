"""What was answered to a dose, as lines of a history: for the patient's people and for staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext as _

from medications import formats
from medications.models import Dose, DoseAnswer
from medications.presentation.reasons import reason_words
from medications.selectors.people import Person
from notifications.texts.formats import clock


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer in words; `when` and `by` say who gave it, `by` is empty for the reader."""

    words: str
    when: str
    by: str
    over_limit: bool


def answer_line(answer: DoseAnswer, dose: Dose, person: Person, reader: Any) -> AnswerLine:
    """In the active language, with times local to the patient. The answer's giver and the medicine are joined."""
    return AnswerLine(
        words=_words(answer, dose, person),
        when=_("written down on %(time)s") % {"time": _on(answer.at, person)},
        by=answer.by.get_short_name() if answer.by and answer.by != reader else "",
        over_limit=answer.over_limit,
    )


def _words(answer: DoseAnswer, dose: Dose, person: Person) -> str:
    if answer.answer == DoseAnswer.Answer.TAKEN:
        quantity = answer.quantity if answer.quantity is not None else dose.quantity
        return _("%(quantity)s taken on %(time)s") % {
            "quantity": formats.quantity(quantity, dose.prescription.medicine.form),
            "time": _on(answer.taken_at or answer.at, person),
        }
    if answer.answer == DoseAnswer.Answer.SKIPPED:
        reason = reason_words(answer.skip_code, answer.skip_reason)
        return _("Not taken: %(reason)s") % {"reason": reason} if reason else _("Not taken")
    if answer.answer == DoseAnswer.Answer.LATER and answer.remind_at:
        return _("Remind again on %(time)s") % {"time": _on(answer.remind_at, person)}
    return _("Answer taken back")


def _on(moment: datetime, person: Person) -> str:
    """With its day, whatever today is: a history is read later."""
    return f"{dateformat.format(moment.astimezone(person.zone), 'j M')}, {clock(moment, person.zone)}"
