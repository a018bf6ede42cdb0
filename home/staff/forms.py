"""The form with which somebody who is invited to work at a clinic sets up their account."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from home.models import StaffInvitation, User
from notifications.languages.listed import PAGES, own_name
from notifications.web.visible import validate_visible


class AccountForm(forms.Form):
    """`email` is shown, so that a password manager keeps the password under it; what is sent of it isn't read."""

    email = forms.EmailField(
        label=_("You sign in with"),
        disabled=True,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    first_name = forms.CharField(
        label=_("Your first name"),
        max_length=150,
        validators=[validate_visible],
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Your surname"),
        max_length=150,
        validators=[validate_visible],
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    language = forms.ChoiceField(label=_("The language of your pages and messages"), widget=forms.RadioSelect)
    password = forms.CharField(
        label=_("A password"),
        strip=False,
        help_text=_("At least 8 characters that nobody can guess. Only you know it."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, invitation: StaffInvitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation
        self.initial = {"language": get_language(), "email": invitation.email}
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            (code, own_name(code)) for code in PAGES
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if password := cleaned.get("password"):
            names = {name: cleaned.get(name, "") for name in ("first_name", "last_name")}
            try:
                validate_password(password, User(email=self.invitation.email, **names))
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned
