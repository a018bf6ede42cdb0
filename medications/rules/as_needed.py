"""How much may be taken of a medicine that is taken as needed: at least so long apart, and so often in 24 hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

from medications.rules.dose_kinds.as_needed import AsNeededRule

DAY = timedelta(hours=24)
"""Elapsed hours, wherever the clock goes: a dose counts until 24 hours after it was taken."""

Taken = tuple[datetime, Decimal]
"""When (aware) and how much."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Which limits a dose would break: too soon after or before another, too many in 24 hours, too much at once."""

    too_early: bool = False
    too_many: bool = False
    too_much: bool = False

    @property
    def is_broken(self) -> bool:
        return self.too_early or self.too_many or self.too_much


def doses_in(quantity: Decimal, rule: AsNeededRule) -> int:
    """As how many doses this counts: a part of one is one, and more than one is two."""
    return max(1, ceil(quantity / rule.quantity))


def count(rule: AsNeededRule, taken: Sequence[Taken], at: datetime) -> int:
    """How many doses were taken in the 24 hours up to `at`, that moment included."""
    return sum(doses_in(quantity, rule) for when, quantity in taken if at - DAY < when <= at)


def limit(rule: AsNeededRule, taken: Sequence[Taken], at: datetime, quantity: Decimal) -> Limit:
    """Which limits a dose of this quantity at this moment breaks, among those that were taken before and after it."""
    with_it = [*taken, (at, quantity)]
    ends = [at, *(when for when, _ in taken if at < when < at + DAY)]
    return Limit(
        too_early=any(abs(when - at) < rule.min_hours for when, _ in taken),
        too_many=any(count(rule, with_it, end) > rule.max_per_day for end in ends),
        too_much=quantity > rule.quantity,
    )


def next_at(rule: AsNeededRule, taken: Sequence[Taken], now: datetime) -> datetime:
    """The first moment from `now` on at which a whole dose breaks no limit; `now` itself when it is possible now."""
    moments = {now}
    for when, _ in taken:
        moments |= {when + rule.min_hours, when + DAY}
    possible = (moment for moment in sorted(moments) if moment >= now)
    return next(moment for moment in possible if not limit(rule, taken, moment, rule.quantity).is_broken)
