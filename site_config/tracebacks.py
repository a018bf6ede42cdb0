"""Where an exception happened and of what kind it was. What it says may quote a person's data, so callers decide."""

import traceback
from collections.abc import Callable

from notifications.database_errors import words_of

Quotes = Callable[[BaseException], bool]
"""Whether what this exception says may be repeated."""


def traceback_of(error: BaseException | None, *, quotes: Quotes) -> str:
    """The tracebacks of an exception and of those that led to it, oldest first: lines of code, no values."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nwhich led to\n\n".join(_one(each, quotes=quotes) for each in reversed(chain))


def _one(error: BaseException, *, quotes: Quotes) -> str:
    where = "".join(traceback.format_tb(error.__traceback__))
    parts = [f"Traceback (most recent call last):\n{where}{said_by(error, quotes=quotes)}"]
    if isinstance(error, BaseExceptionGroup):
        parts += [traceback_of(each, quotes=quotes) for each in error.exceptions]
    return "\n\n".join(parts)


def said_by(error: BaseException, *, quotes: Quotes) -> str:
    """Its kind, and its words where they may be repeated."""
    return f"{kind_of(error)}: {words_of(error)}" if quotes(error) else kind_of(error)


def kind_of(error: BaseException) -> str:
    """The name of its class, with its module."""
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
