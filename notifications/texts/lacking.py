"""What a language lacks before messages can be in it, in its file and in its catalogue; and what is wrong there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import to_locale

from notifications import registry
from notifications.languages.files import COMMANDS, REPLY_HINT, LanguageFileError, read
from notifications.rules.placeholders import problems
from notifications.types import EventType


@dataclass(frozen=True, slots=True)
class Lacking:
    """Nothing of it, where the language is complete.

    `event_types` lack a discreet text, or how to answer by SMS; `words` are kinds of words (`files.COMMANDS`);
    `untranslated` is how many texts of the catalogue are, `no_catalogue` that there is none. `problem` says why its
    file can't be used.
    """

    event_types: tuple[EventType, ...] = ()
    words: tuple[str, ...] = ()
    untranslated: int = 0
    no_catalogue: bool = False
    problem: str = ""

    def __bool__(self) -> bool:
        return bool(self.event_types or self.words or self.untranslated or self.no_catalogue or self.problem)


def lacking(language: str) -> Lacking:
    """What this language lacks, which only messages are in."""
    try:
        file = read(language)
    except LanguageFileError as error:
        return Lacking(problem=str(error))
    untranslated = _untranslated(language)
    return Lacking(
        event_types=tuple(
            each for each in registry.event_types() if _is_unworded(each, file.says(each.name))
        ),
        words=tuple(name for name in COMMANDS if not file.words.get(name)),
        untranslated=untranslated or 0,
        no_catalogue=untranslated is None,
    )


def mistakes(language: str) -> Iterator[str]:
    """What is wrong with what its file says, so that no message could be made of it."""
    try:
        file = read(language)
    except LanguageFileError as error:
        yield str(error)
        return
    for name, texts in file.messages.items():
        event_type = registry.find(name)
        if event_type is None:
            yield f"there is no message type “{name}”"
            continue
        for field, text in texts.items():
            permitted = [] if field == REPLY_HINT else event_type.permitted(field)
            for problem in problems(text, permitted):
                yield f"{name}: {field} has {problem.found!r}, no permitted placeholder"


def _is_unworded(event_type: EventType, texts: Mapping[str, str]) -> bool:
    return not texts or (bool(event_type.reply_hint) and not texts.get(REPLY_HINT))


def _untranslated(language: str) -> int | None:
    """How many texts of its catalogues are, None where there is none."""
    places = [
        Path(each) / to_locale(language) / "LC_MESSAGES" / "django.po" for each in settings.LOCALE_PATHS
    ]
    counts = [_count(each, each.stat().st_mtime_ns) for each in places if each.exists()]
    return sum(counts) if counts else None


@lru_cache(maxsize=32)
def _count(path: Path, changed: int) -> int:
    import polib  # noqa: PLC0415 - few pages ask for it

    return len(polib.pofile(str(path)).untranslated_entries())
