"""The time zones that a person may choose, what holds where another name is stored, and whose zone is which."""

from collections.abc import Callable, Collection, Mapping
from functools import cache
from importlib.resources import files

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_NOT_PLACES = frozenset({"localtime", "Factory", "posixrules"})

UsualZones = Callable[[Collection[int]], Mapping[int, str]]
"""Takes ids of users, gives the zones of those whose place is known."""

ScopeZones = Callable[[Collection[int]], Mapping[int, str]]
"""Takes ids of scopes, gives their zones."""

_usual: list[UsualZones] = []
_of_scopes: list[ScopeZones] = []


@cache
def timezone_names() -> frozenset[str]:
    """The IANA names of the pinned tzdata package, which every machine of ours has, whatever else its system lists."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()) - _NOT_PLACES


def validate_timezone(name: str) -> None:
    """Refuse what isn't an IANA time zone."""
    if name not in timezone_names():
        raise ValidationError(_("“%(name)s” is not a time zone."), code="timezone", params={"name": name})


def known_zone(name: str, otherwise: str = "") -> str:
    """This zone if there is one of that name, else the other, by default the site's.

    Rows may hold what was possible when they were written, or what was written past the forms.
    """
    return name if name in timezone_names() else otherwise or settings.TIME_ZONE


def register_usual_zones(usual: UsualZones) -> UsualZones:
    """Say where people are; asked only about those whose own zone is unknown."""
    _usual.append(usual)
    return usual


def usual_zones(user_ids: Collection[int]) -> dict[int, str]:
    """The zones of the places that these people belong to, all of them known names; others are left out."""
    found: dict[int, str] = {}
    if user_ids:
        for usual in _usual:
            found |= {user_id: zone for user_id, zone in usual(user_ids).items() if zone in timezone_names()}
    return found


def register_scope_zones(zones: ScopeZones) -> None:
    """Say in which zone each part of the world is; it takes the place of what was said before."""
    _of_scopes[:] = [zones]


def zones_of_scopes(scope_ids: Collection[int | None]) -> dict[int | None, str]:
    """The zone of each of these; the site's for None, and for one that nobody knows. At most one query."""
    asked = {id_ for id_ in scope_ids if id_ is not None}
    known = _of_scopes[0](asked) if _of_scopes and asked else {}
    return {id_: known_zone(known.get(id_, "")) if id_ is not None else known_zone("") for id_ in scope_ids}
