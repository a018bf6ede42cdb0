"""What the file of a language says: how its messages are worded, and what people write in it (docs/languages.md).

The languages of pages have theirs in the code, beside what they are about. The others have a file each, which somebody
edits who knows the language and no programming.
"""

import logging
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from notifications.languages.listed import of_messages_alone
from notifications.rules.keywords import Words, words_of
from notifications.types import DISCREET_FIELDS, TEXT_FIELDS

logger = logging.getLogger(__name__)

REPLY_HINT = "reply_hint"
COMMANDS = ("stop", "start", "help", "yes", "no")
"""The words without which people can't answer in a language."""
_WORDS = (*COMMANDS, "stop_alone", "courtesy", "about_messages", "call", "danger")
_PARTS = ("draft", "words", "answers", "messages")


class LanguageFileError(Exception):
    """A file that can't be used, and why."""


@dataclass(frozen=True, slots=True)
class LanguageFile:
    """`messages` has by event type what its messages say, by field of `Texts`; also its `reply_hint`. `answers` has by
    event type and quick reply what people may write for it, `words` what they write otherwise.
    """

    is_draft: bool = True
    messages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def says(self, event_type: str) -> Mapping[str, str]:
        """What its messages of this type say; empty unless both discreet texts are there."""
        found = self.messages.get(event_type, {})
        return found if all(found.get(name) for name in DISCREET_FIELDS) else {}


def file_of(language: str) -> LanguageFile:
    """What its file says; nothing where there is none. One that can't be read is logged, and as good as none: messages
    then go in their readers' second choice. The site's checks refuse it at start.
    """
    try:
        return read(language)
    except LanguageFileError:
        logger.exception("The file of the language %(language)s can't be used.", {"language": language})
        return LanguageFile()


def read(language: str) -> LanguageFile:
    """The same, but one that can't be used raises LanguageFileError, which names what is wrong."""
    path = Path(settings.LANGUAGE_FILES) / f"{language}.toml"
    return _read(path, path.stat().st_mtime_ns) if path.exists() else LanguageFile()


def speaking(event_type: str) -> Iterator[str]:
    """The languages without pages in which messages of this type are worded."""
    return (language for language in of_messages_alone() if file_of(language).says(event_type))


def said_by_people(name: str) -> frozenset[str]:
    """The words of this kind in all files, as keywords: they are understood from everybody, also where the language
    isn't switched on.
    """
    return frozenset(
        word for language in of_messages_alone() for word in file_of(language).words.get(name, ())
    )


def answers_to(event_type: str, reply: str) -> frozenset[str]:
    """The keywords of all files that give this quick reply."""
    files = (file_of(language) for language in of_messages_alone())
    return frozenset(word for each in files for word in each.answers.get(event_type, {}).get(reply, ()))


def words() -> Words:
    """What all files teach `rules.keywords`."""
    return Words(
        **{
            name: said_by_people(name)
            for name in ("stop", "stop_alone", "start", "help", "about_messages", "call")
        },
        courtesy=frozenset(word for phrase in said_by_people("courtesy") for word in phrase.split()),
    )


@lru_cache(maxsize=32)
def _read(path: Path, changed: int) -> LanguageFile:
    """`changed`: a file that was edited is read anew."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        _refuse_others(written, _PARTS, "")
        return LanguageFile(
            is_draft=bool(written.get("draft", False)),
            messages={name: _texts(name, each) for name, each in _table(written, "messages").items()},
            answers={name: _answers(name, each) for name, each in _table(written, "answers").items()},
            words=_words(_table(written, "words")),
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
        raise LanguageFileError(f"{path.name}: {error}") from error


def _texts(name: str, written: Any) -> Mapping[str, str]:
    texts: Mapping[str, Any] = _as_table(written, f"messages.{name}")
    _refuse_others(texts, (*TEXT_FIELDS, REPLY_HINT), f"messages.{name}: ")
    for key, text in texts.items():
        if not isinstance(text, str):
            raise ValueError(f"messages.{name}: {key} is no text")
    return {key: text.strip() for key, text in texts.items()}


def _answers(name: str, written: Any) -> Mapping[str, frozenset[str]]:
    replies = _as_table(written, f"answers.{name}")
    return {reply: frozenset(_keywords(f"answers.{name}.{reply}", each)) for reply, each in replies.items()}


def _words(written: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    _refuse_others(written, _WORDS, "words: ")
    # What means danger is looked for as it stands (home.conversations.phrases).
    return {
        name: tuple(_list(f"words.{name}", each))
        if name == "danger"
        else tuple(_keywords(f"words.{name}", each))
        for name, each in written.items()
    }


def _keywords(where: str, written: Any) -> Iterator[str]:
    for each in _list(where, written):
        yield " ".join(words_of(each))


def _list(where: str, written: Any) -> list[str]:
    if not isinstance(written, list) or not all(isinstance(each, str) and words_of(each) for each in written):
        raise ValueError(f"{where} is no list of words")
    return written


def _table(written: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return _as_table(written.get(name, {}), name)


def _as_table(written: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(written, dict):
        raise ValueError(f"{where} is no table")
    return written


def _refuse_others(written: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    if unknown := sorted(written.keys() - set(known)):
        raise ValueError(f"{where}nobody knows {', '.join(unknown)}")
