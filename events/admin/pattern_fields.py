"""The fields of the form for a pattern: dates, times of day and numbers to choose from."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput, AdminDateInput

from notifications.web.date_fields import DayField

_LINE = re.compile(r"[\r\n,;]+")
_ONE_DATE = DayField()


class DatesField(forms.CharField):
    """Dates as people type them, one a line; a set of dates."""

    widget = AdminAutoHeightTextInput(attrs={"rows": 2})
    default_error_messages = {
        "date": _("“%(text)s” is not a date. Write one date on each line, like 2026-12-16."),
    }

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else _lines(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value: Any) -> frozenset[date]:
        lines = [line.strip() for line in _LINE.split(super().clean(value)) if line.strip()]
        return frozenset(day for line in lines for day in self._days(line))

    def _days(self, line: str) -> list[date]:
        """The date in this line; or several that are written as one word each."""
        try:
            return [_ONE_DATE.clean(line)]
        except ValidationError:
            return [self._day(word) for word in line.split()]

    def _day(self, word: str) -> date:
        try:
            day: date = _ONE_DATE.clean(word)
        except ValidationError as error:
            raise ValidationError(
                self.error_messages["date"], code="date", params={"text": word[:40]}
            ) from error
        return day


def day_field(label: Any, **kwargs: Any) -> DayField:
    """A date that may be left out."""
    return DayField(label=label, required=False, widget=AdminDateInput, **kwargs)


def _lines(days: Iterable[date]) -> str:
    return "\n".join(day.isoformat() for day in sorted(days))


def time_field(label: Any, **kwargs: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        input_formats=["%H:%M"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        **kwargs,
    )


def choice_of_number(choices: Iterable[tuple[int, Any]], **kwargs: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        choices=[("", "–"), *choices], coerce=int, empty_value=None, required=False, **kwargs
    )
