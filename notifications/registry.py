"""The event types. A bad or double one is refused while the site starts."""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from notifications.exceptions import EventTypeError, PayloadError
from notifications.languages.listed import PAGES
from notifications.rules.placeholders import problems
from notifications.types import Category, EventType, Texts

_NAME = re.compile(r"[a-z]+\.[a-z_]+")
_PARAM = re.compile(r"[a-z][a-z0-9_]*")
_types: dict[str, EventType] = {}


def register(event_type: EventType) -> EventType:
    """Add a type; raises `EventTypeError` naming what is wrong with it."""
    _check(event_type)
    if event_type.name in _types:
        raise EventTypeError(f"Event type {event_type.name} is declared twice.")
    for other in _types.values():
        if other.category == event_type.category and _defaults(other) != _defaults(event_type):
            # People choose by category: what they see there must be true of each of its types.
            raise EventTypeError(
                f"{event_type.name} and {other.name} are of one category, so their channels and `clinical` must agree."
            )
    _types[event_type.name] = event_type
    return event_type


def unregister(name: str) -> None:
    """Take a type out again, as tests do."""
    del _types[name]


def get(name: str) -> EventType:
    """The type of that name; `EventTypeError` if there is none."""
    try:
        return _types[name]
    except KeyError:
        raise EventTypeError(f"There is no event type “{name}”.") from None


def find(name: str) -> EventType | None:
    """The type of that name, or None for a message that no publication made."""
    return _types.get(name)


def of_category(category: Category) -> EventType | None:
    """One of a category's types, which agree on their channels and on `clinical`; None when there are none."""
    return next(iter(types_of(category)), None)


def types_of(category: Category) -> tuple[EventType, ...]:
    """All types of a category, by name."""
    return tuple(each for each in event_types() if each.category == category)


def event_types() -> tuple[EventType, ...]:
    """All types, by name."""
    return tuple(_types[name] for name in sorted(_types))


def check_payload(event_type: EventType, payload: Mapping[str, Any]) -> None:
    """Raise `PayloadError` naming a missing, an unknown or a wrongly typed key."""
    for key in event_type.payload.keys() - payload.keys():
        raise PayloadError(f"{event_type.name}: the payload lacks “{key}”.")
    keys = {**event_type.payload, **event_type.optional}
    for key in payload.keys() - keys.keys():
        raise PayloadError(f"{event_type.name}: the payload has an unknown key “{key}”.")
    for key, kind in keys.items():
        if key in payload and not _is_a(payload[key], kind):
            raise PayloadError(f"{event_type.name}: “{key}” must be {kind.__name__}, not {payload[key]!r}.")


def _is_a(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _defaults(event_type: EventType) -> tuple[frozenset[str], bool]:
    return frozenset(name for name, on in event_type.channels.items() if on), event_type.clinical


def _check(event_type: EventType) -> None:
    name = event_type.name
    if not _NAME.fullmatch(name):
        raise EventTypeError(f"Event type “{name}” must be named like “medication.dose_due”.")
    names = [param.name for param in event_type.params]
    for param in names:
        if not _PARAM.fullmatch(param) or names.count(param) > 1:
            raise EventTypeError(f"{name}: the placeholder “{param}” is badly named or declared twice.")
    for language in PAGES:
        texts = event_type.texts.get(language)
        if texts is None:
            raise EventTypeError(f"{name}: there are no built-in texts in “{language}”.")
        _check_texts(event_type, language, texts)


def _check_texts(event_type: EventType, language: str, texts: Texts) -> None:
    name = event_type.name
    for field in fields(texts):
        text = getattr(texts, field.name)
        if not text:
            raise EventTypeError(f"{name}: {field.name} is empty in “{language}”.")
        for problem in problems(text, event_type.permitted(field.name)):
            raise EventTypeError(
                f"{name}: {field.name} in “{language}” has {problem.found!r}, no permitted placeholder."
            )
