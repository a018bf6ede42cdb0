"""What is wrong with a dose rule: the field to say it beside, in a nurse's words and in the reader's language.

The rules name keys, in English, for programs (`medications.rules.errors`).
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from medications.rules.errors import RuleError

_MISSING = "%(field)s: this is missing."
_FILL_IN = _("Please fill this in.")
COUNT_FROM = _("Please give the first day: the days are counted from it.")
_QUANTITY = _("Write a number, such as 1 or 0.5.")
_STEPS = _("Write each step on a line of its own, as in 2 × 5: 2 each time, for 5 days.")

_SAID: Mapping[tuple[str, str], tuple[str, Any]] = {
    ("times", _MISSING): ("slots", _("Please give at least one time.")),
    ("times", "times: each must be HH:MM or a slot (%(slots)s)."): (
        "other_times",
        _("Write each time like 07:30, with a comma between two."),
    ),
    ("times", "times: %(value)s is there twice."): ("other_times", _("The same time is there twice.")),
    ("start_date", _MISSING): ("start_date", COUNT_FROM),
    ("first", _MISSING): ("first", _("Please give the day and the time of the first dose.")),
    ("end_date", "end_date: this must not be before start_date."): (
        "end_date",
        _("The last day must not be before the first."),
    ),
    ("hours", "%(field)s: this must be a whole number of minutes."): (
        "hours",
        _("This must be a whole number of minutes."),
    ),
    ("min_hours", "%(field)s: this must be a whole number of minutes."): (
        "min_hours",
        _("This must be a whole number of minutes."),
    ),
}
_OF_FIELD: Mapping[str, Any] = {
    "quantity": _QUANTITY,
    "steps": _STEPS,
    "hours": _("This must be more than 0 hours and at most a year."),
    "min_hours": _("This must be more than 0 hours and at most a year."),
    "start_date": COUNT_FROM,
}
"""For any error of a field that has no sentence of its own."""


def said(error: RuleError) -> tuple[str, ValidationError]:
    """The name of the form's field, and the error to show beside it."""
    found = _SAID.get((error.field, error.message))
    if found is not None:
        field, sentence = found
    elif error.message == _MISSING:
        field, sentence = error.field, _FILL_IN
    else:
        field, sentence = error.field, _OF_FIELD.get(error.field, _("This can’t be. Please check it."))
    return field, ValidationError(sentence, code="rule")
