"""The form with which a person accepts an invitation and sets up their account."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from home.models import Invitation, Relation, User
from notifications.languages.listed import PAGES, own_name


class AcceptForm(forms.Form):
    first_name = forms.CharField(
        label=_("Your first name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Your surname"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    language = forms.ChoiceField(label=_("The language of your messages"), widget=forms.RadioSelect)
    password = forms.CharField(
        label=_("A password"),
        required=False,
        strip=False,
        help_text=_("You may leave it empty. You then sign in with a code that we send you."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation
        self.initial = {
            "language": get_language(),
            "first_name": invitation.first_name,
            "last_name": invitation.last_name,
        }
        if invitation.relation == Relation.SELF:
            patient = invitation.patient
            self.initial |= {"first_name": patient.first_name, "last_name": patient.last_name}
        # Each in its own language, so that a reader in the wrong one finds theirs.
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
