"""Numbers as people type them: 28, 0.5, 0,5 or ½, in either language."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*|,[0-9]{1,2})?|[.,][0-9]+)")
_FRACTION = re.compile(r"([0-9]*) ?([¼½¾])")
_QUARTERS = {"¼": "0.25", "½": "0.5", "¾": "0.75"}


def as_typed(text: str) -> Decimal | None:
    """The number that somebody typed, None if it is none.

    A decimal comma is taken in both languages, but not "1,000", which could be two numbers. Neither are the ways in
    which programs write numbers ("1e3", "1_000", "Infinity"), nor digits of other scripts, which not everybody can
    check.
    """
    text = text.strip()
    if _DECIMAL.fullmatch(text):
        return Decimal(text.replace(",", "."))
    if parts := _FRACTION.fullmatch(text):
        return Decimal(parts[1] or 0) + Decimal(_QUARTERS[parts[2]])
    return None


class NumberField(forms.DecimalField):
    """Takes what `as_typed` takes.

    A plain text input: a number input accepts only the decimal separator of the machine's language, and "1e3".
    """

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {"invalid": _("Write a number, such as 28 or 0.5.")}

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip():
            value = as_typed(value)
            if value is None:
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        """A stored 28.000 is shown as 28."""
        return format(value.normalize(), "f") if isinstance(value, Decimal) else value


class QuantityField(NumberField):
    """A positive number of units."""

    default_error_messages = {
        "required": _("Write how many."),
        "min_value": _("This must be more than 0."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=9, decimal_places=3, min_value=Decimal("0.001"), **kwargs)
        self.error_messages["min_value"] = self.default_error_messages["min_value"]
