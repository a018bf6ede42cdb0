"""Numbers as people type them: 28, 0.5 or 0,5, in either language."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_DECIMAL_COMMA = re.compile(r"([0-9]+),([0-9]{1,2})")


class NumberField(forms.DecimalField):
    """Accepts a decimal comma in both languages; refuses "1,000", which could be two numbers.

    A plain text input: a number input accepts only the decimal separator of the machine's language.
    """

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {"invalid": _("Write a number, such as 28 or 0.5.")}

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and (written := _DECIMAL_COMMA.fullmatch(value.strip())):
            value = f"{written[1]}.{written[2]}"
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
