"""The parts of the world that may have words of their own: a clinic's messages can be worded otherwise than others'.

The engine knows no clinics. Whoever knows them says here, while the site starts, which of them a member of staff may
look at, and for which they write. Words that belong to no place are head office's, and superusers write them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """A place as one member of staff sees it: the `scope_id` of messages that belong to it, and what people call it.

    `writes` is whether this person writes its words.
    """

    scope_id: int
    label: str
    writes: bool


Places = Callable[[Any], Sequence[Place]]

_places: list[Places] = []


def register_places(places: Places) -> None:
    """Say which places a member of staff may look at. It makes a constant number of queries."""
    _places.append(places)


def places_of(user: Any) -> list[Place]:
    """The places whose words this member of staff may see; none for others."""
    return [place for places in _places for place in places(user)] if user.is_active else []


def written_by(user: Any) -> set[int | None]:
    """The scopes whose words this person writes; None among them stands for head office's."""
    written: set[int | None] = {place.scope_id for place in places_of(user) if place.writes}
    return written | {None} if user.is_active and user.is_superuser else written


def seen_by(user: Any) -> set[int]:
    """The scopes whose words this person may see, beside head office's."""
    return {place.scope_id for place in places_of(user)}
