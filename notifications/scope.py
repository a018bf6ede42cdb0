"""Whose messages a member of staff may see, and to whom they may write.

A message is seen by the scope that it belongs to, whoever got it: somebody who cares for patients of two clinics gets
messages that each of them alone may see. The engine knows neither clinics nor patients. Whoever knows them says it
here, once, while the site starts. Until then, and of what belongs to no scope, only superusers see anything.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet

from notifications.types import ABOUT_NOBODY, About

User = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True, slots=True)
class Scopes:
    """What the engine is told of the parts that the world of this site has. Each callable makes one query."""

    of_staff: Callable[[Any], QuerySet[Any]]
    """Takes a member of staff, gives the ids (`values("pk")`) of the scopes whose messages they may see."""
    people: Callable[[Any], QuerySet[Any]]
    """Takes a member of staff, gives the ids of the users that belong to their scopes."""
    about: Callable[[Any, Collection[int], int | None], Mapping[int, About | None]]
    """Takes who writes, the ids of those they write to, and whom it is about, where that was said. Gives what the
    message to each is about: none for whom they may not write to, None where it could be of several scopes."""
    of_person: Callable[[int], About]
    """Takes a user's id, gives the one scope that they belong to; about nobody where they belong to several."""


_scopes: list[Scopes] = []


def register_scopes(scopes: Scopes) -> None:
    """Say what scopes there are. What was said last holds."""
    _scopes.append(scopes)


def unregister_scopes(scopes: Scopes) -> None:
    """Take them out again, as tests do."""
    _scopes.remove(scopes)


def limit(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of these rows those that this user may see, by their `scope_id`."""
    return _limited(user, rows, lambda scopes: {"scope_id__in": scopes.of_staff(user)})


def limit_in_order(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The same for a long list by its own `scope_id`, at once: one query more. Only where the database knows the scope
    it goes along that scope's index, in the list's order.
    """
    return _limited(
        user, rows, lambda scopes: {"scope_id__in": [row["pk"] for row in scopes.of_staff(user).values("pk")]}
    )


def limit_people(user: Any, people: QuerySet[Any]) -> QuerySet[Any]:
    """Of these users those that belong to the scopes of this one."""
    return _limited(user, people, lambda scopes: {"pk__in": scopes.people(user)})


def about(
    user: Any, user_ids: Collection[int], *, subject_id: int | None = None
) -> Mapping[int, About | None]:
    """What a message of this user to each of these people is about, as `Scopes.about` says."""
    if user.is_active and _scopes:
        return _scopes[-1].about(user, user_ids, subject_id)
    return {}


def of_person(user_id: int) -> About:
    """What somebody's own words are about, which answer no message: the one scope that they belong to."""
    return _scopes[-1].of_person(user_id) if _scopes else ABOUT_NOBODY


def _limited(user: Any, rows: QuerySet[Any], condition: Callable[[Scopes], dict[str, Any]]) -> QuerySet[Any]:
    if user.is_active and user.is_superuser:
        return rows
    return rows.filter(**condition(_scopes[-1])) if user.is_active and _scopes else rows.none()
