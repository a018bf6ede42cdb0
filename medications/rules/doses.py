"""When doses fall due: a rule and a range of local dates in, instants out.

A rule is a mapping, as it is kept in JSON: `kind`, the keys of that kind (see `dose_kinds`), `quantity` (a
decimal as text), `start_date` and `end_date` (both included).
"""

from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from datetime import date, datetime, timedelta
from decimal import Decimal

from medications.rules.dose_fields import DoseFields
from medications.rules.dose_kinds import KINDS
from medications.rules.dose_rule import DoseRule, Window
from medications.rules.errors import RuleError
from medications.rules.wall_time import slot_times, utc, zone

LONGEST_REMINDER = timedelta(hours=4)


def parse(rule: Mapping[str, object]) -> DoseRule:
    """The rule as a value. RuleError names an unknown key, a missing key or an impossible value."""
    if not isinstance(rule, Mapping):
        raise RuleError("rule", "rule: this must be a set of keys and values.")
    fields = DoseFields(rule)
    kind = KINDS.get(fields.text("kind"))
    if kind is None:
        raise RuleError(
            "kind",
            "kind: this must be one of %(kinds)s.",
            kinds=", ".join(sorted(KINDS)),
        )
    fields.refuse_others(frozenset({"kind", *(field.name for field in dataclass_fields(kind))}))
    parsed = kind.read(fields)
    if parsed.start_date and parsed.end_date and parsed.end_date < parsed.start_date:
        raise RuleError("end_date", "end_date: this must not be before start_date.")
    return parsed


def expand(
    rule: Mapping[str, object] | DoseRule,
    *,
    start: date,
    end: date,
    timezone: str,
    slots: Mapping[str, str] | None = None,
) -> list[tuple[datetime, Decimal]]:
    """The due time (aware, in UTC) and quantity of each dose on the local dates from start to end, both
    included.

    Ordered by due time, and no due time comes twice: where two times of a rule meet in one instant, because a
    clock change or a moved slot puts them there, their quantities are added, so that none is dropped. `slots`
    maps a slot to its own time, "HH:MM". A wall time that occurs twice is its first occurrence; one that a
    clock change leaves out is read with the offset before it (02:30 becomes 03:30). A date that the zone
    skips has no doses. An `interval` rule counts elapsed hours, so its wall times drift over a
    clock change.

    Ranges that follow each other give together what one range over both gives. RuleError (a ValueError) for a
    rule, time zone or slot that cannot be.
    """
    parsed = rule if isinstance(rule, DoseRule) else parse(rule)
    window = Window(
        start=max(start, parsed.start_date or start),
        end=min(end, parsed.end_date or end),
        tz=zone(timezone),
        slots=slot_times(slots),
    )
    if window.end < window.start:
        return []
    due: dict[datetime, Decimal] = {}
    for due_at, quantity in parsed.doses(window):
        due[due_at] = due.get(due_at, Decimal(0)) + quantity
    return sorted(due.items())


def remind_until(due_at: datetime, next_due_at: datetime | None) -> datetime:
    """Until when (UTC) a reminder of this dose may be sent: half way to the next one, at most 4 hours after
    it.

    RuleError when a time is naive or the next dose is not after this one.
    """
    due = utc(due_at, "due_at")
    if next_due_at is None:
        return due + LONGEST_REMINDER
    until_next = utc(next_due_at, "next_due_at") - due
    if until_next <= timedelta(0):
        raise RuleError("next_due_at", "next_due_at: this must be after due_at.")
    return due + min(until_next / 2, LONGEST_REMINDER)
