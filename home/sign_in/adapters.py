"""Our adapters for allauth: sign-in by e-mail address or phone number, without open sign-up."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import clean_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from home.limits import password_try
from home.models.user import User
from home.phone_field import PhoneField
from home.sign_in.lockout import locked_out
from home.sign_in.notices import NOTICES
from home.sign_in.proofs import asked_lately
from home.transactional.codes import account_changed_message, code_message, password_message
from home.transactional.queue import enqueue
from notifications.encryption.keys import keyring
from notifications.languages.listed import DEFAULT
from notifications.phone_numbers import as_phone
from notifications.selectors.people import language_of

_NO_MATCH = _("The e-mail address, phone number or password is wrong. Please try again.")


def site_address(url: str) -> str:
    """The same page under BASE_URL. allauth makes links of the Host header, which whoever asks for a mail chooses."""
    return settings.BASE_URL + urlsplit(url)._replace(scheme="", netloc="").geturl()


@dataclass(frozen=True)
class _Site:
    """As much of Django's sites as allauth's texts use."""

    name: str
    domain: str


_THIS_SITE = _Site(settings.WAGTAIL_SITE_NAME, urlsplit(settings.BASE_URL).netloc)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _NO_MATCH,
        "phone_password_mismatch": _NO_MATCH,
        "username_password_mismatch": _NO_MATCH,
        "too_many_login_attempts": _("Too many wrong tries. Please wait a few minutes before you try again."),
        "incorrect_code": _("That code is wrong. Look at the newest message and type its six digits."),
        "incorrect_password": _("That is not your password. Please try again."),
        "rate_limited": _("Too many tries. Please wait a few minutes before you try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up without an invitation from a clinic."""
        return False

    def format_email_subject(self, subject: str) -> str:
        return f"MedGuard: {subject}"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("notifications:preferences")

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """For every change of the ways in. allauth counts its own table of e-mail addresses among the ways to ask, and
        would ask a person without end who has but an address of ours.
        """
        return not asked_lately(self.request, now=timezone.now())

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Whoever has a second step is asked for it, others for the password; or for a code, which signs them in too.

        A password alone must not open what a second step protects.
        """
        if not user.is_authenticated:
            return []
        if is_mfa_enabled(user):
            return [_method("mfa_reauthenticate", "mfa_reauthenticate", _("Use your second step"))]
        methods = [
            _method(
                "reauthenticate_by_code", "account_request_reauthentication_code", _("Send me a code instead")
            )
        ]
        if user.has_usable_password():
            methods.insert(0, _method("reauthenticate", "account_reauthenticate", _("Use your password")))
        return methods

    def get_client_ip(self, request: HttpRequest) -> str:
        """The peer's where X-Forwarded-For has fewer entries than we have proxies: it didn't come by all of them."""
        try:
            return str(super().get_client_ip(request))
        except ImproperlyConfigured:
            peer = clean_client_ip(request.META.get("REMOTE_ADDR", ""))
            if peer is None:
                raise PermissionDenied from None
            return str(peer)

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        """Counts the try by our own limits (allauth takes a right one back), or answers with the page to wait."""
        login = credentials.get("email") or credentials.get("phone") or ""
        self._login_failed_rl_usage = password_try(request, login=login)
        if self._login_failed_rl_usage is None:
            raise ImmediateHttpResponse(locked_out(request))

    def phone_form_field(self, **kwargs: object) -> PhoneField:
        return PhoneField(**kwargs)

    def get_user_by_phone(self, phone: str) -> User | None:
        number = as_phone(phone)
        return User.objects.filter(phone=number).first() if number else None

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone.as_e164, user.phone_verified_at is not None) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        user.phone = as_phone(phone)
        user.phone_verified_at = timezone.now() if verified else None
        user.save(update_fields=["phone", "phone_verified_at"])

    def set_phone_verified(self, user: User, phone: str) -> None:
        """Called when a sign-in code that went to this person's number was typed in."""
        if user.phone_verified_at is None and user.phone == as_phone(phone):
            self.set_phone(user, phone, verified=True)

    def send_verification_code_sms(
        self, user: User, phone: str, code: str, *, reauthentication: bool = False, **kwargs: object
    ) -> None:
        self._send_code("phone", phone, code, reauthentication=reauthentication)

    def send_unknown_account_sms(self, phone: str, **kwargs: object) -> None:
        """Sends nothing, but takes as long as a code, so that nobody learns who has an account."""
        enqueue(None)

    def get_reset_password_from_key_url(self, key: str) -> str:
        return site_address(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return site_address(super().get_email_confirmation_url(request, emailconfirmation))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends our own messages; to an unknown address none, which takes as long.

        What allauth's own texts call the site, and where they say that it is, is ours too.
        """
        context = {"current_site": _THIS_SITE, **context}
        if template_prefix == "account/email/login_code":
            self._send_code("email", email, context["code"], reauthentication=context["reauthentication"])
        elif template_prefix == "account/email/password_reset_key":
            url = context["password_reset_url"]
            enqueue(password_message(email, url, language=get_language() or DEFAULT))
        elif template_prefix == "account/email/unknown_account":
            enqueue(None)
        else:
            super().send_mail(template_prefix, email, context)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tells the person that a way in to their account changed, in their own language: by mail, else by SMS."""
        kind, address = user.main_address()
        said, language = NOTICES[template_prefix], language_of(user.pk)
        enqueue(account_changed_message(kind, address, said, language=language))

    def _send_code(self, kind: str, address: str, code: str, *, reauthentication: bool) -> None:
        page = "account_confirm_reauthentication_code" if reauthentication else "account_confirm_login_code"
        # By the queue: waiting for a gateway would tell a number with an account from one without.
        enqueue(code_message(kind, address, code, language=get_language() or DEFAULT, page=page))


def _method(name: str, page: str, description: Any) -> dict[str, Any]:
    return {"id": name, "url": reverse(page), "description": description}


class MfaAdapter(DefaultMFAAdapter):
    """Keeps the secrets of second factors encrypted in the database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That code is wrong or was used already. Type the one that your app shows now."),
    }

    def get_totp_issuer(self) -> str:
        return settings.WAGTAIL_SITE_NAME

    def encrypt(self, text: str) -> str:
        return keyring().fernets.encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return keyring().fernets.decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise ImproperlyConfigured(
                "A second factor can't be read: its key is no longer among FIELD_ENCRYPTION_KEYS."
            ) from error
