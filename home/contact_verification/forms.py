"""The forms that ask for a contact, and for the code that was sent there."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from home.phone_field import PhoneField


class EmailForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class PhoneForm(forms.Form):
    phone = PhoneField(label=_("Phone number"), help_text=_("For example 082 123 4567."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].widget.attrs = {"autocomplete": "tel", "inputmode": "tel"}


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Six-digit code"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code"}
        ),
    )


ADDRESS_FORMS: dict[str, type[forms.Form]] = {"email": EmailForm, "phone": PhoneForm}
