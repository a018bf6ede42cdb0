"""A row of a file of prescriptions, read as a nurse would fill in the form at the desk."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from home.admin.importing.whose_row import whose_row
from home.admin.registered import Registered
from home.imports.cells import CellError, read_day_cell, read_identity, read_yes
from home.imports.importable import Problem, Reading, Row, State, Verdict
from home.imports.verdicts import CELLS
from home.models import Patient
from home.names import folded, sound_alike
from medications.admin.importing.dose_cells import Days, Times, read_amount, read_days, read_times
from medications.admin.prescribe_form import PrescribeRow
from medications.admin.schedule_errors import COUNT_FROM
from medications.admin.typed_medicine import typed_as
from medications.formats import quantity, unit
from medications.models import Medicine, Prescription
from medications.number_field import as_typed
from medications.presentation.phrases import PHRASES, in_both
from medications.presentation.schedule_words import how_and_when
from medications.rules.medicine_names import medicine_words
from notifications.encryption.cipher import index_of
from notifications.languages.listed import PAGES

_COLUMNS = {
    "slots": "times",
    "other_times": "times",
    "weekdays": "days",
    "n": "days",
    "phrase": "instructions",
}
"""The column from which a field of the form is filled, where it has another name."""
_UNITS: Mapping[str, set[str]] = {
    "tablet": {"tablet", "tablets", "tablette", "tab", "tabs", "tabl"},
    "capsule": {"capsule", "capsules", "kapsule", "kapsules", "cap", "caps", "kaps"},
    "ml": {"ml", "mls", "millilitre", "millilitres", "milliliter", "milliliters"},
    "puff": {"puff", "puffs", "inhalation", "inhalations", "inaseming", "inasemings"},
    "injection": {"injection", "injections", "inj", "inspuiting", "inspuitings"},
    "drop": {"drop", "drops", "druppel", "druppels", "gtt"},
    "patch": {"patch", "patches", "pleister", "pleisters"},
}
_COUNTED = (Medicine.Form.TABLET, Medicine.Form.CAPSULE)
_SOME, _MANY = Decimal(5), Decimal(10)
"""Without a unit, from the first on what is also the strength may be milligrams, and so may any number of tablets above
the second. Above that, what is also the strength is no number of units, whatever stands behind it.
"""

Taken = Mapping[tuple[int, int], Prescription]
"""What is taken already, by patient and medicine."""


class PrescriptionRow:
    """Whose it is, the form of the desk filled from it, and what is wrong with it."""

    patient: Patient | None = None

    def __init__(
        self, row: Row, medicines: Sequence[Medicine], registered: Registered, reading: Reading
    ) -> None:
        self.values = row.values
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self._find_patient(registered, reading)
        self.today = (
            reading.now.astimezone(ZoneInfo(self.patient.zone)).date()
            if self.patient
            else timezone.localdate(reading.now)
        )
        self.text = " ".join(filter(None, (self._cell("medicine"), self._cell("strength"))))
        self.amount = read_amount(self._cell("quantity"))
        self.form = PrescribeRow(self._data(), today=self.today, medicines=medicines)
        refused = {each.column for each in self.problems}
        self.problems += [
            Problem(column, str(words))
            for name, said in self.form.errors.items()
            if (column := _COLUMNS.get(name, name)) not in refused
            for words in said
        ]
        self._look_at_unit()

    def _cell(self, name: str) -> str:
        return self.values.get(name, "").strip()

    def _refuse(self, column: str, words: Any) -> None:
        self.problems.append(Problem(column, str(words)))

    def _find_patient(self, registered: Registered, reading: Reading) -> None:
        try:
            identity = read_identity(self._cell("id_number"))
        except CellError as error:
            self._refuse("id_number", CELLS[error.code])
            return
        self._was(identity.was, identity.text)
        numbers = {"folder_number": self._cell("folder_number"), "id_number": identity.text}
        found = whose_row(numbers, registered, reading)
        if isinstance(found, Problem):
            self.problems.append(found)
            return
        name = " ".join(filter(None, (self._cell("first_name"), self._cell("last_name"))))
        if name and not sound_alike(name, found.get_full_name()):
            self._refuse("first_name", _("The patient with this number has another name."))
            return
        self.patient = found

    def _was(self, was: str, now: str) -> None:
        if was:
            self.notes.append(_("“%(was)s” was read as %(now)s.") % {"was": was, "now": now})

    def _data(self) -> dict[str, Any]:
        """What a nurse would have filled in."""
        times, days = read_times(self._cell("times")), self._days()
        return {
            "medicine": self.text if self._cell("medicine") else "",
            "quantity": self.amount.number,
            "pattern": self._pattern(times, days),
            "slots": list(times.slots),
            "other_times": ", ".join(times.others),
            "weekdays": [str(day) for day in days.weekdays],
            "n": days.n or "",
            "min_hours": self._cell("min_hours"),
            "max_per_day": self._cell("max_per_day"),
            "start_date": self._day("start_date"),
            "end_date": self._day("end_date"),
            **self._instructions(),
        }

    def _days(self) -> Days:
        text = self._cell("days")
        days = Days() if read_times(text).as_needed else read_days(text)
        if days is None:
            self._refuse(
                "days",
                _("Write the days like: daily, weekdays, Monday and Thursday, every 2 days, weekly."),
            )
        return days or Days()

    def _pattern(self, times: Times, days: Days) -> str:
        is_as_needed = times.as_needed or read_times(self._cell("days")).as_needed
        try:
            is_as_needed |= read_times(self._cell("as_needed")).as_needed or read_yes(self._cell("as_needed"))
        except CellError as error:
            self._refuse("as_needed", CELLS[error.code])
        is_planned = times.slots or times.others or days.weekdays or days.n
        is_limited = self._cell("min_hours") or self._cell("max_per_day")
        if (is_as_needed and is_planned) or (is_limited and not is_as_needed):
            self._refuse(
                "as_needed",
                _("Is it taken at set times, or only when needed? Leave the cells of the other one empty."),
            )
        if is_as_needed and not is_planned:
            return "as_needed"
        if days.n and not self._cell("start_date"):
            self._refuse("start_date", COUNT_FROM)
        return "every_n_days" if days.n else "times"

    def _day(self, name: str) -> str:
        try:
            day = read_day_cell(self._cell(name))
        except CellError as error:
            self._refuse(name, CELLS[error.code])
            return ""
        self._was(day.was, day.text)
        return day.text

    def _instructions(self) -> dict[str, str]:
        """A phrase of the list, in whichever language; other words are needed in both."""
        names = [f"instructions_{language}" for language in PAGES]
        found = {name: self._cell(name) for name in names}
        text = self._cell("instructions")
        if text:
            found["phrase"] = next(
                (name for name in PHRASES if folded(text) in map(folded, in_both(name).values())), ""
            )
            if not found["phrase"]:
                self._refuse(
                    "instructions",
                    _(
                        "This is none of the phrases of the list. Write it in the columns “Instructions (English)” and "
                        "“Instructions (Afrikaans)”: the patient may read either."
                    ),
                )
        return found

    def _look_at_unit(self) -> None:
        """Milligrams in the place of tablets would be hundreds of them."""
        medicine, number = (self.form.cleaned_data.get(name) for name in ("medicine", "quantity"))
        if not medicine or not number:
            return
        units = unit(Decimal(2), medicine.form)
        known = _UNITS.get(medicine.form, {medicine.form})
        given = [each for each in (self._cell("unit"), self.amount.unit) if each]
        others = [each for each in given if folded(each).rstrip(".") not in known]
        is_strength = _is_strength(number, medicine)
        if others:
            said = _("Write how many %(units)s each time, not how many %(given)s.")
            self._refuse("quantity", said % {"units": units, "given": others[0]})
        elif is_strength and number > _MANY:
            said = _("This is the strength, %(strength)s. Write how many %(units)s each time.")
            self._refuse("quantity", said % {"strength": medicine.strength, "units": units})
        elif not given and (
            (is_strength and number >= _SOME) or (medicine.form in _COUNTED and number > _MANY)
        ):
            said = _("Is this the number of %(units)s? Then write the unit too: %(example)s.")
            self._refuse("quantity", said % {"units": units, "example": quantity(number, medicine.form)})

    def found(self, taken: Taken) -> tuple[Verdict, Any]:
        """What becomes of it beside what is taken already."""
        medicine = self.form.cleaned_data.get("medicine")
        verdict = Verdict(
            State.NEW, name=str(medicine or self.text), problems=self.problems, notes=self.notes
        )
        patient, order = self.patient, self.form.order
        verdict.patient_id = patient.pk if patient else None
        if patient is None or order is None or self.problems:
            verdict.state = State.REFUSED
            if patient:  # whose name stands beside the row
                verdict.notes.insert(0, verdict.name)
            return verdict, None
        if folded(self.text) not in (folded(str(order.medicine)), folded(typed_as(order.medicine))):
            self._was(self.text, typed_as(order.medicine))
        verdict.marks = {"medicine": index_of(f"import medicine {patient.pk} {order.medicine.pk}")}
        if there := taken.get((patient.pk, order.medicine.pk)):
            verdict.state = State.SAME
            said = _("This patient takes it already, and that stays as it is (%(how)s).")
            verdict.notes.append(said % {"how": self._words(there)})
            return verdict, None
        verdict.notes.append(self._words(order.prescription(patient)))
        return verdict, (patient, order)

    def _words(self, prescription: Prescription) -> str:
        how = "; ".join(how_and_when(prescription, today=self.today))
        return f"{prescription.medicine}: {how}"


def _is_strength(number: Decimal, medicine: Medicine) -> bool:
    words = medicine_words("", medicine.strength)
    return number == next((as_typed(word) for word in words if word[0].isdigit()), None)
