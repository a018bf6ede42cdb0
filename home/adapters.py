"""How allauth signs our people in: by e-mail address or phone number, without open sign-up."""

import base64
import hashlib

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from home.models.user import User, as_phone
from home.phone_field import PhoneField

_NO_MATCH = _("The e-mail address or phone number and the password do not belong together. Please try again.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _NO_MATCH,
        "phone_password_mismatch": _NO_MATCH,
        "username_password_mismatch": _NO_MATCH,
        "too_many_login_attempts": _(
            "That was wrong too often. Please wait a few minutes before you try again."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up alone: a clinic adds its people."""
        return False

    def format_email_subject(self, subject: str) -> str:
        return f"MedGuard: {subject}"

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: str) -> str:
        # allauth counts wrong passwords by e-mail address; by phone, all people would share one count.
        login = credentials.get("email") or credentials.get("phone") or ""
        return f"login:{as_phone(login) or login.lower()}"

    def phone_form_field(self, **kwargs: object) -> PhoneField:
        return PhoneField(**kwargs)

    def get_user_by_phone(self, phone: str) -> User | None:
        number = as_phone(phone)
        return User.objects.filter(phone=number).first() if number else None

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """A number that a clinic wrote down counts as verified."""
        return (user.phone.as_e164, True) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        user.phone = phone
        user.save(update_fields=["phone"])

    def set_phone_verified(self, user: User, phone: str) -> None:
        self.set_phone(user, phone, True)

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: object) -> None:
        raise ImproperlyConfigured("A sign-in code can't be sent by SMS: no SMS channel is set up.")


def _fernet() -> MultiFernet:
    """The first key encrypts, all of them decrypt; without keys, one is derived from SECRET_KEY."""
    keys = settings.FIELD_ENCRYPTION_KEYS
    if not keys:
        digest = hashlib.sha256(b"medguard.mfa" + settings.SECRET_KEY.encode()).digest()
        keys = [base64.urlsafe_b64encode(digest).decode()]
    return MultiFernet([Fernet(key) for key in keys])


class MfaAdapter(DefaultMFAAdapter):
    """Keeps the secrets of second factors encrypted in the database."""

    def get_totp_issuer(self) -> str:
        return settings.WAGTAIL_SITE_NAME

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _fernet().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise ImproperlyConfigured(
                "A second factor can't be read: its key is no longer among FIELD_ENCRYPTION_KEYS."
            ) from error
