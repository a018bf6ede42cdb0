"""Numbers that come in an address or a form, where anybody may write anything."""

from collections.abc import Iterable

MOST_DIGITS = 18
"""As many as fit an id of the database; Python refuses to read some thousands at all."""


def whole_number(text: str) -> int | None:
    """What these digits say; None for anything else, and for more digits than an id has."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def whole_numbers(texts: Iterable[str]) -> set[int]:
    """Those of these texts that say one."""
    return {number for number in map(whole_number, texts) if number is not None}
