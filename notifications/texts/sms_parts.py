"""What a short text costs as SMS: its encoding, and how many parts it is sent in.

The alphabet is 3GPP TS 23.038 (GSM 03.38), 6.2.1 and 6.2.1.1; the room in a part of a longer message is what
the concatenation header of 3GPP TS 23.040, 9.2.3.24.1, leaves.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")

Encoding = Literal["GSM-7", "UCS-2"]
# Units in a message of one part, and in each part of a longer one.
ROOM: dict[Encoding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}

# What has no accent to lose. The rest is left to Unicode's decompositions.
STAND_INS = {
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—−", "-"),
    **dict.fromkeys("•·", "*"),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
    "\t": " ",
    "…": "...",
    "ŉ": "'n",
    "×": "x",
    "⁄": "/",
}


@dataclass(frozen=True, slots=True)
class ShortText:
    """The measure of one text.

    `units` are septets in GSM-7 and UTF-16 code units in UCS-2. `characters_left` is the room that is left in
    the last part. `unencodable` are the characters, each once and in order, that force UCS-2.
    """

    encoding: Encoding
    units: int
    parts: int
    characters_left: int
    unencodable: tuple[str, ...]


def measure(text: str) -> ShortText:
    """Measure a text as it would be sent; an empty one has no part."""
    unencodable = tuple(dict.fromkeys(c for c in text if c not in BASIC and c not in EXTENSION))
    encoding: Encoding
    if unencodable:
        encoding = "UCS-2"
        sizes = [2 if ord(c) > 0xFFFF else 1 for c in text]
    else:
        encoding = "GSM-7"
        sizes = [2 if c in EXTENSION else 1 for c in text]

    units = sum(sizes)
    single, each = ROOM[encoding]
    if units <= single:
        parts, left = (1 if units else 0), single - units
    else:
        parts, left = _packed(sizes, each)
    return ShortText(encoding, units, parts, left, unencodable)


def _packed(sizes: Iterable[int], room: int) -> tuple[int, int]:
    """The parts, and the room left in the last: a character of two units is never cut in half."""
    parts, left = 1, room
    for size in sizes:
        if size > left:
            parts, left = parts + 1, room
        left -= size
    return parts, left


def cheaper(text: str) -> str:
    """The text without the characters that force UCS-2, where that saves parts: “môre” as “more”, “’n” as “'n”.

    Typographic marks become typewriter ones, letters lose accents that GSM-7 lacks. If anything is left that has no
    such stand-in (an emoji, another script), or nothing is saved, the text stays as it is.
    """
    before = measure(text)
    if not before.unencodable:
        return text
    replaced = "".join(_stand_in(c) for c in text)
    after = measure(replaced)
    return replaced if not after.unencodable and after.parts < before.parts else text


def _stand_in(character: str) -> str:
    if character in BASIC or character in EXTENSION:
        return character
    if character in STAND_INS:
        return STAND_INS[character]
    # A letter with its accents apart; the accents are of a class of their own, which spaces and letters aren't.
    letters = (c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    return "".join(STAND_INS.get(c, c) for c in letters)
