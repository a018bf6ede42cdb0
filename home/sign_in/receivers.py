"""A session in which a second step is set up has passed it: the code that was typed shows it."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_reset
from django.dispatch import receiver
from django.http import HttpRequest

from home.models import User


@receiver([authenticator_added, authenticator_reset], dispatch_uid="home.sign_in.receivers.authenticator")
def second_step_set_up(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
