"""The page of today's doses of one person, where each can be answered."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medications.models import Dose
from medications.selectors.day import dose_of, doses_of_day, unanswered_counts, whom_to_show
from medications.selectors.people import Person, people_cared_for, person_of
from medications.selectors.vaccination import has_vaccinations
from medications.services import answers
from medications.views.access import own_dose
from medications.views.chips import chips, chosen
from medications.views.dose_card import DoseCard, card, slots
from medications.views.moments import greeting
from notifications.texts.formats import weekday_day
from notifications.web.access import PersonalRequest, reading
from notifications.web.numbers import whole_number, whole_numbers

_PAGE = "medications/today.html"
OFFLINE_COPY = "Offline-Copy"
"""Tells the service worker to keep the page for when there is no connection, or that what it kept is no longer so."""


@reading
def today(request: PersonalRequest) -> HttpResponse:
    """The page; for HTMX the day alone. `skip` names the doses whose form for skipping is open."""
    people = people_cared_for(request.user)
    now = timezone.now()
    context: dict[str, Any] = {
        "nav": "today",
        "now": now,
        "greeting": greeting(timezone.localtime(now), request.user.first_name),
    }
    if not people:
        return render(request, _PAGE, {**context, "date": weekday_day(timezone.localdate(now))})
    person = chosen(people, request.GET) or whom_to_show(people, now=now)
    doses = doses_of_day(person, now=now)
    asking = whole_numbers(request.GET.getlist("skip"))
    found = slots(doses, person, request.user, now=now, asking=asking)
    due = [each.name for slot in found for each in slot.cards if each.look == "due"]
    context |= {
        **_summary(people, person, doses),
        "slots": found,
        "due_count": len(due),
        "said": _newly_due(due, request.GET.get("due", "")),
        "has_vaccinations": has_vaccinations(person, now=now),
        "medicines_url": f"{reverse('medications:medicines')}?who={person.patient.pk}",
        "other_zone": person.patient.zone if person.zone.key != timezone.get_current_timezone_name() else "",
    }
    response = render(request, f"{_PAGE}#day_answer" if request.htmx else _PAGE, context)
    response[OFFLINE_COPY] = "renew" if request.htmx else "keep"
    return response


@own_dose("GET", "HEAD")
def dose(request: PersonalRequest, dose: Dose) -> HttpResponse:
    """One dose's card for HTMX, with its form for skipping if `skip` is there; else a redirect to its day."""
    if not request.htmx:
        return redirect(_day_url(dose))
    shown = card(
        dose, Person(dose.patient, False), request.user, now=timezone.now(), asks="skip" in request.GET
    )
    return render(request, f"{_PAGE}#dose", {"card": shown})


@own_dose("POST")
def take(request: PersonalRequest, dose: Dose) -> HttpResponse:
    answers.dose_take(dose_id=dose.pk, user=request.user, now=timezone.now())
    return _answered(request, dose)


@own_dose("POST")
def skip(request: PersonalRequest, dose: Dose) -> HttpResponse:
    reason = request.POST.get("reason", "").replace("\0", "")
    answers.dose_skip(dose_id=dose.pk, user=request.user, now=timezone.now(), reason=reason)
    return _answered(request, dose)


@own_dose("POST")
def snooze(request: PersonalRequest, dose: Dose) -> HttpResponse:
    answers.dose_snooze(dose_id=dose.pk, user=request.user, now=timezone.now())
    return _answered(request, dose)


@own_dose("POST")
def undo(request: PersonalRequest, dose: Dose) -> HttpResponse:
    answers.dose_undo(dose_id=dose.pk, user=request.user, now=timezone.now())
    return _answered(request, dose)


def _answered(request: PersonalRequest, dose: Dose) -> HttpResponse:
    """For HTMX the answered card with the counts above it; else a redirect to the day, with a message."""
    now = timezone.now()
    answered = dose_of(request.user, dose.pk)
    if answered is None:  # it was stopped meanwhile
        messages.info(request, _("Do not take this dose. Your clinic has stopped it."))
        return redirect(_day_url(dose, anchor=False)) if not request.htmx else _reload()
    shown = card(answered, Person(answered.patient, False), request.user, now=now, is_fresh=True)
    if not request.htmx:
        messages.success(request, _said(shown))
        return redirect(_day_url(dose))
    people = people_cared_for(request.user)
    person = person_of(people, dose.patient_id) or people[0]
    doses = doses_of_day(person, now=now)
    context = {**_summary(people, person, doses), "card": shown, "said": _said(shown)}
    response = render(request, f"{_PAGE}#answer", context)
    response[OFFLINE_COPY] = "renew"
    return response


def _summary(people: list[Person], person: Person, doses: list[Dose]) -> dict[str, Any]:
    """The values of the page's head: the person, the date, the progress and the chips."""
    now = timezone.now()
    today = person.today(now)
    due_today = [dose for dose in doses if dose.due_at.astimezone(person.zone).date() == today]
    waiting = unanswered_counts(people, now=now)
    return {
        "person": person,
        "date": weekday_day(today),
        "progress": _progress(sum(dose.state == Dose.State.TAKEN for dose in due_today), len(due_today)),
        "chips": chips(people, person, page="medications:today", now=now, waiting=waiting),
    }


def _progress(taken: int, total: int) -> str:
    if not total:
        return _("no doses today")
    words = ngettext("%(taken)d of %(total)d dose taken", "%(taken)d of %(total)d doses taken", total)
    return words % {"taken": taken, "total": total}


def _newly_due(due: list[str], before: str) -> str:
    """The announcement when a dose fell due while the page was open; `before` is the number that it showed."""
    known = whole_number(before)
    if known is None or len(due) <= known:
        return ""
    return _("Due now: %(medicines)s") % {"medicines": ", ".join(due)}


def _said(shown: DoseCard) -> str:
    """The announcement of a dose's state after an answer."""
    values = {"medicine": shown.name, "time": shown.answered_at, "remind_at": shown.remind_at}
    if shown.look == "taken":
        return _("%(medicine)s: taken at %(time)s.") % values
    if shown.look == "skipped":
        return _("%(medicine)s: skipped at %(time)s.") % values
    if shown.remind_at:
        return _("%(medicine)s: we will remind you again at %(remind_at)s.") % values
    return _("%(medicine)s: not answered yet.") % values


def _day_url(dose: Dose, *, anchor: bool = True) -> str:
    return f"{reverse('medications:today')}?who={dose.patient_id}{f'#dose-{dose.pk}' if anchor else ''}"


def _reload() -> HttpResponse:
    response = HttpResponse(status=204)
    response["HX-Refresh"] = "true"
    return response
