"""What a session has proved: allauth notes in it each step that was passed, and when."""

from datetime import datetime
from typing import Any

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest


def second_step_open(request: HttpRequest) -> bool | None:
    """Whether the account has a second step that this session has still to pass; None where it has none. One query.

    The step that was passed must be one that the account still has: after another phone was set up, a session that
    knows only the lost one is asked anew.
    """
    factors = set(Authenticator.objects.filter(user_id=request.user.pk).values_list("pk", flat=True))
    if not factors:
        return None
    return factors.isdisjoint(each.get("id") for each in _records(request) if each["method"] == "mfa")


def asked_lately(request: HttpRequest, *, now: datetime) -> bool:
    """Whether the person has proved who they are after they signed in, and not long ago."""
    asked = [each["at"] for each in _records(request) if each.get("reauthenticated")]
    return bool(asked) and now.timestamp() - asked[-1] < app_settings.REAUTHENTICATION_TIMEOUT


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return records
