"""The page of a day's doses of one person, where each can be answered: today, or one of the seven days before."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medications.models import Dose
from medications.selectors.as_needed import as_needed_today
from medications.selectors.day import (
    ANSWERED_DAYS,
    doses_of_day,
    doses_of_past_day,
    open_days,
    unanswered_counts,
    whom_to_show,
)
from medications.selectors.medicines import not_started
from medications.selectors.people import Person, people_cared_for
from medications.selectors.vaccination import has_vaccinations
from medications.views.as_needed_card import as_needed_card
from medications.views.chips import chips, chosen
from medications.views.dose_card import Open, day_of
from medications.views.moments import day_words, greeting
from notifications.texts.formats import listed, weekday_day
from notifications.web.access import PersonalRequest, reading
from notifications.web.numbers import whole_number, whole_numbers
from notifications.web.shared_phone import is_shared

PAGE = "medications/today.html"
OFFLINE_COPY = "Offline-Copy"
"""Tells the service worker to keep the page for when there is no connection, or that what it kept is no longer so."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PastDay:
    """A link to another day: how it is called, where it is, and how many of its doses nobody has answered."""

    words: str
    url: str
    waiting: int


@reading
def today(request: PersonalRequest) -> HttpResponse:
    """The page; for HTMX the day alone. `skip` and `later` name the doses whose forms are open, `day` a past day."""
    people = people_cared_for(request.user)
    now = timezone.now()
    context: dict[str, Any] = {
        "nav": "today",
        "now": now,
        "greeting": greeting(timezone.localtime(now), request.user.first_name),
    }
    if not people:
        return render(request, PAGE, {**context, "date": weekday_day(timezone.localdate(now))})
    person = chosen(people, request.GET) or whom_to_show(people, now=now)
    day = past_day(request, person, now)
    if request.GET.get("day") and day is None:
        return redirect(f"{reverse('medications:today')}?who={person.patient.pk}")
    doses = doses_shown(person, day, now)
    shown = day_of(doses, person, request.user, now=now, opened=_opened(request, day))
    context |= {
        **summary(people, person, doses, day, now),
        "shown": shown,
        "due_count": len(shown.names_due),
        "said": _newly_due(shown.names_due, request.GET.get("due", "")),
        "medicines_url": f"{reverse('medications:medicines')}?who={person.patient.pk}",
        "other_zone": person.patient.zone if person.zone.key != timezone.get_current_timezone_name() else "",
        **(_past_page(person, day, now) if day else _today_page(person, now)),
    }
    response = render(request, f"{PAGE}#day_answer" if request.htmx else PAGE, context)
    if day is None and not is_shared(request):
        response[OFFLINE_COPY] = "renew" if request.htmx else "keep"
    return response


def past_day(request: HttpRequest, person: Person, now: datetime) -> date | None:
    """The past day that the request is about (`day`), if it is one of those that can still be answered."""
    try:
        day = date.fromisoformat(request.GET.get("day") or request.POST.get("day") or "")
    except ValueError:
        return None
    today = person.today(now)
    return day if today - _ONE_DAY * ANSWERED_DAYS <= day < today else None


def doses_shown(person: Person, day: date | None, now: datetime) -> list[Dose]:
    """Those of today's page, or of a past day. One query."""
    return doses_of_past_day(person, day=day) if day else doses_of_day(person, now=now)


def day_url(person: Person, day: date | None, **more: object) -> str:
    """The address of today's page of that person, or of a past day's."""
    values = {"who": person.patient.pk, **more, **({"day": day.isoformat()} if day else {})}
    return f"{reverse('medications:today')}?{'&'.join(f'{name}={value}' for name, value in values.items())}"


def summary(
    people: list[Person], person: Person, doses: list[Dose], day: date | None, now: datetime
) -> dict[str, Any]:
    """The values of the page's head: the person, the date, the progress and the chips."""
    shown_day = day or person.today(now)
    planned = [
        dose for dose in doses if dose.is_planned and dose.due_at.astimezone(person.zone).date() == shown_day
    ]
    waiting = unanswered_counts(people, now=now)
    return {
        "person": person,
        "day": day,
        "date": weekday_day(shown_day),
        "progress": _progress(sum(dose.state == Dose.State.TAKEN for dose in planned), len(planned)),
        "chips": [] if day else chips(people, person, page="medications:today", now=now, waiting=waiting),
    }


def _opened(request: HttpRequest, day: date | None) -> Open:
    fresh = request.GET.getlist("fresh") + request.GET.getlist("answered")
    return Open(
        skip=whole_numbers(request.GET.getlist("skip")),
        later=whole_numbers(request.GET.getlist("later")),
        fresh=whole_numbers(fresh),
        day=day,
    )


def _not_started(person: Person, now: datetime) -> str:
    """That medicines are to be taken of which no dose is on the page."""
    names = listed([str(each.medicine) for each in not_started(person.patient, now=now)])
    if not names:
        return ""
    said = _("Not on this page yet: %(medicines)s. Take it as your clinic told you.")
    return said % {"medicines": names}


def _today_page(person: Person, now: datetime) -> dict[str, Any]:
    """What today's page has besides the doses."""
    waiting = open_days(person, now=now)
    yesterday = person.today(now) - _ONE_DAY
    return {
        "as_needed": [as_needed_card(each, person) for each in as_needed_today(person, now=now)],
        "not_started": _not_started(person, now),
        "has_vaccinations": has_vaccinations(person, now=now),
        "yesterday_url": day_url(person, yesterday),
        "waiting_days": [_link(person, day, number, now) for day, number in waiting.items()],
        "waiting_count": sum(waiting.values()),
    }


def _past_page(person: Person, day: date, now: datetime) -> dict[str, Any]:
    """What a past day's page has besides the doses: the way to the days around it."""
    today = person.today(now)
    earlier, later = day - _ONE_DAY, day + _ONE_DAY
    return {
        "day_heading": capfirst(day_words(day, today=today)),
        "today_url": day_url(person, None),
        "earlier": _link(person, earlier, 0, now) if today - earlier <= _ONE_DAY * ANSWERED_DAYS else None,
        "later": _link(person, later, 0, now) if later < today else None,
    }


def _link(person: Person, day: date, waiting: int, now: datetime) -> PastDay:
    return PastDay(day_words(day, today=person.today(now)), day_url(person, day), waiting)


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
