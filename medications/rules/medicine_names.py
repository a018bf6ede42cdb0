"""When two medicines look alike. Pure."""

import re
import unicodedata

_THOUSANDS = re.compile(r"(?<=\d)\s(?=\d{3}(?!\d))")
_WORDS = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")


def medicine_words(name: str, strength: str) -> tuple[str, ...]:
    """The words of a name with its strength, in order: the same whatever the case, accents, spaces and signs, and
    whether the strength is part of the name: "Metformin 500 mg" and "metformin", "500mg". A number stays what it is,
    with a comma or a point: 2,5 is 2.5 and not 25. 50 000 is 50000.
    """
    letters = unicodedata.normalize("NFKD", f"{name} {strength}".casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return tuple(word.replace(",", ".") for word in _WORDS.findall(_THOUSANDS.sub("", bare)))
