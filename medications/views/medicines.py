"""Pages of medicines: the list, one medicine with its stock and history, and the form for a refill."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _

from medications import formats
from medications.forms import RefillForm
from medications.models import Dose, Prescription, StockMovement
from medications.presentation.months import covered_in_words
from medications.presentation.reasons import reason_words
from medications.presentation.schedule_words import how_and_when
from medications.presentation.stock_plot import stock_plot
from medications.presentation.stock_words import stock_notices, stock_tag
from medications.rules.adherence import count
from medications.selectors.adherence import covered, outcomes_of
from medications.selectors.as_needed import as_needed_of
from medications.selectors.ledger import newest_refill
from medications.selectors.medicines import has_ended, history_of, prescriptions_of
from medications.selectors.outlook import Outlook, outlooks
from medications.selectors.people import Person, full_name, people_cared_for, person_of
from medications.selectors.vaccination import has_vaccinations
from medications.services.once import ChangedMeanwhileError
from medications.services.refill import refill_record
from medications.views.access import own_prescription
from medications.views.as_needed_card import as_needed_card
from medications.views.chips import chips, chosen
from medications.views.moments import clock_or_day
from notifications.texts.formats import clock, weekday_day
from notifications.texts.formats import day as in_words
from notifications.web.access import PersonalRequest, reading
from notifications.web.numbers import whole_number

_LIST = "medications/medicines.html"
_PAGE = "medications/medicine.html"
_FRESH = timedelta(days=7)


@reading
def medicines(request: PersonalRequest) -> HttpResponse:
    """The medicines of one person; for HTMX the list alone."""
    people = people_cared_for(request.user)
    if not people:
        return render(request, _LIST, {"nav": "medicines"})
    now = timezone.now()
    person = chosen(people, request.GET) or people[0]
    active, ended = prescriptions_of(person, now=now)
    found = outlooks(active, now=now)
    today = person.today(now)
    context = {
        "nav": "medicines",
        "person": person,
        "chips": chips(people, person, page="medications:medicines", now=now),
        "active": [
            {
                "prescription": each,
                "lines": how_and_when(each, today=today),
                "tag": stock_tag(found[each.pk]) if each.pk in found else None,
            }
            for each in active
        ],
        "ended": [{"prescription": each, "ended_on": _ended_on(each, person)} for each in ended],
        "has_vaccinations": has_vaccinations(person, now=now),
    }
    return render(request, f"{_LIST}#list" if request.htmx else _LIST, context)


@own_prescription("GET", "HEAD")
def medicine(request: PersonalRequest, prescription: Prescription) -> HttpResponse:
    """One medicine of one person."""
    return _medicine(request, prescription)


@own_prescription("POST")
def collected(request: PersonalRequest, prescription: Prescription) -> HttpResponse:
    """Log a refill. If a value is wrong, the form is shown again with its errors and nothing has changed."""
    now = timezone.now()
    form = RefillForm(request.POST, today=Person(prescription.patient, False).today(now))
    if form.is_valid():
        try:
            refill_record(
                prescription=prescription,
                **form.cleaned_data,
                seen=whole_number(request.POST.get("seen", "")),
                user=request.user,
                now=now,
            )
        except ChangedMeanwhileError:
            form.add_error(
                None, _("Something was noted meanwhile. Save again only if you collected this as well.")
            )
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
    if form.errors:
        if request.htmx:
            context = {"prescription": prescription, "form": form, **_noted(prescription, now)}
            return render(request, f"{_PAGE}#refill", context)
        return _medicine(request, prescription, form)
    quantity = formats.quantity(form.cleaned_data["quantity"], prescription.medicine.form)
    said = _("Noted: you collected %(quantity)s.") % {"quantity": quantity}
    if request.htmx:
        return _medicine(request, prescription, said=said)
    messages.success(request, said)
    return redirect("medications:medicine", prescription.pk)


def _medicine(
    request: PersonalRequest, prescription: Prescription, form: RefillForm | None = None, said: str = ""
) -> HttpResponse:
    now = timezone.now()
    person = Person(prescription.patient, False)
    outlook = outlooks([prescription], now=now).get(prescription.pk)
    context: dict[str, Any] = {
        "prescription": prescription,
        "outlook": outlook,
        "form": form or RefillForm(today=person.today(now)),
        "can_collect": not has_ended(prescription, person.today(now)),
        "said": said,
        **_noted(prescription, now),
        **(_stock(outlook) if outlook else {}),
    }
    if said:
        return _retargeted(render(request, f"{_PAGE}#collected", context))
    as_needed = as_needed_of([prescription], now=now)
    people = people_cared_for(request.user)
    known = person_of(people, prescription.patient_id) or person
    context |= {
        "nav": "medicines",
        "back_url": f"{reverse('medications:medicines')}?who={prescription.patient_id}",
        "for_whom": "" if known.is_self else full_name(known, people),
        "lines": how_and_when(prescription, today=person.today(now)),
        "ended_on": _ended_on(prescription, person) if not context["can_collect"] else "",
        "as_needed": as_needed_card(as_needed[0], person) if as_needed else None,
        "adherence_url": f"{reverse('medications:adherence')}?who={prescription.patient_id}"
        f"#medicine-{prescription.pk}",
        **_this_month(prescription, person.today(now), now=now),
        "history": [_answer(dose, person, request) for dose in history_of(prescription, now=now)],
    }
    return render(request, _PAGE, context)


def _noted(prescription: Prescription, now: datetime) -> dict[str, Any]:
    """The refill that the form's reader knows of, and in words while it may be the one that they want to note."""
    refill = newest_refill(prescription)
    context: dict[str, Any] = {"seen": refill.pk if refill else 0}
    if refill and now - refill.at < _FRESH:
        at_clinic = refill.kind == StockMovement.Kind.HANDED_OUT
        text = (
            _("Handed out by the clinic on %(day)s: %(quantity)s.")
            if at_clinic
            else _("Noted on %(day)s: %(quantity)s.")
        )
        context["noted"] = text % {
            "day": weekday_day(refill.at.astimezone(Person(prescription.patient, False).zone).date()),
            "quantity": formats.quantity(refill.quantity, prescription.medicine.form),
        }
    return context


def _this_month(prescription: Prescription, today: date, *, now: datetime) -> dict[str, Any]:
    outcomes = outcomes_of([prescription], first=today.replace(day=1), last=today, now=now)
    days_covered = covered([prescription], until=today, now=now)
    return {
        "counts": count(outcomes[prescription.pk]),
        "covered": covered_in_words(days_covered.get(prescription.pk), today=today),
    }


def _retargeted(response: HttpResponse) -> HttpResponse:
    """Replace the whole stock section; the form's own target is the form."""
    response["HX-Retarget"] = "#stock"
    return response


def _stock(outlook: Outlook) -> dict[str, Any]:
    """The stock as a plot, as words and as a table."""
    form = outlook.prescription.medicine.form
    return {
        "stock": stock_plot(outlook),
        "tag": stock_tag(outlook),
        "notices": stock_notices(outlook),
        "batches": [(batch, formats.quantity(batch.quantity, form)) for batch in outlook.batches],
        "today": outlook.today,
    }


def _answer(dose: Dose, person: Person, request: PersonalRequest) -> dict[str, str]:
    """A line of the history."""
    local = dose.due_at.astimezone(person.zone)
    by = dose.answered_by
    given_at = dose.was_taken_at or dose.answered_at
    part = dose.taken_quantity
    kind = "" if dose.is_planned else str(dose.get_kind_display())
    return {
        "day": dateformat.format(local, "D j M"),
        "time": clock(dose.due_at, person.zone),
        "state": dose.get_state_display(),
        "look": str(dose.state),
        "at": clock_or_day(given_at, person.zone, today=local.date()) if given_at else "",
        "by": by.get_short_name() if by and by != request.user else "",
        "reason": reason_words(dose.skip_code, dose.skip_reason),
        "what": ", ".join(
            filter(
                None,
                [
                    kind,
                    formats.quantity(part, dose.prescription.medicine.form) if part else "",
                    _("too early or too much") if dose.over_limit else "",
                ],
            )
        ),
    }


def _ended_on(prescription: Prescription, person: Person) -> str:
    ended_on = prescription.end_date
    if prescription.ended_at:
        ended_on = prescription.ended_at.astimezone(person.zone).date()
    return in_words(ended_on) if ended_on else ""
