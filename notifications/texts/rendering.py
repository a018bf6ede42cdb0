"""From texts with placeholders to finished messages. The results are plain text; escaping is the page's work."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils import timezone as zones
from django.utils import translation

from notifications.exceptions import TemplateTextError
from notifications.rules.placeholders import CompiledText, clean, compile_text
from notifications.texts.languages import reply_hint
from notifications.types import Detail, EventType, Rendered, Texts


class RenderRequest(NamedTuple):
    """One message to render: a value for each placeholder, and for whom."""

    values: Mapping[str, Hashable]
    language: str
    timezone: str
    detail: Detail


@dataclass(frozen=True, slots=True)
class _Plan:
    """The texts of one message, ready to fill; `names` are the placeholders that they use, and those wanted `also`."""

    names: tuple[str, ...]
    also: tuple[str, ...]
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
            values=tuple((name, _one_line(values[name])) for name in self.also),
        )


class _Values:
    """Formats the values of one event type in the active language and zone, equal ones once."""

    def __init__(self, event_type: EventType) -> None:
        self._formats: dict[str, Callable[[Any], str]] = {p.name: p.format for p in event_type.params}
        self._done: dict[tuple[str, Hashable], str] = {}

    def format(self, name: str, value: Hashable) -> str:
        key = (name, value)
        if key not in self._done:
            self._done[key] = clean(self._formats[name](value))
        return self._done[key]


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
    event_type: EventType,
    texts: Mapping[str, Texts],
    requests: Sequence[RenderRequest],
    *,
    also: Iterable[str] = (),
) -> list[Rendered]:
    """Render a batch, in its order; `texts` holds the texts of each language that is asked for, `also` the names of
    placeholders whose values are wanted by themselves, whatever the texts use.

    What differs in nothing that shows is rendered once and shared; values that compare equal count as the
    same. Raises as `render` does, for the first message that can't be rendered, or has no texts.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for index, request in enumerate(requests):
        groups.setdefault((request.language, request.timezone), []).append(index)

    names = tuple(sorted(also))
    rendered: dict[int, Rendered] = {}
    for (language, timezone), indexes in groups.items():
        if language not in texts:
            raise TemplateTextError(f"{event_type.name} has no texts in {language!r}")
        with translation.override(language), zones.override(timezone):
            group = _render_group(event_type, texts[language], [requests[index] for index in indexes], names)
            rendered.update(zip(indexes, group, strict=True))
    return [rendered[index] for index in range(len(requests))]


def _render_group(
    event_type: EventType, texts: Texts, requests: Sequence[RenderRequest], also: tuple[str, ...]
) -> Iterator[Rendered]:
    permitted = frozenset(param.name for param in event_type.params)
    hint = reply_hint(event_type, requests[0].language)
    plans = {
        detail: _plan(texts, detail, permitted, hint, also)
        for detail in {request.detail for request in requests}
    }
    values = _Values(event_type)
    done: dict[tuple[Detail, tuple[Hashable, ...]], Rendered] = {}
    for request in requests:
        plan = plans[request.detail]
        try:
            used = tuple(map(request.values.__getitem__, plan.names))
        except KeyError as error:
            raise TemplateTextError(f"{event_type.name} got no value for {error}") from error
        key = (request.detail, used)
        if key not in done:
            done[key] = plan.fill(
                {name: values.format(name, value) for name, value in zip(plan.names, used, strict=True)}
            )
        yield done[key]


@lru_cache(maxsize=1024)
def _plan(
    texts: Texts, detail: Detail, permitted: frozenset[str], reply_hint: str, also: tuple[str, ...]
) -> _Plan:
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
    names = tuple(dict.fromkeys([*(name for text in compiled for name in text.names), *also]))
    if unknown := [name for name in names if name not in permitted]:
        raise TemplateTextError(f"unknown placeholders: {', '.join(unknown)}")
    return _Plan(names, also, reply_hint, *compiled)


def _one_line(text: str) -> str:
    if "\n" not in text:
        return text
    return " ".join(filter(None, map(str.strip, text.split("\n"))))
