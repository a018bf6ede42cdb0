"""The row of chips that chooses the person whose page is shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medications.selectors.people import Person, person_of, short_name
from medications.views.moments import age
from notifications.web.names import bdi
from notifications.web.numbers import whole_number


def chosen(people: Sequence[Person], query: QueryDict) -> Person | None:
    """The person that the address names (`who`), None without a name; Http404 for somebody else's patient."""
    who = query.get("who", "")
    if not who:
        return None
    patient_id = whole_number(who)
    person = None if patient_id is None else person_of(people, patient_id)
    if person is None:
        raise Http404
    return person


def chips(
    people: Sequence[Person],
    current: Person,
    *,
    page: str,
    now: datetime,
    waiting: Mapping[int, int] | None = None,
) -> list[dict[str, Any]]:
    """A chip for each person; none when the reader cares only for themselves. `waiting` are doses by patient."""
    if [person.is_self for person in people] == [True]:
        return []
    return [
        {
            "label": _label(person, people, now),
            "href": f"{reverse(page)}?who={person.patient.pk}",
            "current": person == current,
            "count": _due((waiting or {}).get(person.patient.pk, 0)),
        }
        for person in people
    ]


def _label(person: Person, people: Sequence[Person], now: datetime) -> str:
    if person.is_self:
        return _("Me")
    name, born = bdi(short_name(person, people)), person.patient.date_of_birth
    if born and person.is_child(now):
        return format_html("{}, {}", name, age(born, person.today(now)))
    return name


def _due(count: int) -> str:
    """In words, because a bare number means nothing to a person who hears the page."""
    return ngettext("%(count)d due", "%(count)d due", count) % {"count": count} if count else ""
