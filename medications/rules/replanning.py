"""What becomes of doses when their plan changes: a dose keeps its identity.

Within the plan's own period (the local day; of weekday rules the ISO week; of every-N-days and cycles their days; of
intervals their hours) as many of the new doses count as done as were answered, were missed, or are open and past in
it. An open dose moves to its new time; one whose new time has passed is due now, where the plan's spacing allows it,
and is recorded as passed where it doesn't. Nothing is doubled, and nothing that was due vanishes.

All instants are aware. Values in, values out: whoever calls has the rows and the clock.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

_ONE_MINUTE = timedelta(minutes=1)


class Start(StrEnum):
    """From when a changed plan holds.

    COUNTED: at once, and what was taken or missed in its period counts. AGAIN: at once, and what was taken or missed
    until now counts for nothing. TOMORROW: today's doses stay as they were.
    """

    COUNTED = "counted"
    AGAIN = "again"
    TOMORROW = "tomorrow"


@dataclass(frozen=True, kw_only=True)
class Existing:
    """A dose as it is. `day` and `at` are what the patient's wall showed at the time for which it was planned.

    `is_settled`: it was answered or missed, so it never moves.
    """

    id: int
    schedule: int | None
    due_at: datetime
    day: date
    at: time
    is_settled: bool


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A dose of the new plan, with the days of its period, and for an interval the time around it instead."""

    schedule: int
    due_at: datetime
    day: date
    at: time
    quantity: Decimal
    first: date
    last: date
    elapsed: timedelta | None = None

    def is_same(self, dose: Existing) -> bool:
        """Whether that dose may count as this one."""
        if self.elapsed is not None:
            return abs(self.due_at - dose.due_at) < self.elapsed
        return self.first <= dose.day <= self.last

    def distance(self, dose: Existing) -> timedelta:
        """On the wall, so that a journey changes nothing; of an interval the elapsed time."""
        if self.elapsed is not None:
            return abs(self.due_at - dose.due_at)
        return abs(datetime.combine(self.day, self.at) - datetime.combine(dose.day, dose.at))


@dataclass(frozen=True, kw_only=True)
class Move:
    """An open dose at its place in the new plan, which may be where it is. `has_passed`: there was no time for it."""

    dose: Existing
    planned: Planned
    due_at: datetime
    has_passed: bool = False


@dataclass(frozen=True, kw_only=True)
class Replanned:
    """What to do. Doses that are named nowhere stay as they are.

    `surplus` are open doses of the past that the new plan has no place for: they stay, without more reminders.
    `extra` are those that are taken once more, as staff decided.
    """

    moves: Sequence[Move]
    removed: Sequence[Existing]
    surplus: Sequence[Existing]
    created: Sequence[Planned]
    extra: Sequence[Planned]


def replan(
    existing: Collection[Existing],
    planned: Collection[Planned],
    *,
    now: datetime,
    today: date,
    window: timedelta,
    start: Start = Start.COUNTED,
) -> Replanned:
    """The doses of one prescription brought in line with its new plan.

    `existing` and `planned` reach as far back as the plan's longest period. `today` is the patient's local date.
    `window` is how long after its time a dose may still be taken.
    """
    if start == Start.TOMORROW:
        planned = [each for each in planned if each.day > today]
    stays = {each.id for each in existing if each.is_settled or _is_kept(each, today, start)}
    past = [each for each in existing if each.id in stays or each.due_at <= now]
    counted = {each.id for each in past}
    ahead = [each for each in existing if each.id not in counted]
    done = dict(_matched(past, planned))
    free = _without(planned, done.values())
    followed = dict(_matched(ahead, free))
    moves = [
        Move(dose=dose, planned=new, due_at=new.due_at)
        for dose, new in done.items()
        if dose.id not in stays and new.due_at > now
    ]
    moving = {move.dose.id for move in moves}
    fixed = [dose for dose in past if dose.id not in moving]
    moves += _followed(followed, planned, fixed, now, window)
    taken = [(dose, new) for dose, new in done.items() if dose.is_settled and dose.due_at <= now < new.due_at]
    return Replanned(
        moves=list(_apart(moves, existing)),
        removed=[dose for dose in ahead if dose not in followed],
        surplus=[dose for dose in past if dose.id not in stays and dose not in done],
        created=[new for new in _without(free, followed.values()) if new.due_at > now],
        extra=[new for _dose, new in taken] if start == Start.AGAIN else [],
    )


def _is_kept(dose: Existing, today: date, start: Start) -> bool:
    """Whether staff decided that the dose stays where it is."""
    return start == Start.TOMORROW and dose.day <= today


def _without(planned: Iterable[Planned], gone: Iterable[Planned]) -> list[Planned]:
    out = set(gone)
    return [each for each in planned if each not in out]


def _matched(doses: Iterable[Existing], planned: Iterable[Planned]) -> Iterator[tuple[Existing, Planned]]:
    """Each dose with the nearest planned one of its period, no dose and none of the plan twice.

    Those of one schedule belong together first.
    """
    new = list(planned)
    pairs = [(dose, each) for dose in doses for each in new if each.is_same(dose)]
    pairs.sort(
        key=lambda pair: (
            pair[0].schedule != pair[1].schedule,
            pair[1].distance(pair[0]),
            pair[1].due_at,
            pair[0].due_at,
            pair[0].id,
        )
    )
    gone: set[int] = set()
    taken: set[Planned] = set()
    for dose, each in pairs:
        if dose.id not in gone and each not in taken:
            gone.add(dose.id)
            taken.add(each)
            yield dose, each


def _followed(
    followed: dict[Existing, Planned],
    planned: Collection[Planned],
    fixed: Collection[Existing],
    now: datetime,
    window: timedelta,
) -> Iterator[Move]:
    """The moves of doses that lay ahead. Of those whose new time has passed, the last is due now if nothing is near."""
    late = [new for new in followed.values() if new.due_at <= now]
    last = max(late, key=lambda new: new.due_at, default=None)
    for dose, new in followed.items():
        if new.due_at > now:
            yield Move(dose=dose, planned=new, due_at=new.due_at)
        elif new == last and _is_apart(new, planned, fixed, now):
            yield Move(dose=dose, planned=new, due_at=now.replace(second=0, microsecond=0))
        else:
            passed = new != last or now - new.due_at >= window
            yield Move(dose=dose, planned=new, due_at=new.due_at, has_passed=passed)


def _is_apart(
    new: Planned, planned: Collection[Planned], fixed: Collection[Existing], now: datetime
) -> bool:
    """Whether a dose that is due now is as far from the others of its period as these are from each other."""
    together = [each for each in planned if each.first <= new.day <= each.last]
    times = sorted({each.due_at for each in together})
    if len(times) == 1:
        return True
    gap = min(later - earlier for earlier, later in pairwise(times))
    others = [each.due_at for each in together if each.due_at > now]
    others += [dose.due_at for dose in fixed if new.is_same(dose)]
    return all(abs(each - now) >= gap for each in others)


def _apart(moves: Iterable[Move], existing: Iterable[Existing]) -> Iterator[Move]:
    """The moves with no two doses of a schedule at one time: after a journey a new time can be an old one's."""
    moving = list(moves)
    leaving = {move.dose.id for move in moving}
    used = {(dose.schedule, dose.due_at) for dose in existing if dose.id not in leaving}
    for move in moving:
        due_at = move.due_at
        while (move.planned.schedule, due_at) in used:
            due_at += _ONE_MINUTE
        used.add((move.planned.schedule, due_at))
        yield replace(move, due_at=due_at)
