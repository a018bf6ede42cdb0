"""The page of vaccinations, and the card to print. They show what the records and the table say; the nurse decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from medications.presentation.vaccination_card import card, which
from medications.rules.vaccinations import State
from medications.selectors.people import Person, full_name, people_cared_for
from medications.selectors.vaccination import Vaccination, vaccinations_of
from medications.views.access import own_person
from medications.views.moments import age
from notifications.languages.listed import active, others, own_name
from notifications.web.access import PersonalRequest, reading
from notifications.web.moments import dated

_SOON = timedelta(days=366)
"""Later vaccinations are folded, except the very next one."""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    which: str
    when: str
    state: str


@reading
def vaccinations(request: PersonalRequest) -> HttpResponse:
    now = timezone.now()
    people = people_cared_for(request.user)
    sections = [
        _section(person, full_name(person, people), theirs, person.today(now))
        for person, theirs in vaccinations_of(people, now=now)
    ]
    return render(request, "medications/vaccinations.html", {"nav": "medicines", "sections": sections})


@own_person("GET", "HEAD")
def vaccination_card(request: PersonalRequest, person: Person) -> HttpResponse:
    """The card of one person, on one sheet of paper."""
    patient_id = person.patient.pk
    other = others(active())[0]
    with translation.override(other):
        other_url = reverse("medications:vaccination_card", args=[patient_id])
    context = card(person, now=timezone.now()) | {
        "back": f"{reverse('medications:vaccinations')}#patient-{patient_id}",
        "other": other,
        "other_name": own_name(other),
        "other_url": other_url,
    }
    return render(request, "medications/vaccination_card.html", context)


def _section(person: Person, name: str, found: Sequence[Vaccination], today: date) -> dict[str, Any]:
    upcoming = [each for each in found if each.state == State.UPCOMING]
    soon = [each for each in upcoming if each.due_on and each.due_on - today <= _SOON] or upcoming[:1]
    return {
        "person": person,
        "name": name,
        "age": age(person.patient.date_of_birth, today) if person.patient.date_of_birth else "",
        "now": [_row(each, today) for each in found if each.state in (State.OVERDUE, State.DUE)],
        "next": [_row(each, today) for each in soon],
        "later": [_row(each, today) for each in upcoming[len(soon) :]],
        "given": [_row(each, today) for each in found if each.given_on or each.state == State.GIVEN],
        "no_longer": [
            _row(each, today) for each in found if each.state in (State.NO_LONGER, State.NOT_NEEDED)
        ],
    }


def _row(each: Vaccination, today: date) -> Row:
    return Row(each.name, which(each.dose_number), _when(each, today), str(each.state))


def _when(each: Vaccination, today: date) -> str:
    if each.state == State.GIVEN and each.given_on:
        return _("given on %(day)s") % {"day": dated(each.given_on, "j F", today=today)}
    if each.state == State.NOT_COUNTED and each.given_on:
        day = dated(each.given_on, "j F", today=today)
        return _("given on %(day)s, which was too early: it doesn’t count") % {"day": day}
    if each.state == State.NO_LONGER:
        return _("no longer given at this age")
    if each.state == State.NOT_NEEDED:
        return _("not needed at this age")
    if each.state == State.DUE:
        return _("due today")
    values = {"day": dated(each.due_on or today, "j F", today=today)}
    return _("was due on %(day)s") % values if each.state == State.OVERDUE else _("due on %(day)s") % values
