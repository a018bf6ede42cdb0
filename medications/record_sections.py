"""What the patient's page shows and offers of medicines, doses and vaccinations."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from home.record.sections import (
    Column,
    Reading,
    RecordAction,
    RecordSection,
    register_record_action,
    register_record_section,
)
from medications.models import Prescription
from medications.presentation.record_medicines import record_medicines
from medications.presentation.record_month import record_month
from medications.presentation.record_vaccinations import record_vaccinations
from medications.selectors.medicines import prescriptions_of
from medications.selectors.people import Person

_Found = Mapping[str, Any] | None


def _prescriptions(reading: Reading) -> tuple[list[Prescription], list[Prescription]]:
    """What is prescribed, and what was. Read once."""
    key = "medications.prescriptions"
    if key not in reading.shared:
        reading.shared[key] = prescriptions_of(Person(reading.patient, False), now=reading.now)
    found: tuple[list[Prescription], list[Prescription]] = reading.shared[key]
    return found


def _month(reading: Reading) -> _Found:
    active, ended = _prescriptions(reading)
    return record_month(Person(reading.patient, False), [*active, *ended], now=reading.now)


def _medicines(reading: Reading) -> _Found:
    active, ended = _prescriptions(reading)
    found = record_medicines(Person(reading.patient, False), active, ended, now=reading.now)
    may_change = reading.user.has_perm("medications.change_prescription")
    return {**found, "may_change": may_change}


def _of_child(reading: Reading) -> _Found:
    person = Person(reading.patient, False)
    return record_vaccinations(person, now=reading.now) if person.is_child(reading.now) else None


def _of_others(reading: Reading) -> _Found:
    person = Person(reading.patient, False)
    return None if person.is_child(reading.now) else record_vaccinations(person, now=reading.now)


def _prescribe(reading: Reading) -> str:
    if not reading.patient.is_in_care:
        return ""
    return f"{reverse('prescriptions:add')}?patient={reading.patient.pk}"


def _hand_out(reading: Reading) -> str:
    active, _ended = _prescriptions(reading)
    if not reading.patient.is_in_care or not active:
        return ""
    return reverse("hand_out", args=[reading.patient.pk])


_VACCINATIONS = "medications/admin/record_vaccinations.html"

register_record_section(
    RecordSection(
        "month",
        _("Today and this month"),
        10,
        "medications.view_prescription",
        _month,
        "medications/admin/record_month.html",
        Column.SIDE,
    )
)
register_record_section(
    RecordSection(
        "child_vaccinations",
        _("Vaccinations"),
        15,
        "medications.view_vaccinationrecord",
        _of_child,
        _VACCINATIONS,
    )
)
register_record_section(
    RecordSection(
        "medicines",
        _("Medicines"),
        20,
        "medications.view_prescription",
        _medicines,
        "medications/admin/record_medicines.html",
    )
)
register_record_section(
    RecordSection(
        "vaccinations",
        _("Vaccinations"),
        30,
        "medications.view_vaccinationrecord",
        _of_others,
        _VACCINATIONS,
    )
)
register_record_action(RecordAction(_("Prescribe"), _prescribe, "medications.add_prescription", 10))
register_record_action(RecordAction(_("Hand out"), _hand_out, "medications.change_stockbatch", 20))
