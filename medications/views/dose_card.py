"""A dose as a card on today's page."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.utils.translation import gettext as _

from home.models import User
from medications import formats
from medications.models import Dose
from medications.selectors.people import Person
from medications.views.moments import clock_or_day, in_time, part_of_day
from notifications.texts.formats import clock

_SHORTEST_WAIT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class DoseCard:
    """`look`: due, late (its window is over, nobody answered), later (still to come), taken or skipped.

    `wait` is the time until it is due, `remind_at` when it is reminded of again, `by` who answered if not the reader;
    each is empty where it doesn't apply. `asks`: the form for skipping it is open.
    """

    dose: Dose
    look: str
    name: str
    how: str
    wait: str
    answered_at: str
    by: str
    remind_at: str
    can_wait: bool
    asks: bool = False
    is_fresh: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """The doses of one moment. `words` say how far off it is: "now", "this evening", "yesterday"."""

    due_at: datetime
    time: str
    words: str
    cards: list[DoseCard]


def card(
    dose: Dose, person: Person, reader: User, *, now: datetime, asks: bool = False, is_fresh: bool = False
) -> DoseCard:
    """`is_fresh`: it was answered a moment ago. Texts are in the active language, times are local to the patient."""
    medicine = dose.prescription.medicine
    look = _look(dose, now)
    quantity = formats.quantity(dose.quantity, medicine.form)
    reminded = look == "due" and dose.next_reminder_at is not None and dose.next_reminder_at > now
    by = dose.answered_by
    return DoseCard(
        dose=dose,
        look=look,
        name=str(medicine),
        how=", ".join(filter(None, (quantity, dose.prescription.instructions))),
        wait=in_time(dose.due_at - now) if look == "later" else "",
        answered_at=clock_or_day(dose.answered_at, person.zone, today=person.today(now))
        if dose.answered_at
        else "",
        by=by.get_short_name() if by and by != reader else "",
        remind_at=clock(dose.next_reminder_at, person.zone) if reminded and dose.next_reminder_at else "",
        can_wait=look == "due"
        and dose.state != Dose.State.MISSED
        and dose.remind_until - _SHORTEST_WAIT > now,
        asks=asks and not dose.is_answered,
        is_fresh=is_fresh,
    )


def slots(
    doses: Iterable[Dose], person: Person, reader: User, *, now: datetime, asking: Collection[int]
) -> list[Slot]:
    """In the order of their due times, but late doses first."""
    cards = [card(dose, person, reader, now=now, asks=dose.pk in asking) for dose in doses]
    late = [each for each in cards if each.look == "late"]
    others = [each for each in cards if each.look != "late"]
    return [*_grouped(late, person, now), *_grouped(others, person, now)]


def _grouped(cards: Iterable[DoseCard], person: Person, now: datetime) -> Iterator[Slot]:
    for due_at, together in groupby(cards, key=lambda each: each.dose.due_at):
        group = list(together)
        yield Slot(due_at, clock(due_at, person.zone), _words(due_at, group, person, now), group)


def _words(due_at: datetime, cards: Iterable[DoseCard], person: Person, now: datetime) -> str:
    local = due_at.astimezone(person.zone)
    if local.date() < person.today(now):
        return _("yesterday")
    if any(each.look == "due" for each in cards):
        return _("now")
    return part_of_day(local)


def _look(dose: Dose, now: datetime) -> str:
    if dose.is_answered:
        return str(dose.state)
    if dose.due_at > now:
        return "later"
    return "late" if dose.state == Dose.State.MISSED or dose.missed_at <= now else "due"
