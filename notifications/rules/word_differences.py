"""What differs between two wordings of one text, word by word."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

_PIECES = re.compile(r"\{\{.*?\}\}|\w+|\s+|.", re.DOTALL)
"""A placeholder is one piece, as a word is."""


class Kind(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


class Piece(NamedTuple):
    kind: Kind
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """What one reads who goes from one to the other: what is the same, removed and added, each as long as it can be.

    The pieces that aren't added are `before`, those that aren't removed are `after`.
    """
    return list(_pieces(_PIECES.findall(before), _PIECES.findall(after)))


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    # Without `autojunk`, which takes the words that a long text has often for noise.
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            yield Piece(Kind.SAME, "".join(old[old_from:old_to]))
            continue
        if old_from < old_to:
            yield Piece(Kind.REMOVED, "".join(old[old_from:old_to]))
        if new_from < new_to:
            yield Piece(Kind.ADDED, "".join(new[new_from:new_to]))
