"""Every address of the site: for each URL pattern, nested ones included, a path that it answers."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver, resolve
from django.urls.converters import get_converters
from django.utils import translation
from django.utils.regex_helper import normalize

SAMPLES = {
    "int": "1",
    "slug": "a-b",
    "str": "ab",
    "path": "a/b",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_KIND_OF = {type(converter): kind for kind, converter in get_converters().items()}


def every_path() -> Iterator[str]:
    """Of a pattern that an earlier one stands before too: who goes there comes to that one."""
    yield from sorted({f"/{path}" for path in _paths(get_resolver().url_patterns, "")})


def match_of(path: str) -> ResolverMatch:
    """What answers there, in the language that the path begins with, if any."""
    with translation.override(translation.get_language_from_path(path) or "en"):
        return resolve(path)


def _paths(patterns: Any, before: str) -> Iterator[str]:
    for each in patterns:
        for here in _samples(each.pattern):
            if isinstance(each, URLResolver):
                yield from _paths(each.url_patterns, before + here)
            else:
                assert isinstance(each, URLPattern)
                yield before + here


def _samples(pattern: Any) -> list[str]:
    """What this part of a path may be; each language has one of its own."""
    if hasattr(pattern, "language_prefix"):
        return ["en/", "af/"]
    if hasattr(pattern, "_route"):
        path = pattern._route
        for name, converter in pattern.converters.items():
            sample = SAMPLES.get(_KIND_OF.get(type(converter), "str"), "ab")
            path = re.sub(rf"<(\w+:)?{name}>", sample, path)
        return [path]
    found = []
    for form, names in normalize(pattern._regex.removeprefix("^")):
        for sample in ("1", "a", "a/b/", ""):
            path = form % dict.fromkeys(names, sample)
            if re.search(pattern._regex, path):
                found.append(path)
                break
    assert found, f"No sample for {pattern._regex}: add one."
    return found[:1]
