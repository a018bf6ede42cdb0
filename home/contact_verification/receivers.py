"""What a person has shown to be theirs by signing in."""

from typing import Any

from allauth.account.signals import authentication_step_completed, password_reset
from django.dispatch import receiver
from django.utils import timezone

from home.contact_verification.contacts import email_proved
from home.models import User


@receiver(authentication_step_completed, dispatch_uid="home.contact_verification.receivers.code")
def code_typed(user: User, method: str, email: str | None = None, **kwargs: Any) -> None:
    """A sign-in code that went to an e-mail address was typed in; the same by SMS the account adapter is told."""
    if method == "code" and email:
        email_proved(user_id=user.pk, email=email, now=timezone.now())


@receiver(password_reset, dispatch_uid="home.contact_verification.receivers.password_reset")
def link_opened(user: User, **kwargs: Any) -> None:
    """Who chose a new password had the link that went to their e-mail address."""
    if user.email:
        email_proved(user_id=user.pk, email=user.email, now=timezone.now())
