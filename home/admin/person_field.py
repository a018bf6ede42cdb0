"""A form field that names a person by the address that they sign in with, so that no list of people is shown."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from home.models import User
from home.selectors import person_at


class PersonField(forms.CharField):
    default_error_messages = {
        "unknown": _("No member of staff signs in with this e-mail address or phone number.")
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": _("E-mail address or phone number"),
                "help_text": _("The one that this person signs in with."),
                **kwargs,
            }
        )

    def prepare_value(self, value: Any) -> Any:
        """The address of the person with this key; typed text is shown as it was typed."""
        if not isinstance(value, int):
            return value
        person = User.objects.filter(pk=value).first()
        return str(person.email or person.phone) if person else ""

    def clean(self, value: str) -> User | None:
        address = super().clean(value)
        if not address:
            return None
        person = person_at(address)
        if person is None:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return person

    def has_changed(self, initial: Any, data: str | None) -> bool:
        return super().has_changed(self.prepare_value(initial), data)
