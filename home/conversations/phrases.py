"""Whether a text says one of many phrases. Pure.

A phrase is found as whole words, in any case, without apostrophes, marks and emoji, as commands are. A star at a word's
end stands for any ending: "bleed*" is in "bleeding". A phrase that begins with a minus says what isn't meant: with
"blood" and "-blood pressure" the words "my blood pressure" say nothing.
"""

from collections.abc import Iterable, Sequence

from notifications.rules.keywords import words_of

_ENDING, _NOT_MEANT = "*", "-"


def says(text: str, phrases: Iterable[str]) -> bool:
    """Whether one of these phrases is in it."""
    words: Sequence[str] = words_of(text)
    meant = []
    for phrase in phrases:
        parts = _parts(phrase)
        if phrase.strip().startswith(_NOT_MEANT):
            words = _without(words, parts)
        else:
            meant.append(parts)
    return any(_places(words, parts) for parts in meant)


def is_phrase(line: str) -> bool:
    """Whether anything can be found by it."""
    return bool(_parts(line))


def _parts(phrase: str) -> list[str]:
    """Its words; one with any ending keeps its star."""
    parts: list[str] = []
    for word in phrase.strip().removeprefix(_NOT_MEANT).split():
        plain = list(words_of(word.replace(_ENDING, "")))
        if plain and word.endswith(_ENDING):
            plain[-1] += _ENDING
        parts += plain
    return parts


def _without(words: Sequence[str], parts: Sequence[str]) -> list[str]:
    """With nothing in the places of this phrase, so that what stood around it doesn't become one."""
    gone = {place + each for place in _places(words, parts) for each in range(len(parts))}
    return ["" if place in gone else word for place, word in enumerate(words)]


def _places(words: Sequence[str], parts: Sequence[str]) -> list[int]:
    """Where this phrase begins."""
    if not parts:
        return []
    return [
        place
        for place in range(len(words) - len(parts) + 1)
        if all(
            word.startswith(part[:-1]) if part.endswith(_ENDING) else word == part
            for word, part in zip(words[place:], parts, strict=False)
        )
    ]
