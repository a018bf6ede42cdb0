"""Fields that take what JSON means and nothing like it: no "yes" for true, no 12 for a text."""

from collections.abc import Mapping
from datetime import UTC, date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

_ALL = {
    "required": gettext_lazy("This is required."),
    "null": gettext_lazy("This can't be null."),
}
_NO_TEXT = gettext_lazy("This must be text.")
_TOO_LONG = gettext_lazy("This is too long: {max_length} characters at most.")


class Text(serializers.CharField):
    default_error_messages = {
        **_ALL,
        "invalid": _NO_TEXT,
        "blank": gettext_lazy("This may not be empty."),
        "max_length": _TOO_LONG,
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Flag(serializers.BooleanField):
    default_error_messages = {**_ALL, "invalid": gettext_lazy("This must be true or false.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return bool(data)


class Number(serializers.IntegerField):
    default_error_messages = {
        **_ALL,
        "invalid": gettext_lazy("This must be a whole number."),
        "min_value": gettext_lazy("This must be at least {min_value}."),
        "max_value": gettext_lazy("This must be at most {max_value}."),
    }

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return int(data)


class OneOf(serializers.ChoiceField):
    """One of some names, which its error lists."""

    default_error_messages = {**_ALL, "invalid_choice": gettext_lazy("This must be one of {names}.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", names=", ".join(each or '""' for each in self.choices))
        return str(data)


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "example": "22:00"})
class ClockTime(serializers.TimeField):
    """A time on a wall, "22:00"."""

    default_error_messages = {**_ALL, "invalid": gettext_lazy("Write a time like 22:00.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **kwargs)


class Day(serializers.DateField):
    """A day on the person's wall, "2026-12-28"."""

    default_error_messages = {**_ALL, "invalid": gettext_lazy("Write a date like 2026-12-28.")}

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str):
            self.fail("invalid")
        day: date = super().to_internal_value(value)
        return day


class Moment(serializers.DateTimeField):
    """A moment, told in UTC, so that it doesn't matter whose clock is asked: "2026-12-28T10:00:00Z"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)


class Body(serializers.Serializer):
    """What may stand in a body; another name is refused, so that a slip of the pen isn't taken for a choice."""

    def to_internal_value(self, data: Mapping[str, Any]) -> Any:
        unknown = sorted(data.keys() - self.fields.keys())
        if unknown:
            raise serializers.ValidationError({name: [_("There is no such field.")] for name in unknown})
        return super().to_internal_value(data)
