"""The placeholders of a text: what they are, what is wrong with one, and filling them in.

A placeholder is `{{ name }}` and nothing more: no attribute, call, filter, tag or comment, so a text that
staff write can run nothing. What a value holds is never read as a placeholder.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal

from notifications.exceptions import TemplateTextError

# Whatever looks like template syntax, balanced or not. The innermost braces are the pair.
_SYNTAX = re.compile(
    r"\{\{(?:(?!\{\{|\}\}).)*\}\}|\{%(?:(?!\{%|%\}).)*%\}|\{#(?:(?!\{#|#\}).)*#\}|\{\{|\}\}|\{%|%\}|\{#|#\}",
    re.DOTALL,
)
_PLACEHOLDER = re.compile(r"\{\{ *([a-z][a-z0-9_]*) *\}\}")
# What str.splitlines() takes for the end of a line: each could break a header.
_LINE_END = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Neither a database nor a mail takes NUL or half a surrogate pair.
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text can't be used.

    `found` is the name of an "unknown" placeholder, or for "not_a_placeholder" the piece of the text itself.
    `nearest` is the permitted name that was probably meant.
    """

    kind: Literal["unknown", "not_a_placeholder"]
    found: str
    nearest: str | None


@dataclass(frozen=True, slots=True)
class CompiledText:
    """A text cut up: literal, name, literal, name, ... literal."""

    parts: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return self.parts[1::2]

    def fill(self, values: Mapping[str, str]) -> str:
        parts = list(self.parts)
        parts[1::2] = [values[name] for name in self.names]
        return "".join(parts)


def placeholders(text: str) -> tuple[str, ...]:
    """The names of the placeholders in a text, each once, in order."""
    return tuple(dict.fromkeys(name for name, _ in _pieces(text) if name))


def problems(text: str, permitted: Collection[str]) -> list[Problem]:
    """What keeps a text from being used, each once, in order; empty when it is fine."""
    found: dict[Problem, None] = {}
    for name, piece in _pieces(text):
        if name is None:
            found[Problem("not_a_placeholder", piece, _nearest(piece[2:-2], permitted))] = None
        elif name not in permitted:
            found[Problem("unknown", name, _nearest(name, permitted))] = None
    return list(found)


@lru_cache(maxsize=4096)
def compile_text(text: str) -> CompiledText:
    """Cut a text up at its placeholders, once. Raises TemplateTextError for anything else in braces."""
    parts: list[str] = []
    end = 0
    for match in _SYNTAX.finditer(text):
        placeholder = _PLACEHOLDER.fullmatch(match[0])
        if placeholder is None:
            raise TemplateTextError(f"{match[0]!r} is not a placeholder")
        parts += [clean(text[end : match.start()]), placeholder[1]]
        end = match.end()
    return CompiledText((*parts, clean(text[end:])))


def clean(text: str) -> str:
    """Line ends as "\\n", tabs as spaces, and nothing else that can't be printed."""
    if text.isprintable():
        return text
    return _UNPRINTABLE.sub("", _LINE_END.sub("\n", text)).replace("\t", " ")


def _pieces(text: str) -> Iterator[tuple[str | None, str]]:
    """Each piece of template syntax in a text: the placeholder's name if it is one, and the piece."""
    for match in _SYNTAX.finditer(text):
        placeholder = _PLACEHOLDER.fullmatch(match[0])
        yield (placeholder[1] if placeholder else None), match[0]


def _nearest(meant: str, permitted: Collection[str]) -> str | None:
    return next(iter(get_close_matches(meant.strip().lower(), permitted, n=1)), None)
