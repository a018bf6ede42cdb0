"""A patient's vaccinations at a glance, for the page that staff have of the patient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medications.presentation.stock_words import Tag
from medications.presentation.vaccination_card import which
from medications.rules.vaccinations import State
from medications.selectors.people import Person
from medications.selectors.vaccination import Vaccination, vaccinations_of
from notifications.web.moments import dated

MOST = 6
_ORDER = (State.OVERDUE, State.DUE, State.UPCOMING)


@dataclass(frozen=True, slots=True)
class VaccinationLine:
    name: str
    which: str
    chip: Tag


def record_vaccinations(person: Person, *, now: datetime) -> Mapping[str, Any] | None:
    """The values of `medications/admin/record_vaccinations.html`: what is overdue first, then what comes next; None
    where there is nothing. Two queries.
    """
    found = [each for _person, theirs in vaccinations_of([person], now=now) for each in theirs]
    if not found:
        return None
    today = person.today(now)
    asked = [each for each in found if each.state in _ORDER and each.due_on]
    asked.sort(key=lambda each: (_ORDER.index(each.state), each.due_on))
    given = [each for each in found if each.state == State.GIVEN]
    return {
        "lines": [_line(each, today) for each in asked[:MOST]],
        "given": _given(given, today),
        "patient_id": person.patient.pk,
    }


def _line(each: Vaccination, today: date) -> VaccinationLine:
    due_on = each.due_on or today
    day = dated(due_on, "j M", today=today)
    days = (today - due_on).days
    if each.state == State.OVERDUE:
        words = ngettext("overdue for %(days)d day", "overdue for %(days)d days", days) % {"days": days}
        chip = Tag(words, "stop")
    elif each.state == State.DUE:
        chip = Tag(_("due today"), "sun")
    else:
        chip = Tag(_("due on %(day)s") % {"day": day}, "plain")
    return VaccinationLine(each.name, which(each.dose_number), chip)


def _given(given: Sequence[Vaccination], today: date) -> str:
    if not given:
        return _("None is given yet.")
    last = max(given, key=lambda each: each.given_on or today)
    count = ngettext("%(count)d given", "%(count)d given", len(given)) % {"count": len(given)}
    return _("%(count)s, the last on %(day)s: %(vaccine)s.") % {
        "count": count,
        "day": dated(last.given_on or today, "j M", today=today),
        "vaccine": last.name,
    }
