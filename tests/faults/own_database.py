"""A database of a test's own, into which this process looks too."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dj_database_url
from django.db import connection


@contextmanager
def moved_to(url: str) -> Iterator[None]:
    """This process too looks into that database."""
    there = {name: value for name, value in dj_database_url.parse(url).items() if name in _WHERE}
    here = {name: connection.settings_dict[name] for name in _WHERE}
    try:
        _move(there)
        yield
    finally:
        _move(here)


_WHERE = ("HOST", "PORT", "USER", "PASSWORD", "NAME")


def _move(where: dict[str, Any]) -> None:
    pooled: Any = connection
    pooled.close()
    pooled.close_pool()
    connection.settings_dict.update(where)
