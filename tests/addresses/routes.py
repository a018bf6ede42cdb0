"""All addresses of the site, as Django finds them: its own, and those of every package."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.http import Http404
from django.urls import URLResolver, get_resolver, resolve

WORDS = {
    "action": "delete",
    "action_name": "approve",
    "app_label": "home",
    "app_name": "wagtailimages",
    "content_type_app_name": "home",
    "content_type_model_name": "informationpage",
    "filter_spec": "width-100",
    "kind": "email",
    "language": "af",
    "model_name": "informationpage",
    "object_id": "1",
    "path": "a.png",
    "provider": "twilio",
    "rest": "x/",
    "revision_id_a": "earliest",
    "revision_id_b": "latest",
    "event_type": "medication.dose_due",
    "token": "unknown",
    "uidb36": "1",
    "uidb64": "MQ",
}
"""What stands for an argument that is no row."""


@dataclass(frozen=True)
class Address:
    name: str
    route: str
    path: str
    groups: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


def addresses(rows: Mapping[str, object]) -> Iterator[Address]:
    """Each that can be asked for, once, with these rows in its path. Its name is the route where it has none.

    An argument is found by the address's name, by its group where it is called `pk`, and by its own name.
    """
    seen = set()
    for route, name, groups in _patterns(get_resolver()):
        address = Address(name or route, route, _path(route, name, groups, rows), groups)
        if route not in seen and _is_reached(address):
            seen.add(route)
            yield address


def _patterns(
    resolver: URLResolver, before: str = "", groups: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _patterns(each, route, (*groups, each.namespace) if each.namespace else groups)
        else:
            yield route, ":".join([*groups[-1:], each.name]) if each.name else "", groups


def _path(route: str, name: str, groups: tuple[str, ...], rows: Mapping[str, object]) -> str:
    group = groups[-1] if groups else ""

    def value(argument: str) -> str:
        for key in (name, f"{group}:{argument}", group if argument == "pk" else "", argument):
            if key in rows:
                return str(rows[key])
        return WORDS.get(argument, "1")

    path = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^)]*\))*\)", lambda found: value(found[1]), route)
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: value(found[1]), path)
    unnamed = {r"(\d+)": "document_id", r"((?:[\w\-]+/)*)": "", "(.*)": "filename", ".*": "token"}
    for part, argument in unnamed.items():
        path = path.replace(part, value(argument) if argument else "")
    return "/" + re.sub(r"[\^$\\]", "", path)


def _is_reached(address: Address) -> bool:
    """Whether no pattern before it takes its path."""
    try:
        return resolve(address.path).route.replace("^", "") == address.route.replace("^", "")
    except Http404:
        return False
