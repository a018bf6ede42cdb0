"""What a provider without a file of its own is sent, and what it answers, as the environment describes both. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

PLACEHOLDERS = ("number", "digits", "text", "key")
"""What may stand in braces: the number in E.164, the same without its +, the text, and our own id of the message."""
REQUIRED = (frozenset({"number", "digits"}), frozenset({"text"}))
"""Of each of these one must stand somewhere."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def placeholders(fields: Any) -> set[str]:
    """The names that stand in braces anywhere in these fields."""
    if isinstance(fields, str):
        return set(_PLACEHOLDER.findall(fields))
    inside = fields.values() if isinstance(fields, Mapping) else fields if isinstance(fields, list) else ()
    return {name for each in inside for name in placeholders(each)}


def filled(fields: Any, values: Mapping[str, str]) -> Any:
    """The same fields with the values in the places of their names; what a value says is never read again."""
    if isinstance(fields, str):
        return _PLACEHOLDER.sub(lambda found: values[found[1]], fields)
    if isinstance(fields, Mapping):
        return {name: filled(each, values) for name, each in fields.items()}
    return [filled(each, values) for each in fields] if isinstance(fields, list) else fields


def flat(data: Any) -> dict[str, str]:
    """JSON as names and texts: {"messages": [{"id": 7}]} is {"messages.0.id": "7"}. What is null is left out."""
    return dict(_leaves("", data))


def _leaves(path: str, data: Any) -> Iterator[tuple[str, str]]:
    inside = (
        data.items() if isinstance(data, Mapping) else enumerate(data) if isinstance(data, list) else None
    )
    if inside is not None:
        for name, each in inside:
            yield from _leaves(f"{path}.{name}" if path else str(name), each)
    elif data is not None:
        yield path, str(data)
