"""How the values of medication messages are written, in the active language.

Each is the `format` of a `Param`. A name in both languages is a pair (English, Afrikaans); if one is empty the
other is used.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext, ngettext, pgettext

from notifications.texts.formats import Bilingual, bilingual, day, isolated, number


class MedicineValue(NamedTuple):
    """A medicine as it is prescribed, without a quantity."""

    name: Bilingual
    strength: str


class DoseValue(NamedTuple):
    """One line of a reminder."""

    medicine: MedicineValue
    quantity: Decimal
    form: str
    instructions: Bilingual


class PatientValue(NamedTuple):
    """A patient, and the date of birth where the name alone doesn't say who is meant."""

    name: str
    born: date | None = None


class SupplyValue(NamedTuple):
    """The holder of a stock: the reader ("self"), a patient or a clinic, the last two with a name."""

    holder: str
    name: str
    born: date | None = None


def medicine(value: MedicineValue) -> str:
    """As "Metformin 500 mg"."""
    return f"{bilingual(value.name)} {value.strength}".strip()


def medicines(value: Sequence[MedicineValue]) -> str:
    """As "Metformin 500 mg, Simvastatin 20 mg"."""
    return ", ".join(medicine(each) for each in value)


def quantity(value: Decimal, form: str) -> str:
    """A quantity with its unit: "0 tablets", "0.5 tablet", "1 tablet", "2 tablets"."""
    return f"{number(value)} {unit(value, form)}".strip()


def unit(value: Decimal, form: str) -> str:
    """The unit alone, of so many."""
    plural = 1 if 0 < value <= 1 else 2
    units = {
        "tablet": ngettext("tablet", "tablets", plural),
        "capsule": ngettext("capsule", "capsules", plural),
        "ml": "ml",
        "puff": ngettext("puff", "puffs", plural),
        "injection": ngettext("injection", "injections", plural),
        "drop": ngettext("drop", "drops", plural),
        "patch": ngettext("patch", "patches", plural),
    }
    # A form that is no longer among these must not keep anybody from being reminded.
    return units.get(form, form)


def amount(value: tuple[Decimal, str]) -> str:
    """A pair of quantity and form, as `quantity`."""
    return quantity(*value)


def dose(value: DoseValue) -> str:
    """As "Metformin 500 mg, 1 tablet, with food"."""
    parts = (medicine(value.medicine), quantity(value.quantity, value.form), bilingual(value.instructions))
    return ", ".join(filter(None, parts))


def doses(value: Sequence[DoseValue]) -> str:
    """A line for each dose."""
    return "\n".join(dose(each) for each in value)


def prescribed(value: tuple[MedicineValue, Bilingual]) -> str:
    """As "Metformin 500 mg, with food"."""
    return ", ".join(filter(None, (medicine(value[0]), bilingual(value[1]))))


def patient(value: PatientValue | str) -> str:
    """As "Sipho Nkosi", or "Sipho Nkosi (born 14 March 1950)"; empty for an empty name."""
    known = PatientValue(value) if isinstance(value, str) else value
    name = isolated(known.name)
    if known.born is None:
        return name
    return gettext("%(name)s (born %(day)s)") % {"name": name, "day": day(known.born)}


def whose(value: PatientValue | str) -> str:
    """As "your", or "Sipho Nkosi's" for a carer; an empty name means the reader's own."""
    name = patient(value)
    if not name:
        return pgettext("whose, before a noun", "your")
    return gettext("%(name)s's") % {"name": name}


def for_whom(value: PatientValue | str) -> str:
    """As "you", or "Sipho Nkosi"; an empty name means the reader."""
    return patient(value) or pgettext("for whom", "you")


def supply(value: SupplyValue) -> str:
    """As "Your supply", "Sipho Nkosi's supply" or "Delft Clinic's stock"."""
    if value.holder == "clinic":
        return gettext("%(clinic)s's stock") % {"clinic": value.name}
    if value.holder == "patient":
        return gettext("%(name)s's supply") % {"name": patient(PatientValue(value.name, value.born))}
    return gettext("Your supply")


def in_days(value: int) -> str:
    """As "today", "tomorrow", "in 5 days"."""
    if value <= 0:
        return gettext("today")
    if value == 1:
        return gettext("tomorrow")
    return gettext("in %(days)d days") % {"days": value}
