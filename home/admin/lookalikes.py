"""Asks, before a patient is saved, about others who may be the same person."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.models import Patient, User
from home.names import Known, may_be_the_same
from home.selectors import patients_visible_to_staff
from notifications.texts import formats

FIELD = "somebody_else"


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
    """Others whom this member of staff may see and who may be the same person, by name and date of birth."""
    born = patient.date_of_birth
    others = patients_visible_to_staff(user).exclude(pk=patient.pk).select_related("clinic")
    if born:
        others = others.filter(Q(date_of_birth=born) | Q(date_of_birth=None))
    asked = _known(patient)
    return [other for other in others.order_by("id").iterator() if may_be_the_same(asked, _known(other))]


def _known(patient: Patient) -> Known:
    return Known(patient.pk, patient.get_full_name(), patient.date_of_birth)


def _asked(patient: Patient) -> str:
    born = patient.date_of_birth
    return format_html(
        '<a href="{}" target="_blank"><bdi>{}</bdi></a>, {}, {}: {}',
        reverse("patients:record", args=[patient.pk]),
        patient.get_full_name(),
        _("born %(day)s") % {"day": formats.day(born)} if born else _("date of birth not known"),
        patient.clinic.name,
        _("this is somebody else"),
    )
