"""Asks, before a patient is saved, about others who may be the same person."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.models import Patient, SearchKey, User
from home.names import Known, folded, may_be_the_same, near
from home.search_keys import digests_of_query
from home.selectors import patients_visible_to_staff
from notifications.texts import formats

FIELD = "somebody_else"
ABOUT = 3
"""Years by which a date of birth may be wrong that was estimated from an age."""
MOST = 8
"""So many are asked about: more than that nobody looks through."""


class SomebodyElseField(forms.MultipleChoiceField):
    """The patients of whom staff say that they are somebody else. Which ones are asked about is decided later."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self) -> None:
        super().__init__(label=gettext_lazy("This patient may be here already"), required=False)

    def valid_value(self, value: Any) -> bool:
        return True

    def ask_about(self, patients: Sequence[Patient]) -> None:
        self.choices = [(str(patient.pk), _asked(patient)) for patient in patients]


def lookalikes(patient: Patient, *, user: User) -> list[Patient]:
    """Others whom this member of staff may see and who may be the same person: by the identity number; by name and date
    of birth; or by a similar name with the same one. One query; those who are most alike first.
    """
    born = patient.date_of_birth
    same_name = Q()
    for word in folded(patient.get_full_name()).split():
        same_name &= Q(name_searched__contains=word)
    if born:
        alike = Q(date_of_birth=born) | Q(same_name, Q(date_of_birth=None) | Q(born_about=True))
        if patient.born_about:
            alike |= same_name
    else:
        alike = same_name
    if patient.id_number:
        keys = digests_of_query(patient.id_number)
        alike |= Q(pk__in=SearchKey.objects.filter(digest__in=keys, patient__isnull=False).values("patient"))
    others = patients_visible_to_staff(user).exclude(pk=patient.pk).select_related("clinic")
    return most_alike(patient, others.filter(alike).order_by("id").iterator())


def most_alike(patient: Patient, others: Iterable[Patient]) -> list[Patient]:
    """Those of these who may be the same person, the most alike first."""
    asked = _known(patient)
    found = [(how, other) for other in others if (how := _how_alike(patient, asked, other)) is not None]
    return [other for _how, other in sorted(found, key=lambda each: each[0])[:MOST]]


def _how_alike(patient: Patient, asked: Known, other: Patient) -> int | None:
    """The less, the more alike; None for somebody else."""
    if patient.id_number and patient.id_number == other.id_number:
        return 0
    theirs = _known(other)
    about = patient.born_about or other.born_about
    if about and asked.born and theirs.born and abs(asked.born.year - theirs.born.year) <= ABOUT:
        asked = asked._replace(born=theirs.born)
    if may_be_the_same(asked, theirs):
        return 1
    return 2 if near(asked, theirs) else None


def _known(patient: Patient) -> Known:
    return Known(patient.pk, patient.get_full_name(), patient.date_of_birth)


def _asked(patient: Patient) -> str:
    born = patient.date_of_birth
    folder = patient.folder_number
    return format_html(
        '<span><a href="{}" target="_blank"><bdi>{}</bdi></a>, {}, {}{}: {}</span>',
        reverse("patients:record", args=[patient.pk]),
        patient.get_full_name(),
        _("born %(day)s") % {"day": formats.day(born)} if born else _("date of birth not known"),
        patient.clinic.name,
        ", " + _("folder %(number)s") % {"number": folder} if folder else "",
        _("this is somebody else"),
    )
