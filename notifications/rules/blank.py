"""Whether a text shows anything at all, however many characters it has."""

import unicodedata

_INVISIBLE = {"Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"}
"""Control and format characters, marks that stand on a letter, and spaces (Unicode's general categories)."""
_FILLERS = {"\u115f", "\u1160", "\u2800"}
"""Letters and a pattern that show nothing: fillers of Hangul, the empty pattern of Braille."""


def is_blank(text: str) -> bool:
    """Nothing of it is seen: spaces of any kind, joiners, marks alone, and fillers in whichever spelling (NFKC)."""
    return all(
        unicodedata.category(each) in _INVISIBLE or unicodedata.normalize("NFKC", each) in _FILLERS
        for each in text
    )
