"""allauth's forms with our own labels, so that the page and its error summary use the same words."""

from typing import Any

from allauth.account import forms as theirs
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from home.limits import code_request, code_try
from home.models.user import User
from home.transactional.codes import CHANNEL_OF
from home.transactional.message import can_send
from notifications.phone_numbers import as_phone
from notifications.web.shared_phone import SHARED


class _Labelled:
    """`labels` are by field name. A label is shown above its field, so the field has no placeholder."""

    labels: dict[str, Any]
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.labels.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)


def _shared_field() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("This is a shared phone or computer"),
        help_text=_(
            "Nothing is kept here when you close the browser, and you are signed out after a few minutes without use."
        ),
        required=False,
    )


class LoginForm(_Labelled, theirs.LoginForm):
    labels = {
        "login": _("E-mail address or phone number"),
        "password": _("Password"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["remember"]
        self.fields[SHARED] = _shared_field()

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        request.session[SHARED] = self.cleaned_data[SHARED]
        # allauth asks for the opposite.
        self.cleaned_data["remember"] = not self.cleaned_data[SHARED]
        response: HttpResponse = super().login(request, redirect_url)
        return response


class ResetPasswordForm(_Labelled, theirs.ResetPasswordForm):
    labels = {"email": _("E-mail address")}

    def clean_email(self) -> str:
        if not code_request(context.request, address=self.cleaned_data["email"].lower(), purpose="link "):
            raise get_adapter().validation_error("rate_limited")
        email: str = super().clean_email()
        return email


class ResetPasswordKeyForm(_Labelled, theirs.ResetPasswordKeyForm):
    labels = {"password1": _("New password"), "password2": _("Confirm new password")}


class SetPasswordForm(_Labelled, theirs.SetPasswordForm):
    labels = ResetPasswordKeyForm.labels


class ChangePasswordForm(_Labelled, theirs.ChangePasswordForm):
    labels = {"oldpassword": _("Current password"), **ResetPasswordKeyForm.labels}


class ReauthenticateForm(_Labelled, theirs.ReauthenticateForm):
    labels = {"password": _("Password")}


class _SecondStep(_Labelled):
    labels = {"code": _("Code from your app, or one of your recovery codes")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "class": "code", "maxlength": 12}


class AuthenticateForm(_SecondStep, mfa.AuthenticateForm):
    pass


class SecondStepReauthenticateForm(_SecondStep, mfa.ReauthenticateForm):
    pass


class ActivateTotpForm(_SecondStep, totp.ActivateTOTPForm):
    labels = {"code": _("Six-digit code from your app")}


class ReauthenticationCodeForm(_Labelled, theirs.RequestReauthenticationCodeForm):
    """Asks to which of a person's own addresses the code goes: all that they can sign in with."""

    labels = {"recipient": _("Where shall the code go?")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        addresses = {"email": user.email, "phone": str(user.phone or "")}
        own = [each for kind, each in addresses.items() if each and can_send(CHANNEL_OF[kind])]
        self.fields["recipient"] = forms.ChoiceField(
            choices=[(each, each) for each in own],
            initial=next(iter(own), None),
            widget=forms.RadioSelect,
            label=self.fields["recipient"].label,
        )


class RequestCodeForm(forms.Form):
    """Asks for the address to send a code to. Known and unknown ones get the same answer and the same rate limit."""

    login = forms.CharField(
        label=_("E-mail address or phone number"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    shared_phone = _shared_field()

    def clean_login(self) -> str:
        login = self.cleaned_data["login"].strip().lower()
        number = as_phone(login)
        if number is None:
            try:
                validate_email(login)
            except ValidationError:
                raise ValidationError(
                    _("Enter an e-mail address or a phone number, for example 082 123 4567."), code="invalid"
                ) from None
        return str(number.as_e164) if number else login

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        login = cleaned.get("login")
        if not login:
            return cleaned
        if not code_request(context.request, address=login):
            raise get_adapter().validation_error("rate_limited")
        kind = "email" if "@" in login else "phone"
        # allauth's view asks the form for the person and for these names.
        self._user = User.objects.filter(is_active=True, **{kind: login}).first()
        return {**cleaned, kind: login}


class CodeForm(theirs.ConfirmLoginCodeForm):
    """Compares the code, within a rate limit by session and by IP address."""

    code = forms.CharField(
        label=_("Six-digit code"),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code", "maxlength": 12}
        ),
    )

    def clean_code(self) -> str:
        # In addition to the count in the session, which many tries at the same time would pass.
        if not code_try(context.request):
            raise get_adapter().validation_error("rate_limited")
        code: str = super().clean_code()
        return code
