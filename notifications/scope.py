"""Whose messages a member of staff may see.

The engine knows people, not clinics. Whoever knows them says it here, once, while the site starts. Until then only
superusers see anything.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet

User = AbstractBaseUser | AnonymousUser
Scope = Callable[[Any], QuerySet[Any]]
"""Takes a member of staff, gives the ids (`values("pk")`) of the users whose messages they may see."""

_scopes: list[Scope] = []


def register_scope(scope: Scope) -> Scope:
    """Let staff see the messages of these people too; the scopes of several callers add up."""
    _scopes.append(scope)
    return scope


def unregister_scope(scope: Scope) -> None:
    """Take a scope out again, as tests do."""
    _scopes.remove(scope)


def limit(user: Any, rows: QuerySet[Any], *, recipient: str = "recipient") -> QuerySet[Any]:
    """Of these rows those that this user may see. `recipient` is the path from a row to its person."""
    if user.is_active and user.is_superuser:
        return rows
    visible = rows.none()
    if user.is_active:
        for scope in _scopes:
            visible = visible | rows.filter(**{f"{recipient}__in": scope(user)})
    return visible
