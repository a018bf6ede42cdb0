"""When people are reminded of an event: the usual times to tick, and any other in minutes."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from events.models import validate_reminders
from events.models.series import default_reminders

USUAL = {
    7 * 1440: _("a week before"),
    2 * 1440: _("2 days before"),
    1440: _("a day before"),
    180: _("3 hours before"),
    60: _("an hour before"),
}
"""Minutes before the start, with their names."""
_BETWEEN = re.compile(r"[\s,;]+")


class _OtherTimes(forms.CharField):
    """Whole numbers of minutes, separated by commas."""

    default_error_messages = {"minutes": _("Give whole numbers of minutes, such as 90, 30.")}

    def clean(self, value: Any) -> list[int]:
        words = [word for word in _BETWEEN.split(super().clean(value)) if word]
        if not all(word.isascii() and word.isdigit() for word in words):
            raise ValidationError(self.error_messages["minutes"], code="minutes")
        return [int(word) for word in words]


class RemindersWidget(forms.MultiWidget):
    """The usual times, and the others underneath."""

    use_fieldset = True

    class Media:
        css = {"all": ["css/event-admin.css"]}

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        others = {
            "placeholder": _("Others, in minutes: 90, 30"),
            "aria-label": _("Others, in minutes before the start"),
        }
        widgets = {
            "usual": forms.CheckboxSelectMultiple(
                attrs={"class": "event-reminders"}, choices=list(USUAL.items())
            ),
            "others": forms.TextInput(attrs=others),
        }
        super().__init__(widgets, attrs)

    def decompress(self, value: Sequence[int] | None) -> list[Any]:
        return _taken_apart(value or ())


def _taken_apart(minutes: Sequence[int]) -> list[Any]:
    """The minutes that have a box, and the others as they are written."""
    others = ", ".join(str(each) for each in minutes if each not in USUAL)
    return [[each for each in minutes if each in USUAL], others]


class RemindersField(forms.MultiValueField):
    """A list of minutes before the start, the longest first, as `reminders` of a series or an event has it.

    Nothing ticked and nothing written is an empty list: nobody is reminded.
    """

    widget = RemindersWidget

    def __init__(self, **kwargs: Any) -> None:
        fields = (
            forms.TypedMultipleChoiceField(choices=list(USUAL.items()), coerce=int, required=False),
            _OtherTimes(max_length=100, required=False),
        )
        super().__init__(
            fields,
            **{
                "label": _("Reminders"),
                "required": False,
                "initial": default_reminders,
                "require_all_fields": False,
                "help_text": _(
                    "Whatever you choose, everybody also gets a message an hour before the start."
                ),
                **kwargs,
            },
        )

    def prepare_value(self, value: Any) -> Any:
        """A list is what the widget takes for the values of its parts, so ours is taken apart before."""
        if isinstance(value, list) and all(type(each) is int for each in value):
            return _taken_apart(value)
        return value

    def compress(self, data_list: Sequence[Any]) -> list[int]:
        return sorted({minutes for part in data_list for minutes in part}, reverse=True)

    def validate(self, value: list[int]) -> None:
        """As the model has it."""
        try:
            validate_reminders(value)
        except ValidationError as error:
            raise ValidationError(error.error_dict["reminders"]) from error

    def has_changed(self, initial: Sequence[int] | None, data: Any) -> bool:
        """In another order they are the same reminders."""
        try:
            return set(self.clean(data)) != set(initial or ())
        except ValidationError:
            return True
