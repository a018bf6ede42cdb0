"""Groups of people that staff address by name, such as all patients of a clinic.

The engine knows people, not patients or clinics. Whoever knows them says it here, while the site starts, as event types
are declared.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from notifications.exceptions import MessageError, NotificationError
from notifications.types import ABOUT_NOBODY, About


@dataclass(frozen=True, slots=True)
class Audience:
    """A group: its name, what people call it, and the ids of its live users, limited by `within`."""

    name: str
    label: Any
    user_ids: Callable[[Mapping[str, Any]], Iterable[int]]


@dataclass(frozen=True, slots=True)
class Within:
    """A part of the world that a member of staff may address; `limit` (JSON) is what an audience understands."""

    key: str
    label: str
    limit: Mapping[str, Any]


Scopes = Callable[[Any], Sequence[Within]]
Concern = Callable[[Mapping[str, Any]], About]

_audiences: dict[str, Audience] = {}
_scopes: list[Scopes] = []
_concerns: list[Concern] = []


def register(audience: Audience) -> None:
    """Add a group; raises NotificationError when its name is taken."""
    if audience.name in _audiences:
        raise NotificationError(f"The audience “{audience.name}” is declared twice.")
    _audiences[audience.name] = audience


def register_scopes(scopes: Scopes, concern: Concern) -> None:
    """Say what each member of staff may address, and what an announcement within such a `limit` is about."""
    _scopes.append(scopes)
    _concerns.append(concern)


def known() -> list[Audience]:
    """All groups, in the order in which they were declared."""
    return list(_audiences.values())


def user_ids(names: Collection[str], within: Mapping[str, Any]) -> set[int]:
    """Everybody in these groups, once; one query a group. Raises MessageError for an unknown one."""
    check(names)
    return {user_id for name in names for user_id in _audiences[name].user_ids(within)}


def check(names: Collection[str]) -> None:
    """Raise MessageError naming a group that there isn't, or when none is named."""
    if not names:
        raise MessageError("audiences: nobody is named.")
    for name in names:
        if name not in _audiences:
            raise MessageError(f"audiences: “{name}” is none of {', '.join(_audiences)}.")


def about(within: Mapping[str, Any]) -> About:
    """What an announcement with this limit is about."""
    return next((found for concern in _concerns if (found := concern(within)).scope_id), ABOUT_NOBODY)


def scopes_for(user: Any) -> list[Within]:
    """What this member of staff may address; nothing for others."""
    return [within for scopes in _scopes for within in scopes(user)]
