"""What becomes of doses when their plan, or the place of their patient, changes."""

from collections.abc import Mapping
from typing import Any, NamedTuple

HOME = "Africa/Johannesburg"

Rule = Mapping[str, Any]


class Seen(NamedTuple):
    """A dose as it is: a day of November 2026, of which the 23rd is a Monday, the time on the wall, and its state."""

    day: int
    at: str
    state: str


class Example(NamedTuple):
    """Doses by the rules `before` became `answered`; at `now`, a day and a time, the plan or the zone changes.

    `doses` are those of the week then, on the wall of the zone; of these `days` alone, if there are some.
    """

    name: str
    before: tuple[Rule, ...]
    answered: tuple[Seen, ...]
    now: tuple[int, str]
    doses: tuple[Seen, ...]
    after: tuple[Rule, ...] = ()
    zone: str = HOME
    days: tuple[int, ...] = (24, 25)


def _at(*times: str, quantity: str = "1", **more: Any) -> Rule:
    return {"kind": "times", "times": list(times), "quantity": quantity, **more}


_DAILY = (_at("08:00"),)
_EVENING = (_at("20:00"),)
_TWICE = (_at("08:00", "20:00"),)
_MONDAYS = (_at("08:00", quantity="4", weekdays=[0]),)
_WEDNESDAYS = (_at("08:00", quantity="4", weekdays=[2]),)
_EVERY_3 = {"kind": "every_n_days", "n": 3, "start_date": "2026-11-24", "quantity": "1"}
_TAKEN = (Seen(24, "08:00", "taken"),)

CHANGES = (
    Example(
        "daily, taken, moved to the evening",
        _DAILY,
        _TAKEN,
        (24, "12:00"),
        (*_TAKEN, Seen(25, "20:00", "scheduled")),
        after=_EVENING,
    ),
    Example(
        "daily, reminded and open, moved by an hour",
        _DAILY,
        (Seen(24, "08:00", "open"),),
        (24, "08:05"),
        (Seen(24, "09:00", "scheduled"), Seen(25, "09:00", "scheduled")),
        after=(_at("09:00"),),
    ),
    Example(
        "daily, missed, moved to the evening",
        _DAILY,
        (Seen(24, "08:00", "missed"),),
        (24, "12:00"),
        (Seen(24, "08:00", "missed"), Seen(25, "20:00", "scheduled")),
        after=_EVENING,
    ),
    Example(
        "daily, still ahead, moved to an hour that has passed: due now",
        _EVENING,
        (),
        (24, "12:00"),
        (Seen(24, "12:00", "scheduled"), Seen(25, "08:00", "scheduled")),
        after=_DAILY,
    ),
    Example(
        "once daily, taken, now twice",
        _DAILY,
        _TAKEN,
        (24, "12:00"),
        (*_TAKEN, Seen(24, "20:00", "scheduled")),
        after=_TWICE,
        days=(24,),
    ),
    Example(
        "twice daily, morning taken, both moved by an hour",
        _TWICE,
        _TAKEN,
        (24, "08:30"),
        (*_TAKEN, Seen(24, "21:00", "scheduled")),
        after=(_at("09:00", "21:00"),),
        days=(24,),
    ),
    Example(
        "twice daily, morning taken, now once in the evening",
        _TWICE,
        _TAKEN,
        (24, "12:00"),
        (*_TAKEN, Seen(25, "20:00", "scheduled")),
        after=_EVENING,
    ),
    Example(
        "weekly, taken, moved to Wednesday",
        _MONDAYS,
        (Seen(23, "08:00", "taken"),),
        (23, "12:00"),
        (Seen(23, "08:00", "taken"),),
        after=_WEDNESDAYS,
        days=(),
    ),
    Example(
        "weekly, open, moved to Wednesday",
        _MONDAYS,
        (Seen(23, "08:00", "open"),),
        (23, "08:10"),
        (Seen(25, "08:00", "scheduled"),),
        after=_WEDNESDAYS,
        days=(),
    ),
    Example(
        "every third day, taken, moved to the evening",
        ({**_EVERY_3, "times": ["08:00"]},),
        _TAKEN,
        (24, "12:00"),
        (*_TAKEN, Seen(27, "20:00", "scheduled")),
        after=({**_EVERY_3, "times": ["20:00"]},),
        days=(),
    ),
)

JOURNEYS = (
    Example(
        "west after taking",
        _DAILY,
        _TAKEN,
        (24, "10:00"),
        (Seen(24, "01:00", "taken"), Seen(25, "08:00", "scheduled")),
        zone="America/New_York",
    ),
    Example(
        "west before taking",
        _DAILY,
        (Seen(24, "08:00", "open"),),
        (24, "08:10"),
        (Seen(24, "08:00", "scheduled"), Seen(25, "08:00", "scheduled")),
        zone="Europe/London",
    ),
    Example(
        "west after the morning's",
        _TWICE,
        _TAKEN,
        (24, "08:10"),
        (Seen(24, "06:00", "taken"), Seen(24, "20:00", "scheduled")),
        zone="Europe/London",
        days=(24,),
    ),
    Example(
        "east before taking",
        _DAILY,
        (Seen(23, "08:00", "taken"),),
        (24, "07:30"),
        (Seen(24, "08:30", "scheduled"), Seen(25, "08:00", "scheduled")),
        zone="Africa/Nairobi",
    ),
)
