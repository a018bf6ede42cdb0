"""A medicine that is found by typing: the browser offers those of the list, and what was typed may be a part."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medications.admin.medicine_form import choice
from medications.models import Medicine
from medications.presentation.outcome_words import unit_word
from medications.selectors.catalogue import found_by_words
from notifications.texts.formats import listed

_NAMED = 4
"""So many are named where what was typed fits several."""


def typed_as(medicine: Medicine) -> str:
    """As the list has it: "Metformin 500 mg, tablet". Join the clinic."""
    return f"{choice(medicine)}, {unit_word(medicine)}"


class TypedMedicineField(forms.CharField):
    """Its value is the `Medicine` of `offered`, the medicines of the patient's clinic, that was meant."""

    default_error_messages = {"required": gettext_lazy("Type the name of a medicine.")}

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Medicine"),
            max_length=200,
            widget=forms.TextInput(attrs={"list": "medicines", "autocomplete": "off", "spellcheck": "false"}),
        )
        self.offered: Sequence[Medicine] = ()

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return self._meant(text) if text else None

    def _meant(self, text: str) -> Medicine:
        asked = text.casefold()
        found = [each for each in self.offered if typed_as(each).casefold() == asked]
        found = found or found_by_words(text, self.offered)
        if not found:
            raise ValidationError(_("Your clinic has no medicine of this name."), code="unknown")
        if len(found) > 1:
            names = listed([typed_as(each) for each in found[:_NAMED]])
            if len(found) > _NAMED:
                names = _("%(names)s and others") % {"names": names}
            raise ValidationError(_("Which one? This may be %(names)s.") % {"names": names}, code="several")
        return found[0]
