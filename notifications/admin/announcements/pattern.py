"""How the pages of announcements show the pattern of a recurring one: as the app that knows patterns says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from notifications.recurrence import Pattern


@dataclass(frozen=True, slots=True)
class PatternPages:
    """`form` has the `pattern` among what is cleaned; `asked` are the answers to other questions with which a question
    of it is asked, and `initial` its initial data. `words` says a pattern, `left_out` why there is nothing on a day.
    """

    form: type[forms.Form]
    asked: Mapping[str, Mapping[str, Sequence[str]]]
    initial: Callable[[Pattern], dict[str, Any]]
    words: Callable[[Pattern], str]
    left_out: Callable[[Pattern, date], str]


_pages: list[PatternPages] = []


def register_pages(pages: PatternPages) -> None:
    _pages.append(pages)


def pages() -> PatternPages:
    """Those of the app that knows patterns."""
    return _pages[-1]
