"""The tokens that programs show. They are kept hashed, and they end."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.dispatch import receiver
from django.utils import translation
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from notifications.selectors.people import language_of


class PersonalToken(TokenAuthentication):
    """`Authorization: Token …`. From here on the request is answered in the person's language."""

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, AuthToken] | None:
        if not request.headers.get("Authorization", "").isascii():
            raise AuthenticationFailed
        found: tuple[AbstractBaseUser, AuthToken] | None = super().authenticate(request)
        if found is not None:
            translation.activate(language_of(found[0].pk))
        return found


def token_issue(*, user: AbstractBaseUser, now: datetime) -> tuple[AuthToken, str]:
    """A new token and its secret, which is told this once; what had ended is tidied away."""
    AuthToken.objects.filter(user=user, expiry__lte=now).delete()
    token, secret = AuthToken.objects.create(user=user, expiry=settings.REST_KNOX["TOKEN_TTL"])
    return token, secret


@dataclass(frozen=True, slots=True)
class OpenToken:
    """As its owner sees it: `name` is of use for nothing but to end it."""

    name: str
    created_at: datetime
    expires_at: datetime


def tokens_of(*, user: AbstractBaseUser, now: datetime) -> list[OpenToken]:
    """This person's tokens that hold, the newest first."""
    rows = AuthToken.objects.filter(user=user, expiry__gt=now).order_by("-created")
    return [OpenToken(_name(each), each.created, each.expiry) for each in rows]


def token_end(*, user: AbstractBaseUser, name: str) -> None:
    """Twice is harmless, and another's stays as it is."""
    for token in AuthToken.objects.filter(user=user):
        if _name(token) == name:
            token.delete()


def tokens_end(user_ids: Iterable[int]) -> None:
    """All tokens of these people end: they may do less than when they were given, or others know their password."""
    AuthToken.objects.filter(user_id__in=list(user_ids)).delete()


def _name(token: AuthToken) -> str:
    return hashlib.sha256(token.digest.encode()).hexdigest()[:32]


@receiver(
    [password_changed, password_reset, authenticator_added, authenticator_removed],
    dispatch_uid="notifications.api.ways_in_changed",
)
def ways_in_changed(user: AbstractBaseUser, **kwargs: Any) -> None:
    """Whoever chooses a new password may fear that somebody else has been signing in. And each token of somebody with
    a second step was given for a code of the one that they have now (docs/decisions/0071).
    """
    tokens_end([user.pk])
