"""The form of a vaccination: what can't be is refused beside its field, of what is unwise the nurse is told first."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.admin.scope import ClinicScopedForm
from home.models import Patient
from medications.models import VaccinationRecord, Vaccine
from medications.rules.vaccination_checks import Advice, Kind, Problem, advice_on, may_be_given, problem_of
from medications.rules.vaccinations import Given
from medications.rules.vaccine_table import has_dose
from medications.selectors.people import local_day
from notifications.texts.formats import day as in_words

_DATES = ("date_given", "next_due_date")
_NO_DATE = gettext_lazy("Give the day it was given, or the day it is due.")
TWICE = gettext_lazy("This patient already has a record of this dose.")
REFUSALS = {
    Problem.BEFORE_BIRTH: gettext_lazy("This is before the patient was born."),
    Problem.AFTER_DEATH: gettext_lazy("This is after the patient’s death."),
    Problem.IN_FUTURE: gettext_lazy(
        "This day is still to come. Give the day it was given, or leave this empty."
    ),
    Problem.TOO_FAR: gettext_lazy("This is too far ahead. Please check the year."),
}


class VaccinationRecordForm(ClinicScopedForm):
    """Asks once more before it saves what won't count; `save_anyway` is the answer to that.

    After validation `advice` has, by field, what is to be said.
    """

    save_anyway = forms.BooleanField(required=False, label=gettext_lazy("Save it all the same"))

    class Media:
        js = ["js/as-typed.js"]
        css = {"all": ["css/vaccination-admin.css"]}

    advice: dict[str, list[str]]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        self.advice = {}
        patient, vaccine, number = (cleaned.get(name) for name in ("patient", "vaccine", "dose_number"))
        if vaccine is not None and number is not None and not has_dose(vaccine.code, number):
            self.add_error(
                "dose_number", ValidationError(_("This vaccine has no such dose."), code="no_dose")
            )
            number = None
        if patient is not None:
            self._refuse(patient, cleaned)
        if patient is not None and vaccine is not None and number is not None:
            self._look(patient, vaccine, number, cleaned)
        if not any(cleaned.get(name) or name in self.errors for name in _DATES):
            self.add_error("date_given", ValidationError(_NO_DATE, code="required"))
        if self.advice and not cleaned.get("save_anyway"):
            for name, texts in self.advice.items():
                self.add_error(name, [ValidationError(text, code="advice") for text in texts])
        return cleaned

    def _refuse(self, patient: Patient, cleaned: dict[str, Any]) -> None:
        today = local_day(patient, timezone.now())
        for name in _DATES:
            day = cleaned.get(name)
            problem = day and problem_of(
                day,
                born=patient.date_of_birth,
                died=patient.deceased_on,
                today=today,
                given=name == "date_given",
            )
            if problem:
                self.add_error(name, ValidationError(REFUSALS[problem], code=problem))
                cleaned.pop(name, None)

    def _look(self, patient: Patient, vaccine: Vaccine, number: int, cleaned: dict[str, Any]) -> None:
        """Number a repeat, refuse what is there already, and find what is to be said of the dates."""
        rows = VaccinationRecord.objects.filter(patient=patient).exclude(pk=self.instance.pk)
        others = rows.given_to([patient.pk])[patient.pk]
        same = rows.filter(vaccine=vaccine, dose_number=number)
        possible = may_be_given(others, vaccine=vaccine.code, dose_number=number, born=patient.date_of_birth)
        moved = self.instance.pk is None or bool(
            {"patient", "vaccine", "dose_number"} & set(self.changed_data)
        )
        if moved and (not possible or same.filter(date_given__isnull=True).exists()):
            self.add_error("dose_number", ValidationError(TWICE, code="twice"))
        elif moved:
            highest = same.aggregate(highest=Max("repeat"))["highest"]
            self.instance.repeat = 0 if highest is None else highest + 1
        for name in _DATES:
            # Once it was given, when it was due is of no consequence.
            day = None if name == "next_due_date" and cleaned.get("date_given") else cleaned.get(name)
            if day and name in self._newly_said():
                candidate = Given(vaccine=vaccine.code, dose_number=number, on=day)
                found = advice_on(candidate, born=patient.date_of_birth, others=others)
                if texts := [advice_words(each, day, name) for each in found]:
                    self.advice[name] = texts

    def _newly_said(self) -> tuple[str, ...]:
        """The dates of which the nurse wasn't told before: who corrects a batch number isn't asked again."""
        if {"patient", "vaccine", "dose_number"} & set(self.changed_data):
            return _DATES
        return tuple(name for name in _DATES if name in self.changed_data)


def advice_words(advice: Advice, day: date, name: str) -> str:
    """What the nurse is told of a day in the field of this name."""
    given = name == "date_given"
    if advice.kind == Kind.TOO_EARLY and advice.day:
        values = {"day": in_words(advice.day)}
        if given:
            return _("This is too early, so it doesn’t count. It would count from %(day)s on.") % values
        return _("This is too early. It counts from %(day)s on.") % values
    if advice.kind == Kind.TOO_OLD:
        if given:
            return _("At that age this dose is no longer given. Record it only if it was given.")
        return _("At that age this dose is no longer given, so nobody is reminded.")
    if advice.kind == Kind.UNDOES and advice.day:
        values = {"number": str(advice.dose_number), "day": in_words(advice.day)}
        return _("Then dose %(number)s of %(day)s comes too early and doesn’t count.") % values
    return _("At this child’s age the vaccine needs no further dose.")
