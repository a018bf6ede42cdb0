"""A patient's treatment as one table for a spreadsheet: words in the active language, dates and numbers plain."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from medications.models import Dose, Medicine, Prescription
from medications.presentation.outcome_words import outcome_word, unit_word
from medications.presentation.reasons import reason_words
from medications.presentation.schedule_words import how_and_when
from medications.selectors.treatment import Treatment, TreatmentDose
from notifications.web.csv_file import csv_text

Row = tuple[str, ...]


def treatment_csv(treatment: Treatment) -> str:
    """A line for each prescription, dose, collection and vaccination, in this order; times on the patient's wall."""
    heading = (
        _("What"),
        _("Date"),
        _("Time"),
        _("Name"),
        _("Strength"),
        _("Planned"),
        pgettext("state of a dose", "Taken"),
        _("Unit"),
        _("State"),
        _("Until"),
        _("Note"),
    )
    return csv_text(heading, _rows(treatment))


def _rows(treatment: Treatment) -> Iterator[Row]:
    yield from (_prescription(each, treatment) for each in treatment.prescriptions)
    yield from (_dose(each, treatment) for each in treatment.doses)
    by_id = {each.pk: each for each in treatment.prescriptions}
    for refill in treatment.collected:
        yield _row(
            _("collected"),
            refill.at.astimezone(treatment.zone),
            by_id[refill.prescription_id].medicine,
            taken=_number(refill.units),
            note=refill.batch_number,
        )
    for record in treatment.vaccinations:
        dose = _("dose %(number)d") % {"number": record.dose_number}
        note = " ".join(filter(None, (dose, record.batch_number)))
        yield (
            _("vaccination"),
            _iso(record.date_given),
            "",
            record.vaccine.name,
            "",
            "",
            "",
            "",
            _("too early: doesn’t count") if record.pk in treatment.not_counted else _("given"),
            "",
            note,
        )


def _prescription(prescription: Prescription, treatment: Treatment) -> Row:
    ended = prescription.ended_at
    until = ended.astimezone(treatment.zone).date() if ended else prescription.end_date
    lines = how_and_when(prescription, today=treatment.today)
    return _row(
        _("prescription"),
        prescription.start_date,
        prescription.medicine,
        until=_iso(until),
        note="; ".join(lines),
    )


def _dose(dose: TreatmentDose, treatment: Treatment) -> Row:
    return _row(
        _("dose") if dose.kind == Dose.Kind.PLANNED else str(Dose.Kind(dose.kind).label),
        dose.due_at.astimezone(treatment.zone),
        dose.prescription.medicine,
        planned=_number(dose.planned),
        taken=_number(dose.taken),
        state=outcome_word(dose.outcome),
        note=reason_words(dose.skip_code, dose.skip_reason),
    )


def _row(
    what: str,
    when: date,
    medicine: Medicine,
    *,
    planned: str = "",
    taken: str = "",
    state: str = "",
    until: str = "",
    note: str = "",
) -> Row:
    day, time = (f"{when:%Y-%m-%d}", f"{when:%H:%M}") if isinstance(when, datetime) else (_iso(when), "")
    return (
        what,
        day,
        time,
        medicine.name,
        medicine.strength,
        planned,
        taken,
        unit_word(medicine) if planned or taken else "",
        state,
        until,
        note,
    )


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _number(quantity: Decimal) -> str:
    """With a decimal point, whatever the language."""
    return format(quantity.normalize(), "f")
