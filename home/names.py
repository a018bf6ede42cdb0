"""When two patients look alike. Pure."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Known(NamedTuple):
    """A patient as others know them."""

    id: int
    name: str
    born: date | None


def name_key(name: str) -> tuple[str, ...]:
    """The same for names that differ only in case, accents, spaces or the order of their words."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return tuple(sorted(bare.replace("-", " ").split()))


def may_be_the_same(one: Known, other: Known) -> bool:
    """Whether they may be one person: the same name, and no two different dates of birth."""
    return name_key(one.name) == name_key(other.name) and (
        one.born == other.born or None in (one.born, other.born)
    )


def look_alike(people: Iterable[Known]) -> set[int]:
    """The ids of those whose name somebody else among them has too."""
    by_name: dict[tuple[str, ...], list[int]] = {}
    for each in people:
        by_name.setdefault(name_key(each.name), []).append(each.id)
    return {id_ for ids in by_name.values() if len(ids) > 1 for id_ in ids}
