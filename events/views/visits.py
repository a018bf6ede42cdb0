"""A person's visits, and those of the people they care for: when they are, another day, and "I can't come"."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events import visit_formats
from events.models import Visit
from events.rules.visit_days import offered
from events.selectors.visits import visit_of, visits_of_people
from events.visits.decide import visit_cancel, visit_confirm, visit_move
from events.visits.refusals import today_at
from home.models import CareRole, Relation, User
from notifications.texts.formats import isolated, weekday_day
from notifications.web.access import PersonalRequest, of_their_own, reading

PAGE, MOVE, CANCEL = "events/visits.html", "events/visit_move.html", "events/visit_cancel.html"
MOST = 20


def _page(_visit_id: int) -> str:
    return reverse("events:visits")


own_visit = of_their_own(visit_of, page=_page)
"""Hands the view the visit of that id, if it is of one of the reader's patients."""


@dataclass(frozen=True, slots=True)
class VisitCard:
    """One visit as the reader sees it; `whose` is empty for their own."""

    visit: Visit
    what: str
    when: str
    whose: str
    clinic_phone: str
    can_change: bool


@reading
def visits(request: PersonalRequest) -> HttpResponse:
    """The visits to come, soonest first."""
    now = timezone.now()
    rows = list(visits_of_people(request.user).filter(state=Visit.State.PLANNED)[:MOST])
    own = _own(request.user)
    context = {"cards": [_card(visit, own, now) for visit in rows], "nav": "events"}
    return render(request, PAGE, context)


class DayForm(forms.Form):
    """One of the days that the clinic offers."""

    day = forms.TypedChoiceField(
        label=gettext_lazy("Which day suits you?"),
        widget=forms.RadioSelect,
        coerce=date.fromisoformat,
        error_messages={
            "required": gettext_lazy("Choose a day."),
            "invalid_choice": gettext_lazy("Choose one of the days that the clinic offers."),
        },
    )

    def __init__(self, *args: Any, days: list[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].choices = [(day.isoformat(), weekday_day(day)) for day in days]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why somebody can't come, if they want to say it."""

    reason = forms.CharField(
        label=gettext_lazy("What makes it hard to come? The clinic reads it."),
        required=False,
        max_length=200,
    )


@own_visit("GET", "HEAD", "POST")
def move(request: PersonalRequest, visit: Visit) -> HttpResponse:
    """Choose another day."""
    now = timezone.now()
    days = [day for day in offered(today_at(visit.clinic, now)) if day != visit.day]
    form = DayForm(request.POST or None, days=days)

    def act() -> str:
        new = visit_move(
            visit_id=visit.pk,
            day=form.cleaned_data["day"],
            side=Visit.Side.PATIENT,
            by=request.user,
            now=now,
        )
        return _("The clinic expects you on %(when)s.") % {"when": visit_formats.when((new.day, new.at))}

    return _asked(request, visit, form, act, MOVE, now)


@own_visit("GET", "HEAD", "POST")
def cancel(request: PersonalRequest, visit: Visit) -> HttpResponse:
    """Ask first: it is the clinic's plan for them."""
    now = timezone.now()
    form = ReasonForm(request.POST if request.method == "POST" else None)

    def act() -> str:
        visit_cancel(
            visit_id=visit.pk,
            side=Visit.Side.PATIENT,
            by=request.user,
            reason=form.cleaned_data["reason"],
            now=now,
        )
        return _(
            "Noted, and the clinic knows. Please ask for another day, so that you don’t run out of medicine."
        )

    return _asked(request, visit, form, act, CANCEL, now)


@own_visit("POST")
def coming(request: PersonalRequest, visit: Visit) -> HttpResponse:
    try:
        visit_confirm(visit_id=visit.pk, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Thank you. The clinic expects you."))
    return redirect("events:visits")


def _asked(
    request: PersonalRequest,
    visit: Visit,
    form: forms.Form,
    act: Callable[[], str],
    template: str,
    now: datetime,
) -> HttpResponse:
    """The form, with what is wrong; or what was done, on the page of all visits."""
    if not visit.is_planned:
        messages.error(request, _("This visit is not planned any more."))
        return redirect("events:visits")
    if request.method == "POST" and form.is_valid():
        try:
            said = act()
        except ValidationError as error:
            for field, errors in error.error_dict.items():
                form.add_error(field if field in form.fields else None, errors)
        else:
            messages.success(request, said)
            return redirect("events:visits")
    context = {"card": _card(visit, _own(request.user), now), "form": form, "nav": "events"}
    return render(request, template, context)


def _own(user: User) -> set[int]:
    roles = CareRole.objects.filter(user=user, relation=Relation.SELF)
    return set(roles.values_list("patient_id", flat=True))


def _card(visit: Visit, own: set[int], now: datetime) -> VisitCard:
    phone = visit.clinic.phone
    return VisitCard(
        visit=visit,
        what=visit_formats.what(visit.kind),
        when=visit_formats.when((visit.day, visit.at)),
        whose="" if visit.patient_id in own else isolated(visit.patient.get_full_name()),
        clinic_phone=phone.as_national if phone else "",
        can_change=visit.day >= today_at(visit.clinic, now),
    )
