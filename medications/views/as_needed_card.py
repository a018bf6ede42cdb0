"""A medicine that is taken as needed: what was taken lately, and when the next dose is possible, in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medications import formats
from medications.presentation.schedule_words import length_words
from medications.selectors.as_needed import AsNeeded
from medications.selectors.people import Person
from medications.services.unplanned import LimitReachedError
from medications.views.moments import clock_or_day
from notifications.texts.formats import number


@dataclass(frozen=True, slots=True)
class AsNeededCard:
    """`count`: the doses of the last 24 hours; `last` when the last one was, empty for none; `next_words` when the next
    may be; `is_possible` whether that is now. `quantity` is a whole dose, as a form takes it.
    """

    outlook: AsNeeded
    name: str
    how: str
    count: str
    last: str
    next_words: str
    is_possible: bool
    quantity: str


def as_needed_card(outlook: AsNeeded, person: Person) -> AsNeededCard:
    """In the active language, with times local to the patient."""
    prescription, rule, today = outlook.prescription, outlook.rule, person.today(outlook.now)
    words = ngettext(
        "%(count)d of at most %(most)d dose in 24 hours",
        "%(count)d of at most %(most)d doses in 24 hours",
        rule.max_per_day,
    )
    how = (formats.quantity(rule.quantity, prescription.medicine.form), prescription.instructions)
    at = clock_or_day(outlook.next_at, person.zone, today=today)
    return AsNeededCard(
        outlook=outlook,
        name=str(prescription.medicine),
        how=", ".join(filter(None, how)),
        count=words % {"count": outlook.count, "most": rule.max_per_day},
        last=_("Last taken at %(time)s.") % {"time": clock_or_day(outlook.last_at, person.zone, today=today)}
        if outlook.last_at
        else "",
        next_words=_("You may take it now.")
        if outlook.is_possible
        else _("The next may be at %(time)s.") % {"time": at},
        is_possible=outlook.is_possible,
        quantity=number(rule.quantity),
    )


def limit_words(error: LimitReachedError, form: str, person: Person, *, now: datetime) -> list[str]:
    """What is wrong with such a dose, and when the next may be: a sentence each."""
    limit, rule = error.limit, error.rule
    at = clock_or_day(error.next_at, person.zone, today=person.today(now))
    found = []
    if limit.too_early:
        apart = length_words(rule.min_hours)
        found.append(_("There must be at least %(time)s between two doses.") % {"time": apart})
    if limit.too_many:
        found.append(
            ngettext(
                "In 24 hours you may take at most %(most)d dose.",
                "In 24 hours you may take at most %(most)d doses.",
                rule.max_per_day,
            )
            % {"most": rule.max_per_day}
        )
    if limit.too_much:
        whole = formats.quantity(rule.quantity, form)
        found.append(_("At one time you may take at most %(quantity)s.") % {"quantity": whole})
    if error.next_at <= now:
        return found
    return [*found, _("The next may be at %(time)s.") % {"time": at}]
