"""A dose as a card on the page of its day."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils.translation import gettext as _

from home.models import User
from medications import formats
from medications.models import Dose, SkipCode
from medications.presentation.reasons import reason_words
from medications.rules.answers import LATER, is_over
from medications.rules.doses import LONGEST_REMINDER
from medications.selectors.people import Person
from medications.views.moments import clock_or_day, in_time, part_of_day, wait_words
from notifications.texts.formats import clock

_SHORTEST_WAIT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What of a day's page is open: the doses whose forms for skipping or for later are, and those that were answered a
    moment ago and stay where they were. `day` is the past day that is shown, if it isn't today's page.
    """

    skip: Collection[int] = ()
    later: Collection[int] = ()
    fresh: Collection[int] = ()
    day: date | None = None


@dataclass(frozen=True, slots=True)
class DoseCard:
    """`look`: due, late (its window is over, nobody answered), later (still to come), taken or skipped.

    `wait` is the time until it is due, `remind_at` when it is reminded of again, `by` who answered if not the reader,
    `part` how much of it was taken if not all, `at_its_time` the time at which it was due where that is long past; each
    is empty where it doesn't apply. `waits`: after how many minutes it can be reminded of again, in words. `asks`:
    which form is open, for "skip" or "later".
    """

    dose: Dose
    look: str
    name: str
    how: str
    wait: str
    answered_at: str
    by: str
    part: str
    reason: str
    remind_at: str
    at_its_time: str
    waits: list[tuple[int, str]] = field(default_factory=list)
    asks: str = ""
    day: str = ""
    can_change: bool = True
    is_fresh: bool = False

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """The short list of reasons for skipping it."""
        return [(code, str(label)) for code, label in SkipCode.choices]


@dataclass(frozen=True, slots=True)
class Slot:
    """The doses of one moment. `words` say how far off it is: "now", "this evening", "yesterday"."""

    due_at: datetime
    time: str
    words: str
    cards: list[DoseCard]


@dataclass(frozen=True, slots=True)
class Day:
    """The doses of a day: those that are due now, those that nobody answered in time, those to come, and the rest."""

    due: list[Slot]
    late: list[Slot]
    ahead: list[Slot]
    done: list[Slot]
    names_due: list[str]
    done_count: int

    @property
    def is_empty(self) -> bool:
        return not (self.due or self.late or self.ahead or self.done)


def card(dose: Dose, person: Person, reader: User, *, now: datetime, opened: Open) -> DoseCard:
    """Texts are in the active language, times are local to the patient."""
    form = dose.prescription.medicine.form
    look = _look(dose, now)
    reminded = look == "due" and dose.next_reminder_at is not None and dose.next_reminder_at > now
    answered_at = dose.was_taken_at or dose.answered_at
    by = dose.answered_by
    shown = DoseCard(
        dose=dose,
        look=look,
        name=str(dose.prescription.medicine),
        how=", ".join(filter(None, (formats.quantity(dose.quantity, form), dose.prescription.instructions))),
        wait=in_time(dose.due_at - now) if look == "later" else "",
        answered_at=clock_or_day(answered_at, person.zone, today=opened.day or person.today(now))
        if answered_at
        else "",
        by=by.get_short_name() if by and by != reader else "",
        part=formats.quantity(dose.amount, form) if dose.taken_quantity is not None else "",
        reason=reason_words(dose.skip_code, dose.skip_reason),
        remind_at=clock(dose.next_reminder_at, person.zone) if reminded and dose.next_reminder_at else "",
        at_its_time=_at_its_time(dose, person, look, now),
        waits=_waits(dose, now) if look == "due" else [],
        day=opened.day.isoformat() if opened.day else "",
        can_change=not is_over(dose.due_at, now=now),
        is_fresh=dose.pk in opened.fresh,
    )
    return replace(shown, asks=_asks(shown, opened))


def day_of(doses: Iterable[Dose], person: Person, reader: User, *, now: datetime, opened: Open) -> Day:
    """Each part is in the order of due times. A dose that was answered a moment ago stays where it was."""
    cards = [card(dose, person, reader, now=now, opened=opened) for dose in doses]
    parts: dict[str, list[DoseCard]] = {"due": [], "late": [], "ahead": [], "done": []}
    for each in cards:
        parts[_part(each, now)].append(each)
    grouped = {name: list(_grouped(each, person, now, opened)) for name, each in parts.items()}
    return Day(
        **grouped,
        names_due=[each.name for each in cards if each.look == "due"],
        done_count=len(parts["done"]),
    )


def _part(shown: DoseCard, now: datetime) -> str:
    if shown.look == "later":
        return "ahead"
    if shown.look in ("due", "late"):
        return shown.look
    if not shown.is_fresh or not shown.dose.is_planned:
        return "done"
    if shown.dose.due_at > now:
        return "ahead"
    return "late" if shown.dose.missed_at <= now else "due"


def _grouped(cards: Iterable[DoseCard], person: Person, now: datetime, opened: Open) -> Iterator[Slot]:
    for due_at, together in groupby(cards, key=lambda each: each.dose.due_at):
        group = list(together)
        words = "" if opened.day else _words(due_at, group, person, now)
        yield Slot(due_at, clock(due_at, person.zone), words, group)


def _words(due_at: datetime, cards: Iterable[DoseCard], person: Person, now: datetime) -> str:
    local = due_at.astimezone(person.zone)
    days = (person.today(now) - local.date()).days
    if days > 0:
        return _("yesterday") if days == 1 else ""
    if any(each.look == "due" for each in cards):
        return _("now")
    return part_of_day(local)


def _look(dose: Dose, now: datetime) -> str:
    if dose.is_answered:
        return str(dose.state)
    if dose.due_at > now:
        return "later"
    return "late" if dose.state == Dose.State.MISSED or dose.missed_at <= now else "due"


def _asks(shown: DoseCard, opened: Open) -> str:
    if shown.dose.is_answered:
        return ""
    if shown.dose.pk in opened.skip:
        return "skip"
    return "later" if shown.waits and shown.dose.pk in opened.later else ""


def _at_its_time(dose: Dose, person: Person, look: str, now: datetime) -> str:
    """Whoever answers a dose of another day hours later means that it was taken then, not now."""
    is_past = look == "late" and dose.due_at.astimezone(person.zone).date() < person.today(now)
    return clock(dose.due_at, person.zone) if is_past and dose.due_at < now - LONGEST_REMINDER else ""


def _waits(dose: Dose, now: datetime) -> list[tuple[int, str]]:
    """After how many minutes it can be reminded of again before `remind_until`; what is left where that is little."""
    if dose.state == Dose.State.MISSED:
        return []
    left = (dose.remind_until - _SHORTEST_WAIT - now) // _SHORTEST_WAIT
    waits = [minutes for minutes in LATER if minutes <= left] or ([left] if left > 0 else [])
    return [(minutes, wait_words(minutes)) for minutes in waits]
