"""Vaccinations that were given, from a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import ModelLogEntry

from home.admin.importing.whose_row import WHOSE, numbered_in, whose_row
from home.admin.registered import Registered
from home.imports.cells import CellError, read_day_cell, read_identity
from home.imports.importable import Column, Importable, Made, Problem, Reading, Row, State, Verdict
from home.imports.verdicts import CELLS
from home.models import Patient
from home.names import folded
from medications.admin.vaccination_form import REFUSALS, TWICE, advice_words
from medications.models import VaccinationRecord, Vaccine
from medications.rules.medicine_names import medicine_words
from medications.rules.vaccination_checks import advice_on, may_be_given, problem_of
from medications.rules.vaccinations import Given
from medications.rules.vaccine_table import has_dose
from medications.selectors.people import local_day
from notifications.encryption.cipher import index_of
from notifications.languages.listed import PAGES
from notifications.texts.formats import listed
from notifications.web.date_fields import DayField


class TypedVaccineField(forms.CharField):
    """Its value is the `Vaccine` of `offered` that was meant: by its code, its name in either language, or words of it
    that no other has.
    """

    offered: Sequence[Vaccine] = ()

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        asked, words = folded(text), medicine_words(text, "")
        found = [each for each in self.offered if asked in (each.code, *map(folded, _names(each)))]
        found = found or [
            each
            for each in self.offered
            if words and any(set(words) <= set(medicine_words(name, each.code)) for name in _names(each))
        ]
        if not found:
            raise ValidationError(_("There is no vaccine of this name here."), code="unknown")
        if len(found) > 1:
            said = _("Which one? This may be %(names)s.")
            raise ValidationError(said % {"names": listed([str(each) for each in found])}, code="several")
        return found[0]


def _names(vaccine: Vaccine) -> list[str]:
    return [name for language in PAGES if (name := getattr(vaccine, f"name_{language}"))]


class VaccinationRowForm(forms.Form):
    """What the page asks of a vaccination that was given, with the vaccine as it is typed in words."""

    vaccine = TypedVaccineField(max_length=120)
    dose_number = forms.IntegerField(min_value=0)
    date_given = DayField()
    batch_number = forms.CharField(max_length=60, required=False)

    def __init__(self, *args: Any, vaccines: Sequence[Vaccine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed: Any = self.fields["vaccine"]
        typed.offered = vaccines

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        vaccine, number = cleaned.get("vaccine"), cleaned.get("dose_number")
        if vaccine is not None and number is not None and not has_dose(vaccine.code, number):
            self.add_error(
                "dose_number", ValidationError(_("This vaccine has no such dose."), code="no_dose")
            )
        return cleaned


@dataclass(slots=True)
class _ReadRow:
    """A row whose cells are right; `record` is what it would make."""

    verdict: Verdict
    patient: Patient
    record: VaccinationRecord

    @property
    def given(self) -> Given:
        on: Any = self.record.date_given
        return Given(vaccine=self.record.vaccine.code, dose_number=self.record.dose_number, on=on)


class Vaccinations(Importable):
    """Recorded as given, of patients who are here already, found by their folder or identity number. Nobody is written
    to about it. What is unwise is said beside the row, and recorded: it was given.
    """

    name: ClassVar[str] = "vaccinations"
    label: ClassVar[Any] = gettext_lazy("Vaccinations that were given")
    permission: ClassVar[str] = "medications.add_vaccinationrecord"
    columns: ClassVar[tuple[Column, ...]] = (
        *WHOSE,
        Column(
            "vaccine",
            gettext_lazy("Vaccine"),
            ("vaccine name", "vaccine code", "antigen", "entstof", "inenting", "vaksien"),
            required=True,
        ),
        Column(
            "dose_number",
            gettext_lazy("Dose number"),
            ("dose", "dose no", "dosis", "dosisnommer", "dosis nr"),
            required=True,
        ),
        Column(
            "date_given",
            gettext_lazy("Date given"),
            ("given", "given on", "date", "vaccination date", "datum", "gegee", "gegee op", "datum gegee"),
            required=True,
        ),
        Column(
            "batch_number",
            gettext_lazy("Batch number"),
            ("batch", "batch no", "lot", "lot number", "lot no", "lotnommer", "lot nr"),
        ),
    )

    def check(self, rows: Sequence[Row], reading: Reading) -> list[tuple[Verdict, Any]]:
        vaccines = list(Vaccine.objects.order_by("id"))
        registered = numbered_in(rows, reading)
        read = [_read(row, vaccines, registered, reading) for row in rows]
        sound = [each for each in read if isinstance(each, _ReadRow)]
        _look(sound)
        return [
            (each.verdict, each if each.verdict.state == State.NEW else None)
            if isinstance(each, _ReadRow)
            else (each, None)
            for each in read
        ]

    def carry_out(self, checked: Any, reading: Reading) -> Made:
        record: VaccinationRecord = checked.record
        try:
            with transaction.atomic():
                record.save()
        except IntegrityError:
            raise ValidationError(TWICE, code="twice") from None
        return Made(checked.patient.pk, {"record": record.pk})

    def undo(self, made: Sequence[Made], reading: Reading) -> list[str]:
        ids = [each.facts["record"] for each in made]
        rows = VaccinationRecord.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
        there = set(rows.values_list("pk", flat=True))
        entries = ModelLogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(VaccinationRecord),
            object_id__in=[str(pk) for pk in there],
        )
        changed = {int(pk) for pk in entries.values_list("object_id", flat=True)}
        VaccinationRecord.objects.filter(pk__in=there - changed).delete()
        said = _("Somebody has changed this vaccination since.")
        return [said if pk in changed else "" for pk in ids]

    def start_words(self, count: int) -> str:
        return ""  # nothing waits: nobody is written to about what was given

    def start(self, made: Made, now: datetime) -> None:
        """There is nothing to start."""


def _read(
    row: Row, vaccines: Sequence[Vaccine], registered: Registered, reading: Reading
) -> _ReadRow | Verdict:
    values = row.values
    problems: list[Problem] = []
    notes: list[str] = []
    read: dict[str, str] = {}
    for name, reader in (("date_given", read_day_cell), ("id_number", read_identity)):
        try:
            cell = reader(values.get(name, ""))
        except CellError as error:
            problems.append(Problem(name, str(CELLS[error.code])))
            continue
        read[name] = cell.text
        if cell.was:
            notes.append(_("“%(was)s” was read as %(now)s.") % {"was": cell.was, "now": cell.text})
    form = VaccinationRowForm({**values, "date_given": read.get("date_given", "")}, vaccines=vaccines)
    refused = {each.column for each in problems}
    problems += [
        Problem(name, str(words))
        for name, said in form.errors.items()
        if name not in refused
        for words in said
    ]
    patient: Patient | None = None
    if "id_number" in read:
        numbers = {"folder_number": values.get("folder_number", ""), "id_number": read["id_number"]}
        found = whose_row(numbers, registered, reading)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            patient = found
    cleaned = form.cleaned_data
    day: date | None = cleaned.get("date_given")
    if patient and day and (said := _refusal(patient, day, reading.now)):
        problems.append(Problem("date_given", said))
    vaccine = cleaned.get("vaccine")
    name = ", ".join(filter(None, (str(vaccine or values.get("vaccine", "")), values.get("dose_number", ""))))
    verdict = Verdict(State.NEW, name=name, problems=problems, notes=notes)
    verdict.patient_id = patient.pk if patient else None
    if patient is None or problems:
        verdict.state = State.REFUSED
        return verdict
    mark = f"{patient.pk} {cleaned['vaccine'].pk} {cleaned['dose_number']}"
    verdict.marks = {"dose_number": index_of(f"import dose_number {mark}")}
    return _ReadRow(verdict, patient, VaccinationRecord(patient=patient, **cleaned))


def _refusal(patient: Patient, day: date, now: datetime) -> str:
    problem = problem_of(
        day,
        born=patient.date_of_birth,
        died=patient.deceased_on,
        today=local_day(patient, now),
        given=True,
    )
    return str(REFUSALS[problem]) if problem else ""


def _look(rows: Iterable[_ReadRow]) -> None:
    """Number repeats, find what is there already, and say what is unwise: in the order in which they were given, each
    beside those before it. Two queries.
    """
    read = sorted(rows, key=lambda each: (each.given.on, each.given.dose_number))
    ids = {each.patient.pk for each in read}
    others = VaccinationRecord.objects.given_to(ids)
    recorded: dict[tuple[int, int, int], dict[int, date | None]] = {}
    for patient_id, vaccine_id, number, repeat, day in VaccinationRecord.objects.filter(
        patient_id__in=ids
    ).values_list("patient_id", "vaccine_id", "dose_number", "repeat", "date_given"):
        recorded.setdefault((patient_id, vaccine_id, number), {})[repeat] = day
    for each in read:
        verdict, record, given = each.verdict, each.record, each.given
        born, before = each.patient.date_of_birth, others[each.patient.pk]
        same = recorded.get((each.patient.pk, record.vaccine.pk, record.dose_number), {})
        if given.on in same.values():
            verdict.state = State.SAME
            continue
        free = may_be_given(before, vaccine=given.vaccine, dose_number=given.dose_number, born=born)
        if not free or None in same.values():
            verdict.state = State.REFUSED
            verdict.problems.append(Problem("dose_number", str(TWICE)))
            continue
        record.repeat = max(same) + 1 if same else 0
        found = advice_on(given, born=born, others=before)
        verdict.notes += [advice_words(one, given.on, "date_given") for one in found]
        before.append(given)
