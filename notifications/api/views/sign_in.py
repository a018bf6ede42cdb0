"""Tokens: given for a password, and a code where a second step is set up; taken back."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.utils import is_mfa_enabled
from axes.helpers import get_cool_off
from django.contrib.auth import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied, Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from notifications.api.access import lacks_second_step
from notifications.api.errors import LockedOutError, WrongSignInError
from notifications.api.openapi import documented
from notifications.api.serializers.sign_in import SignInSerializer, TokenSerializer
from notifications.api.tokens import token_issue, tokens_end
from notifications.api.views.base import Call, OpenCall

TAG = "Signing in"


class SignIn(OpenCall):
    throttle_scope = "sign_in"

    @documented(
        "sign_in",
        "Get a token",
        TokenSerializer,
        example={"token": "4f7c0b63…", "expiry": "2026-11-24T18:00:00Z"},
        asks=SignInSerializer,
        asks_example={"email": "sister@demo.medguard.test", "password": "medguard-demo"},
        problems=(401, 403),
        tag=TAG,
        signed_in=False,
    )
    def post(self, request: Request) -> Response:
        """A token holds for ten hours.

        Whoever has a second step set up sends its `code` too. Staff must have one, where the site says so.
        Ten wrong passwords or codes lock a person out for a quarter of an hour (429).
        """
        body = SignInSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        http = _without_session(request)
        user = _person(http, **body.validated_data)
        token, secret = token_issue(user=user, now=timezone.now())
        user_logged_in.send(type(user), request=http, user=user)
        return Response(TokenSerializer({"token": secret, "expiry": token.expiry}).data)


class SignOut(Call):
    @documented("sign_out", "Give a token back", None, status=204, problems=(413,), tag=TAG)
    def post(self, request: Request) -> Response:
        """The token that is shown holds no longer."""
        request.auth.delete()
        return _signed_out(request)


class SignOutEverywhere(Call):
    @documented("sign_out_everywhere", "Give all tokens back", None, status=204, problems=(413,), tag=TAG)
    def post(self, request: Request) -> Response:
        """None of this person's tokens holds any longer."""
        tokens_end([request.user.pk])
        return _signed_out(request)


def _person(http: HttpRequest, *, email: str, password: str, code: str = "") -> Any:
    """Who it is that signs in; raises what is to be answered to anybody else."""
    try:
        # As the site's own page does, so that wrong passwords of both are counted together.
        user = get_adapter(http).authenticate(http, email=email, password=password)
    except ImmediateHttpResponse:
        raise _locked_out(http) from None
    _check_lock(http)
    # allauth's gives those too who may not sign in any more, to tell them so.
    if user is None or not user.is_active:
        raise WrongSignInError
    if is_mfa_enabled(user):
        _check_code(http, user, email, code)
    elif lacks_second_step(user):
        raise PermissionDenied(_("Staff sign in with a second step. Please set it up on the site first."))
    return user


def _check_code(http: HttpRequest, user: Any, email: str, code: str) -> None:
    if not code:
        raise ValidationError({"code": [_("The code from your second step is needed too.")]})
    form = AuthenticateForm(data={"code": code}, user=user)
    if form.is_valid():
        form.authenticator.record_usage()
        return
    if form.has_error("code", "too_many_login_attempts"):
        raise Throttled
    # A wrong code counts like a wrong password.
    user_login_failed.send(__name__, credentials={"email": email}, request=http)
    _check_lock(http)
    raise ValidationError({"code": [_("This code is wrong or has already been used.")]})


def _check_lock(http: HttpRequest) -> None:
    if getattr(http, "axes_locked_out", False):
        http.axes_locked_out = False  # type: ignore[attr-defined] # else its middleware would answer with a page
        raise _locked_out(http)


def _locked_out(http: HttpRequest) -> LockedOutError:
    cool_off = get_cool_off(http)
    return LockedOutError(cool_off.total_seconds() if cool_off else 0)


def _signed_out(request: Request) -> Response:
    user_logged_out.send(type(request.user), request=_without_session(request), user=request.user)
    return Response(status=204)


def _without_session(request: Request) -> HttpRequest:
    """For those who listen to sign-ins: a program keeps no cookie, so no session must be made for it."""
    http: HttpRequest = request._request
    if hasattr(http, "session"):
        del http.session
    return http
