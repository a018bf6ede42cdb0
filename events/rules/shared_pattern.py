"""One pattern for several series: what most of them have, and what becomes of each when that is changed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from events.rules.config import RecurringConfig

_Value = TypeVar("_Value")

_TOGETHER = (
    ("type", "interval", "weekdays", "month_day", "clamp", "nth", "month"),
    ("start_time", "end_time"),
    ("start_date", "until", "count"),
    ("skip_public_holidays",),
    ("active",),
)
"""Keys that say one thing together: a day of one pattern means nothing in another."""


def common(values: Iterable[_Value]) -> _Value:
    """The value that most have; of several the one that comes first. ValueError of none."""
    counted = Counter(list(values))
    if not counted:
        raise ValueError("There are no values.")
    return counted.most_common(1)[0][0]


def common_pattern(configs: Sequence[RecurringConfig]) -> RecurringConfig:
    """What most of these patterns say, of each thing by itself. It need not be valid."""
    found: dict[str, Any] = {"skip_dates": common(config.skip_dates for config in configs)}
    for names in _TOGETHER:
        found |= zip(names, common(_said(config, names) for config in configs), strict=True)
    return RecurringConfig(**found)


def followed(own: RecurringConfig, *, shown: RecurringConfig, new: RecurringConfig) -> RecurringConfig:
    """A pattern when the one that was `shown` for several becomes `new`: it follows where it was the same, and keeps
    what it has of its own. Dates that are left out are added and taken away. It need not be valid.
    """
    skip_dates = (own.skip_dates - (shown.skip_dates - new.skip_dates)) | (new.skip_dates - shown.skip_dates)
    values: dict[str, Any] = {"skip_dates": skip_dates}
    for names in _TOGETHER:
        if _said(own, names) == _said(shown, names):
            values |= zip(names, _said(new, names), strict=True)
    return replace(own, **values)


def keeps_own(own: RecurringConfig, *, shown: RecurringConfig, new: RecurringConfig) -> bool:
    """Whether it doesn't follow in something."""
    return any(
        _said(shown, names) != _said(new, names)
        and _said(own, names) not in (_said(shown, names), _said(new, names))
        for names in _TOGETHER
    )


def _said(config: RecurringConfig, names: Iterable[str]) -> tuple[Any, ...]:
    return tuple(getattr(config, name) for name in names)
