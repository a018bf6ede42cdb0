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

Place = tuple[int | None, datetime]
"""A schedule and a due time, of which there is one dose at most."""

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

    `is_settled`: it was answered or missed, so it never moves; `taken_at` is when it was really taken. `is_begun`:
    somebody was reminded of it.
    """

    id: int
    schedule: int | None
    due_at: datetime
    day: date
    at: time
    is_settled: bool
    taken_at: datetime | None = None
    is_begun: bool = False


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A dose of the new plan, with the days of its period, and for an interval the time around it instead.

    `each_day`: what was taken on a day that has doses of the plan counts for that day alone.
    """

    schedule: int
    due_at: datetime
    day: date
    at: time
    quantity: Decimal
    first: date
    last: date
    elapsed: timedelta | None = None
    each_day: bool = False

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
    `extra` are those that are taken once more, as staff decided. `counted` says which dose stands for which new one
    that is therefore not to be taken.
    """

    moves: Sequence[Move]
    removed: Sequence[Existing]
    surplus: Sequence[Existing]
    created: Sequence[Planned]
    extra: Sequence[Planned]
    counted: Sequence[tuple[Existing, Planned]]


def replan(
    existing: Collection[Existing],
    planned: Collection[Planned],
    *,
    now: datetime,
    today: date,
    window: timedelta,
    start: Start = Start.COUNTED,
    others: Collection[Place] = (),
) -> Replanned:
    """The doses of one prescription brought in line with its new plan.

    `existing` and `planned` reach as far back as the plan's longest period. `today` is the patient's local date.
    `window` is how long after its time a dose may still be taken. `others` are the places of doses that the change
    doesn't concern.
    """
    stays = [each for each in existing if each.is_settled or _is_kept(each, today, start)]
    stands = dict(_matched(stays, planned))
    if start == Start.TOMORROW:
        # Only now: what was taken on earlier days of the period counts for those first.
        planned = [each for each in planned if each.day > today]
        stands = {dose: new for dose, new in stands.items() if new.day > today}
    immobile = set(stays)
    open_ones = [each for each in existing if each not in immobile]
    # One at the very time of a dose that the change doesn't concern is that one.
    there = [each for each in planned if (each.schedule, each.due_at) in others]
    placed = _placed(open_ones, _without(planned, [*stands.values(), *there]), now)
    free = _without(planned, [*stands.values(), *placed.values(), *there])
    unplaced = [each for each in open_ones if each not in placed]
    removed = [each for each in unplaced if each.due_at > now]
    moves = list(_moves(placed, planned, existing, now, window))
    leaving = {dose.id for dose in removed} | {move.dose.id for move in moves}
    used = {*others, *((dose.schedule, dose.due_at) for dose in existing if dose.id not in leaving)}
    counts = [(dose, new) for dose, new in stands.items() if new.due_at > now]
    again = [
        pair
        for pair in counts
        if start == Start.AGAIN and pair[0].is_settled and pair[0].due_at <= now and pair[1] not in there
    ]
    return Replanned(
        moves=[replace(each, due_at=_apart(each.planned.schedule, each.due_at, used)) for each in moves],
        removed=removed,
        surplus=[each for each in unplaced if each.due_at <= now],
        created=[_made(new, used) for new in free if new.due_at > now],
        extra=[_made(new, used) for _dose, new in again],
        counted=[pair for pair in counts if pair not in again],
    )


def _placed(
    open_ones: Collection[Existing], free: Collection[Planned], now: datetime
) -> dict[Existing, Planned]:
    """The open doses that have a place in the plan: first those that have begun, as what is due is owed already."""
    begun = [each for each in open_ones if each.due_at <= now or each.is_begun]
    fresh = [each for each in open_ones if each.due_at > now and not each.is_begun]
    placed = dict(_matched(begun, free))
    return placed | dict(_matched(fresh, _without(free, placed.values())))


def _is_kept(dose: Existing, today: date, start: Start) -> bool:
    """Whether staff decided that the dose stays where it is."""
    return start == Start.TOMORROW and dose.day <= today


def _without(planned: Iterable[Planned], gone: Iterable[Planned]) -> list[Planned]:
    out = set(gone)
    return [each for each in planned if each not in out]


def _matched(doses: Iterable[Existing], planned: Iterable[Planned]) -> Iterator[tuple[Existing, Planned]]:
    """Each dose with the nearest planned one of its period, no dose and none of the plan twice.

    Those of one schedule belong together first, and of those the ones of one day.
    """
    new = list(planned)
    own = {(each.schedule, each.day) for each in new if each.each_day}
    pairs = [
        (dose, each)
        for dose in doses
        for each in new
        if each.is_same(dose) and (each.day == dose.day or (each.schedule, dose.day) not in own)
    ]
    pairs.sort(
        key=lambda pair: (
            pair[0].schedule != pair[1].schedule,
            pair[1].elapsed is None and pair[0].day != pair[1].day,
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


def _moves(
    placed: dict[Existing, Planned],
    planned: Collection[Planned],
    existing: Collection[Existing],
    now: datetime,
    window: timedelta,
) -> Iterator[Move]:
    """The moves of open doses. Of those whose new time has passed, the last is due now if no other is near."""
    late = {dose: new for dose, new in placed.items() if new.due_at <= now < dose.due_at}
    last = max(late.values(), key=lambda new: new.due_at, default=None)
    fixed = [dose for dose in existing if dose.is_settled or dose.due_at <= now]
    for dose, new in placed.items():
        if new.due_at > now:
            yield Move(dose=dose, planned=new, due_at=new.due_at)
        elif dose not in late:
            continue  # its old time has passed too: it is due already
        elif new == last and _is_apart(new, planned, fixed, now):
            yield Move(dose=dose, planned=new, due_at=now.replace(second=0, microsecond=0))
        else:
            passed = new != last or now - new.due_at >= window
            yield Move(dose=dose, planned=new, due_at=new.due_at, has_passed=passed)


def _is_apart(new: Planned, planned: Collection[Planned], fixed: Collection[Existing], now: datetime) -> bool:
    """Whether a dose that is due now is as far from the others of its period as these are from each other."""
    together = [each for each in planned if each.first <= new.day <= each.last]
    times = sorted({each.due_at for each in together})
    if len(times) == 1:
        return True
    gap = min(later - earlier for earlier, later in pairwise(times))
    others = [each.due_at for each in together if each.due_at > now]
    others += [dose.taken_at or dose.due_at for dose in fixed if new.is_same(dose)]
    return all(abs(each - now) >= gap for each in others)


def _made(new: Planned, used: set[Place]) -> Planned:
    return replace(new, due_at=_apart(new.schedule, new.due_at, used))


def _apart(schedule: int, due_at: datetime, used: set[Place]) -> datetime:
    """This time, or the next minute in which the schedule has no other dose: after a journey a new time can be that of
    an old one. What is `used` grows by it.
    """
    while (schedule, due_at) in used:
        due_at += _ONE_MINUTE
    used.add((schedule, due_at))
    return due_at
