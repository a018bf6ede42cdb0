"""Which column of a file is which of a kind's: by its name, however it is written, in either language. Pure."""

import re
from collections.abc import Mapping, Sequence

from home.names import folded


def bare(name: str) -> str:
    """Without case, accents, spaces and signs: "Van / Surname *" is "vansurname"."""
    return re.sub(r"[^0-9a-z]", "", folded(name))


def match_columns(headings: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The position of each column whose heading is one of its `names`. The first heading of two has it."""
    found: dict[str, int] = {}
    wanted = {bare(name): column for column, all_names in names.items() for name in (column, *all_names)}
    for position, heading in enumerate(headings):
        column = wanted.get(bare(heading))
        if column is not None and column not in found:
            found[column] = position
    return found
