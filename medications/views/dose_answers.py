"""The answers to one dose, given on the page of its day."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from medications.models import Dose, SkipCode
from medications.selectors.day import LOOKS_BACK, dose_of
from medications.selectors.people import Person, people_cared_for, person_of
from medications.services import answers
from medications.views.access import own_dose
from medications.views.dose_card import DoseCard, Open, card
from medications.views.today import OFFLINE_COPY, PAGE, day_url, doses_shown, past_day, summary
from notifications.web.access import PersonalRequest
from notifications.web.numbers import whole_number


@own_dose("GET", "HEAD")
def dose(request: PersonalRequest, dose: Dose) -> HttpResponse:
    """One dose's card for HTMX, with its form if `skip` or `later` is there; else a redirect to its day."""
    now = timezone.now()
    person = Person(dose.patient, False)
    if not request.htmx:
        return redirect(f"{_where(request, dose, now)}#dose-{dose.pk}")
    opened = Open(
        skip=[dose.pk] if "skip" in request.GET else [],
        later=[dose.pk] if "later" in request.GET else [],
        day=past_day(request, person, now),
    )
    shown = card(dose, person, request.user, now=now, opened=opened)
    return render(request, f"{PAGE}#dose", {"card": shown})


@own_dose("POST")
def take(request: PersonalRequest, dose: Dose) -> HttpResponse:
    """All of it, now; or at the time at which it was due (`at_its_time`)."""
    now = timezone.now()
    at = min(dose.due_at, now) if request.POST.get("at_its_time") else None
    answers.dose_take(dose_id=dose.pk, user=request.user, now=now, taken_at=at)
    return answered(request, dose)


@own_dose("POST")
def skip(request: PersonalRequest, dose: Dose) -> HttpResponse:
    reason = request.POST.get("reason", "").replace("\0", "")
    code = request.POST.get("code", "")
    answers.dose_skip(
        dose_id=dose.pk,
        user=request.user,
        now=timezone.now(),
        reason=reason,
        code=code if code in SkipCode.values else "",
    )
    return answered(request, dose)


@own_dose("POST")
def snooze(request: PersonalRequest, dose: Dose) -> HttpResponse:
    """Remind again after `minutes`, or after the usual while."""
    minutes = whole_number(request.POST.get("minutes", ""))
    known = minutes if minutes and minutes <= _LONGEST_WAIT else None
    answers.dose_snooze(dose_id=dose.pk, user=request.user, now=timezone.now(), minutes=known)
    return answered(request, dose)


@own_dose("POST")
def undo(request: PersonalRequest, dose: Dose) -> HttpResponse:
    answers.dose_undo(dose_id=dose.pk, user=request.user, now=timezone.now())
    return answered(request, dose)


_LONGEST_WAIT = 240
"""Minutes; a reminder never comes later than `remind_until` anyway."""


def answered(request: PersonalRequest, dose: Dose) -> HttpResponse:
    """For HTMX the answered card with the counts above it; else a redirect to the day, with a message."""
    now = timezone.now()
    found = dose_of(request.user, dose.pk)
    where = _where(request, dose, now)
    if found is None:
        messages.info(request, _gone(dose))
        return redirect(where) if not request.htmx else _reload()
    person = Person(found.patient, False)
    day = past_day(request, person, now)
    shown = card(found, person, request.user, now=now, opened=Open(fresh=[found.pk], day=day))
    if not request.htmx:
        messages.success(request, answer_said(shown))
        return redirect(f"{where}&answered={dose.pk}#dose-{dose.pk}")
    people = people_cared_for(request.user)
    person = person_of(people, dose.patient_id) or people[0]
    doses = doses_shown(person, day, now)
    context: dict[str, Any] = {
        **summary(people, person, doses, day, now),
        "card": shown,
        "said": answer_said(shown),
    }
    response = render(request, f"{PAGE}#answer", context)
    response[OFFLINE_COPY] = "renew"
    return response


def answer_said(shown: DoseCard) -> str:
    """The announcement of a dose's state after an answer."""
    values = {
        "medicine": shown.name,
        "time": shown.answered_at,
        "remind_at": shown.remind_at,
        "quantity": shown.part,
    }
    if shown.look == "taken" and shown.part:
        return _("%(medicine)s: %(quantity)s taken at %(time)s.") % values
    if shown.look == "taken":
        return _("%(medicine)s: taken at %(time)s.") % values
    if shown.look == "skipped":
        return _("%(medicine)s: skipped at %(time)s.") % values
    if shown.remind_at:
        return _("%(medicine)s: we will remind you again at %(remind_at)s.") % values
    return _("%(medicine)s: not answered yet.") % values


def page_of(dose: Dose, now: datetime) -> date | None:
    """The past day on whose page a dose is shown, None for today's."""
    person = Person(dose.patient, False)
    day = dose.due_at.astimezone(person.zone).date()
    on_today = dose.due_at >= now - LOOKS_BACK if dose.is_planned else day == person.today(now)
    return None if day >= person.today(now) or on_today else day


def _where(request: PersonalRequest, dose: Dose, now: datetime) -> str:
    """The page that the answer came from, or else the one on which the dose is shown."""
    person = Person(dose.patient, False)
    return day_url(person, past_day(request, person, now) or page_of(dose, now))


def _gone(dose: Dose) -> str:
    """Why a dose isn't there any more after the answer."""
    if not dose.is_planned:
        return _("%(medicine)s: taken back.") % {"medicine": dose.prescription.medicine}
    return _("Do not take this dose. Your clinic has stopped it.")


def _reload() -> HttpResponse:
    response = HttpResponse(status=204)
    response["HX-Refresh"] = "true"
    return response
