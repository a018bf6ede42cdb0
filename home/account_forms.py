"""allauth's forms with our words for their fields, so that the page and its list of errors say the same."""

from typing import Any

from allauth.account import forms as theirs
from django.utils.translation import gettext_lazy as _


class _Labelled:
    """`labels` are by the name of the field. They stand above it, so nothing is repeated within."""

    labels: dict[str, Any]
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.labels.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)


class LoginForm(_Labelled, theirs.LoginForm):
    labels = {
        "login": _("E-mail address or phone number"),
        "password": _("Password"),
        "remember": _("Keep me signed in on this phone or computer"),
    }


class ResetPasswordForm(_Labelled, theirs.ResetPasswordForm):
    labels = {"email": _("E-mail address")}


class ResetPasswordKeyForm(_Labelled, theirs.ResetPasswordKeyForm):
    labels = {"password1": _("New password"), "password2": _("New password once more")}


class ChangePasswordForm(_Labelled, theirs.ChangePasswordForm):
    labels = {"oldpassword": _("Password now"), **ResetPasswordKeyForm.labels}
