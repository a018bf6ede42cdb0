"""Patients in lists and choosers of staff, with the date of birth: names alone may be alike."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from home.models import Patient
from notifications.texts import formats


def born(patient: Patient) -> str:
    """As "14 March 1950"; a dash where it isn't known."""
    return formats.day(patient.date_of_birth) if patient.date_of_birth else "–"


def with_birth_date(patient: Patient) -> str:
    """As "Pieter Botha, 14 March 1950"."""
    return f"{patient}, {born(patient)}" if patient.date_of_birth else str(patient)


def born_column(*, of_row: bool = True) -> Column:
    """The date of birth of each row's patient, or of the row itself, which is one."""

    def shown(row: Any) -> str:
        return born(row.patient if of_row else row)

    return Column("born", label=_("Date of birth"), accessor=shown)
