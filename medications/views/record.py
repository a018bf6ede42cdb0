"""The page on which a dose is recorded that isn't in the plan: as needed, or an extra one."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from medications import formats
from medications.models import Dose, Prescription
from medications.presentation.answer_lines import answer_line
from medications.rules.errors import RuleError
from medications.selectors.as_needed import AsNeeded, as_needed_of
from medications.selectors.day import answers_of
from medications.selectors.people import Person
from medications.services.answers import AnsweredMeanwhileError
from medications.services.unplanned import LimitReachedError, dose_record, record_correct
from medications.views.access import own_prescription
from medications.views.answer_forms import RecordForm
from medications.views.as_needed_card import as_needed_card, limit_words
from medications.views.moments import clock_or_day
from medications.views.today import day_url
from notifications.web.access import PersonalRequest

_PAGE = "medications/record.html"


@own_prescription("GET", "HEAD", "POST")
def record(request: PersonalRequest, prescription: Prescription) -> HttpResponse:
    """A dose that was taken just now (`now`), or when the form says.

    Too early or too much of a medicine that is taken as needed is recorded only when the person says that it was taken
    all the same (`all_the_same`).
    """
    return record_form(request, prescription)


def record_form(
    request: PersonalRequest, prescription: Prescription, dose: Dose | None = None
) -> HttpResponse:
    """The form for a new dose, or for correcting one."""
    now = timezone.now()
    person = Person(prescription.patient, False)
    outlook = next(iter(as_needed_of([prescription], now=now)), None)
    form = _form(request, prescription, dose, outlook, now)
    limits: list[str] = []
    if form.is_bound and form.is_valid():
        try:
            recorded = _save(request, prescription, dose, form, now)
        except LimitReachedError as error:
            limits = limit_words(error, prescription.medicine.form, person, now=now)
        except AnsweredMeanwhileError:
            messages.warning(
                request, _("Somebody changed it meanwhile. Nothing was changed. Please look again.")
            )
            return redirect(request.path)
        except RuleError as error:
            form.add_error("quantity" if error.field == "quantity" else "time", _refusal(error))
        else:
            messages.success(request, _said(recorded, person, now))
            return redirect(_next(request, recorded, person))
    context = {
        "nav": "medicines",
        "prescription": prescription,
        "dose": dose,
        "form": form,
        "as_needed": as_needed_card(outlook, person) if outlook else None,
        "limits": limits,
        "lines": [answer_line(each, dose, person, request.user) for each in answers_of(dose)] if dose else [],
        "is_own": person.is_self,
    }
    return render(request, _PAGE, context)


def _form(
    request: PersonalRequest,
    prescription: Prescription,
    dose: Dose | None,
    outlook: AsNeeded | None,
    now: datetime,
) -> RecordForm:
    person = Person(prescription.patient, False)
    whole: Decimal | None = outlook.rule.quantity if outlook else None
    values: dict[str, Any] = {
        "person": person,
        "now": now,
        "form": prescription.medicine.form,
        "whole": whole,
    }
    if request.method == "POST" and request.POST.get("now") and whole is not None:
        local = now.astimezone(person.zone)
        data = {
            "day": f"{local:%Y-%m-%d}",
            "time": f"{local:%H:%M}",
            "quantity": format(whole.normalize(), "f"),
        }
        return RecordForm(data, **values)
    if request.method == "POST":
        return RecordForm(request.POST, **values)
    if dose is None:
        return RecordForm(initial={"quantity": whole}, **values)
    seen = answers_of(dose)[:1]
    initial = {"quantity": dose.amount, "seen": seen[0].pk if seen else 0}
    return RecordForm(initial=initial, at=dose.due_at, **values)


def _save(
    request: PersonalRequest, prescription: Prescription, dose: Dose | None, form: RecordForm, now: datetime
) -> Dose:
    values: dict[str, Any] = {
        "user": request.user,
        "now": now,
        "taken_at": form.taken_at,
        "quantity": form.cleaned_data["quantity"],
        "all_the_same": bool(request.POST.get("all_the_same")),
    }
    if dose is None:
        return dose_record(prescription_id=prescription.pk, **values)
    return record_correct(dose_id=dose.pk, seen=form.last_seen, **values)


def _refusal(error: RuleError) -> str:
    if error.field == "quantity":
        return _("This must be more than 0.")
    if "already" in error.message:
        return _("A dose of this time is recorded already.")
    return _("This medicine was not prescribed at that time.")


def _said(dose: Dose, person: Person, now: datetime) -> str:
    return _("%(medicine)s: %(quantity)s taken at %(time)s.") % {
        "medicine": dose.prescription.medicine,
        "quantity": formats.quantity(dose.amount, dose.prescription.medicine.form),
        "time": clock_or_day(dose.due_at, person.zone, today=person.today(now)),
    }


def _next(request: PersonalRequest, dose: Dose, person: Person) -> str:
    """Back to today's page where the button was there, else to the history."""
    if request.POST.get("now"):
        return f"{day_url(person, None)}#as-needed-{dose.prescription_id}"
    return f"{reverse('medications:history', args=[dose.prescription_id])}#dose-{dose.pk}"
