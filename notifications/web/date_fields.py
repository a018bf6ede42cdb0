"""The form fields for every date that people type. Calendar apps and browsers send ISO dates, which they take too."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils.translation import gettext_lazy as _

from notifications.rules.written_dates import WrittenDateError, read_day, read_moment

_EXAMPLE = _("This is not a date. Write it like 12/03/1961 or 12 March 1961.")
_MESSAGES = {
    "required": _("Please give a date."),
    "not_a_date": _EXAMPLE,
    "short_year": _("Please write the year in full, such as 1961."),
    "no_such_day": _("There is no such day. Write the day first, then the month: 12/03/1961 is 12 March."),
    "year": _("Please check the year."),
}


class DayField(forms.DateField):
    """A day, written day first in any usual spelling; what isn't a date is refused in words and never replaced.

    Its value is a `date`.
    """

    default_error_messages = {**_MESSAGES, "invalid": _EXAMPLE}

    def to_python(self, value: Any) -> date | None:
        if not isinstance(value, str):
            return super().to_python(value)
        if not value.strip():
            return None
        try:
            return read_day(value)
        except WrittenDateError as error:
            raise ValidationError(self.error_messages[error.code], code=error.code) from error


class WallTimeField(forms.DateTimeField):
    """A day and a time of day without a zone, written like a `DayField`. Its value is a naive `datetime`."""

    default_error_messages = {
        **_MESSAGES,
        "required": _("Please give a date and a time."),
        "invalid": _EXAMPLE,
        "no_time": _("Please give the time too, such as 12/03/2027 08:30."),
    }

    def to_python(self, value: Any) -> datetime | None:
        if not isinstance(value, str):
            return value if isinstance(value, datetime) else None
        if not value.strip():
            return None
        try:
            return read_moment(value)
        except WrittenDateError as error:
            raise ValidationError(self.error_messages[error.code], code=error.code) from error


class MomentField(WallTimeField):
    """A day and a time of day in the reader's time zone. Its value is an aware `datetime`."""

    default_error_messages = {
        "no_such_time": _("The clocks change then, so this time does not exist or comes twice.")
    }

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        if moment is None or moment.tzinfo is not None:
            return moment
        try:
            return from_current_timezone(moment)
        except ValidationError as error:
            raise ValidationError(self.error_messages["no_such_time"], code="no_such_time") from error
