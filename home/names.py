"""When two patients look alike. Pure."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from difflib import SequenceMatcher
from typing import NamedTuple


class Known(NamedTuple):
    """A patient as others know them."""

    id: int
    name: str
    born: date | None


_DASHES = dict.fromkeys(map(ord, "-\u2010\u2011\u2012\u2013"), " ")
_NEAR = 0.78
"""From here on two names may be one that was heard or typed wrong: Pieter and Petrus, Fatima and Fatema."""
_A_NAME = 3
"""Letters of a word that says something by itself: "van" and "de" don't."""
_PARTICLES = {"van", "der", "den", "von", "das", "dos", "bin", "ben"}


def folded(name: str) -> str:
    """Without what people leave out when they look for a name: case, accents, dashes, apostrophes, spaces."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(
        letter
        for letter in letters
        if not unicodedata.combining(letter) and letter not in "'\u2018\u2019`\u00b4\u02bc"
    )
    return " ".join(bare.translate(_DASHES).split())


def name_key(name: str) -> tuple[str, ...]:
    """The same for names that differ only in case, accents, spaces or the order of their words."""
    return tuple(sorted(folded(name).split()))


def searchable(first_name: str, last_name: str) -> str:
    """What a search looks into: the name folded, and once more in one word, for who writes vandermerwe."""
    apart = folded(f"{first_name} {last_name}")
    together = apart.replace(" ", "")
    return f"{apart} {together}" if apart.count(" ") > 1 else apart


def may_be_the_same(one: Known, other: Known) -> bool:
    """Whether they may be one person: the same name, and no two different dates of birth."""
    return name_key(one.name) == name_key(other.name) and (
        one.born == other.born or None in (one.born, other.born)
    )


def near(one: Known, other: Known) -> bool:
    """Whether they were born on one day, and have a name in common, or names that sound alike."""
    return one.born is not None and one.born == other.born and sound_alike(one.name, other.name)


def sound_alike(one: str, other: str) -> bool:
    """Whether two people's names have one in common, or sound alike."""
    mine, theirs = name_key(one), name_key(other)
    shared = set(mine) & set(theirs) - _PARTICLES
    if any(len(word) >= _A_NAME for word in shared):
        return True
    return SequenceMatcher(None, " ".join(mine), " ".join(theirs), autojunk=False).ratio() >= _NEAR


def look_alike(people: Iterable[Known]) -> set[int]:
    """The ids of those whose name somebody else among them has too."""
    by_name: dict[tuple[str, ...], list[int]] = {}
    for each in people:
        by_name.setdefault(name_key(each.name), []).append(each.id)
    return {id_ for ids in by_name.values() if len(ids) > 1 for id_ in ids}
