"""What verifies an address besides its page: a code or a link that went there, and a START that came from there."""

from datetime import datetime
from typing import Any

from allauth.account.signals import authentication_step_completed, password_reset
from django.dispatch import receiver
from django.utils import timezone

from home.contact_verification.contacts import email_verify
from home.models import User
from notifications.signals import channel_switched


@receiver(authentication_step_completed, dispatch_uid="home.contact_verification.receivers.code")
def code_typed(user: User, method: str, email: str | None = None, **kwargs: Any) -> None:
    """A sign-in code that was sent by e-mail was typed in. For one by SMS allauth calls the account adapter."""
    if method == "code" and email:
        email_verify(user_id=user.pk, email=email, now=timezone.now())


@receiver(password_reset, dispatch_uid="home.contact_verification.receivers.password_reset")
def link_opened(user: User, **kwargs: Any) -> None:
    """A new password was chosen by the link that was sent to the e-mail address."""
    if user.email:
        email_verify(user_id=user.pk, email=user.email, now=timezone.now())


@receiver(channel_switched, dispatch_uid="home.contact_verification.receivers.start")
def start_came(user_id: int, on: bool, how: str, now: datetime, **kwargs: Any) -> None:
    """A START came from the person's number, so the number is theirs."""
    if on and how in ("sms", "whatsapp"):
        User.objects.filter(pk=user_id, phone_verified_at__isnull=True).update(phone_verified_at=now)
