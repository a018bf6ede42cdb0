"""From texts with placeholders to finished messages.

A placeholder is `{{ name }}` and nothing more: no attribute, call, filter, tag or comment, so a text that
staff write can run nothing. What a value holds is never read as a placeholder. The results are plain text;
escaping is the page's work.
"""

import re
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Literal

from django.utils import timezone as zones
from django.utils import translation

from notifications.exceptions import TemplateTextError
from notifications.types import Detail, EventType, Rendered, Texts

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


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """One message to render: a value for each placeholder, and for whom."""

    values: Mapping[str, Hashable]
    language: str
    timezone: str
    detail: Detail


@dataclass(frozen=True, slots=True)
class _Plan:
    """The texts of one message, ready to fill; `names` are the placeholders that they use."""

    names: tuple[str, ...]
    reply_hint: str
    title: CompiledText
    body: CompiledText
    email_subject: CompiledText
    email_body: CompiledText
    short_text: CompiledText

    def fill(self, values: Mapping[str, str]) -> Rendered:
        return Rendered(
            title=_one_line(self.title.fill(values)),
            body=self.body.fill(values),
            email_subject=_one_line(self.email_subject.fill(values)),
            email_body=self.email_body.fill(values),
            short_text=_one_line(self.short_text.fill(values)),
            reply_hint=self.reply_hint,
        )


class _Values:
    """Formats the values of one event type in the active language and zone, equal ones once."""

    def __init__(self, event_type: EventType) -> None:
        self._formats: dict[str, Callable[[Any], str]] = {p.name: p.format for p in event_type.params}
        self._done: dict[tuple[str, Hashable], str] = {}

    def format(self, name: str, value: Hashable) -> str:
        key = (name, value)
        if key not in self._done:
            self._done[key] = _clean(self._formats[name](value))
        return self._done[key]


def placeholders(text: str) -> tuple[str, ...]:
    """The names of the placeholders in a text, each once, in order."""
    return tuple(dict.fromkeys(name for name, _ in _pieces(text) if name))


def problems(text: str, permitted: Collection[str]) -> list[Problem]:
    """What keeps a text from being used, each once, in order; empty when it is fine."""
    found: dict[Problem, None] = {}
    for name, piece in _pieces(text):
        if name is None:
            meant = piece[2:-2] if piece.startswith("{{") else ""
            found[Problem("not_a_placeholder", piece, _nearest(meant, permitted))] = None
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
        parts += [_clean(text[end : match.start()]), placeholder[1]]
        end = match.end()
    return CompiledText((*parts, _clean(text[end:])))


def render(
    event_type: EventType,
    texts: Texts,
    values: Mapping[str, Hashable],
    *,
    language: str,
    timezone: str,
    detail: Detail,
) -> Rendered:
    """Render one message in the reader's language and zone, whatever is active around the call.

    Only values whose placeholders are used are formatted. Titles, subjects and short texts come out on one
    line. The discreet subject and short text stand in for theirs unless `detail` is DETAILED.
    Raises TemplateTextError when a text has anything but the type's placeholders, or a value is missing.
    """
    request = RenderRequest(values, language, timezone, detail)
    return render_many(event_type, {language: texts}, [request])[0]


def render_many(
    event_type: EventType, texts: Mapping[str, Texts], requests: Sequence[RenderRequest]
) -> list[Rendered]:
    """Render a batch, in its order; `texts` holds the texts of each language that is asked for.

    What differs in nothing that shows is rendered once and shared; values that compare equal count as the
    same. Raises as `render` does, for the first message that can't be rendered, or has no texts.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for index, request in enumerate(requests):
        groups.setdefault((request.language, request.timezone), []).append(index)

    rendered: dict[int, Rendered] = {}
    for (language, timezone), indexes in groups.items():
        if language not in texts:
            raise TemplateTextError(f"{event_type.name} has no texts in {language!r}")
        with translation.override(language), zones.override(timezone):
            group = _render_group(event_type, texts[language], [requests[index] for index in indexes])
            rendered.update(zip(indexes, group, strict=True))
    return [rendered[index] for index in range(len(requests))]


def _render_group(
    event_type: EventType, texts: Texts, requests: Sequence[RenderRequest]
) -> Iterator[Rendered]:
    permitted = frozenset(param.name for param in event_type.params)
    hint = event_type.reply_hint.get(requests[0].language, "")
    plans = {
        detail: _plan(texts, detail, permitted, hint) for detail in {request.detail for request in requests}
    }
    values = _Values(event_type)
    done: dict[tuple[Detail, tuple[Hashable, ...]], Rendered] = {}
    for request in requests:
        plan = plans[request.detail]
        try:
            used = tuple(request.values[name] for name in plan.names)
        except KeyError as error:
            raise TemplateTextError(f"{event_type.name} got no value for {error}") from error
        key = (request.detail, used)
        if key not in done:
            done[key] = plan.fill(
                {name: values.format(name, value) for name, value in zip(plan.names, used, strict=True)}
            )
        yield done[key]


@lru_cache(maxsize=1024)
def _plan(texts: Texts, detail: Detail, permitted: frozenset[str], reply_hint: str) -> _Plan:
    detailed = detail is Detail.DETAILED
    compiled = [
        compile_text(text)
        for text in (
            texts.title,
            texts.body,
            texts.email_subject if detailed else texts.email_subject_discreet,
            texts.email_body,
            texts.short_text if detailed else texts.short_text_discreet,
        )
    ]
    names = tuple(dict.fromkeys(name for text in compiled for name in text.names))
    if unknown := [name for name in names if name not in permitted]:
        raise TemplateTextError(f"unknown placeholders: {', '.join(unknown)}")
    return _Plan(names, reply_hint, *compiled)


def _pieces(text: str) -> Iterator[tuple[str | None, str]]:
    """Each piece of template syntax in a text: the placeholder's name if it is one, and the piece."""
    for match in _SYNTAX.finditer(text):
        placeholder = _PLACEHOLDER.fullmatch(match[0])
        yield (placeholder[1] if placeholder else None), match[0]


def _nearest(meant: str, permitted: Collection[str]) -> str | None:
    return next(iter(get_close_matches(meant.strip().lower(), permitted, n=1)), None)


def _clean(text: str) -> str:
    """Line ends as "\\n", tabs as spaces, and nothing else that can't be printed."""
    if text.isprintable():
        return text
    return _UNPRINTABLE.sub("", _LINE_END.sub("\n", text)).replace("\t", " ")


def _one_line(text: str) -> str:
    if "\n" not in text:
        return text
    return " ".join(filter(None, map(str.strip, text.split("\n"))))
