"""A person's treatment as a file: what was prescribed, every past dose with its answer, every vaccination."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from medications import formats
from medications.models import Dose, Prescription, VaccinationRecord
from medications.selectors.people import Person
from medications.selectors.treatment import Treatment, treatment_of
from medications.vaccination_card import which
from medications.views.access import own_person
from notifications.web.access import PersonalRequest
from notifications.web.csv_file import csv_download, csv_text

_Row = tuple[object, ...]
_MOMENT = "%Y-%m-%d %H:%M"


@own_person("GET", "HEAD")
def treatment(request: PersonalRequest, person: Person) -> HttpResponse:
    """Times are on the patient's clock; days and times in the one way that every spreadsheet takes for them."""
    now = timezone.now()
    headings = (
        _("What"),
        _("When"),
        _("Name"),
        _("How much"),
        _("State"),
        _("Answered"),
        _("Note"),
    )
    rows = _rows(treatment_of(person, now=now), person)
    parts = ("treatment", slugify(person.patient.first_name), person.today(now).isoformat())
    return csv_download(csv_text(headings, rows), "-".join(filter(None, parts)) + ".csv")


def _rows(found: Treatment, person: Person) -> Iterator[_Row]:
    zone = ZoneInfo(person.patient.zone)

    def local(moment: datetime | None) -> str:
        return f"{moment.astimezone(zone):{_MOMENT}}" if moment else ""

    yield from (_prescription(each, local(each.ended_at)) for each in found.prescriptions)
    yield from (_dose(each, local(each.due_at), local(each.answered_at)) for each in found.doses)
    yield from (_vaccination(each, counts=each.pk not in found.not_counted) for each in found.vaccinations)


def _prescription(row: Prescription, ended: str) -> _Row:
    until = ended or row.end_date or ""
    state = _("until %(day)s") % {"day": until} if until else ""
    return _("Prescription"), row.start_date, row.medicine, "", state, "", row.instructions or ""


def _dose(row: Dose, due: str, answered: str) -> _Row:
    medicine = row.prescription.medicine
    amount = formats.quantity(row.quantity, medicine.form)
    return _("Dose"), due, medicine, amount, row.get_state_display(), answered, row.skip_reason


def _vaccination(row: VaccinationRecord, *, counts: bool) -> _Row:
    note = "" if counts else _("too early: doesn’t count")
    return _("Vaccination"), row.date_given, row.vaccine.name, which(row.dose_number), _("given"), "", note
