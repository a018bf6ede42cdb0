"""The phone number of the sign-in forms."""

from allauth.account import fields
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from notifications.phone_numbers import as_e164


class PhoneField(fields.PhoneField):
    """Takes a number as people write it, 082 123 4567 or +27 82 123 4567, and gives it in E.164."""

    default_error_messages = {"invalid": _("Enter a phone number, for example 082 123 4567.")}

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**{"validators": [], **kwargs})

    def clean(self, value: str) -> str:
        text = super().clean(value)
        if not text:
            return ""
        number = as_e164(text)
        if number is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number
