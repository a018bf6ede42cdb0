"""The page of one event, and joining and leaving it, from there or from the list."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from events.exceptions import EventRefusedError
from events.rules.notice_times import notices
from events.selectors.events import event_for
from events.selectors.lists import other_dates, places_of_patients, turns
from events.services.attendance import attendance_withdraw, event_join, event_leave
from events.views import listing, moments
from events.views.access import visible_event
from events.views.event_card import EventCard, card, cards
from events.views.listing_query import Wanted
from events.views.place_words import taken
from notifications.texts.formats import clock, isolated
from notifications.web.access import PersonalRequest
from notifications.web.numbers import whole_number

_PAGE = "events/event.html"
_OTHER_DATES = 4


@visible_event("GET", "HEAD")
def event(request: PersonalRequest, event: Any) -> HttpResponse:
    """The page; for HTMX the event alone. With `leaving` it asks for confirmation."""
    now = timezone.now()
    shown = _card(request, event, now=now)
    context = _details(shown, now=now) | {"asks": "leaving" in request.GET}
    if request.htmx:
        return render(request, f"{_PAGE}#event", {**context, "is_asked": "refresh" not in request.GET})
    others = list(other_dates(request.user, event, now=now)[:_OTHER_DATES])
    places = turns(request.user, [each.pk for each in others])
    context |= {"of_patients": places_of_patients(request.user, event.pk) if shown.is_open else []}
    return render(request, _PAGE, {**context, "nav": "events", "others": cards(others, places, now=now)})


@visible_event("POST")
def join(request: PersonalRequest, event: Any) -> HttpResponse:
    return _answer(request, event, event_join)


@visible_event("POST")
def leave(request: PersonalRequest, event: Any) -> HttpResponse:
    """Give up one's own place, or with `place` that of a patient whom one cares for."""
    if "place" in request.POST:
        return _leave_for(request, event, whole_number(request.POST["place"]))
    return _answer(request, event, event_leave)


def _leave_for(request: PersonalRequest, event: Any, attendance_id: int | None) -> HttpResponse:
    places = [each for each in places_of_patients(request.user, event.pk) if each.pk == attendance_id]
    if not places:
        raise Http404
    try:
        attendance_withdraw(attendance_id=places[0].pk, event_id=event.pk, now=timezone.now())
    except EventRefusedError as error:
        messages.error(request, " ".join(error.messages))
    else:
        said = {"name": isolated(places[0].person.get_full_name()), "title": event.title}
        messages.success(request, _("%(name)s is no longer on the list: %(title)s.") % said)
    return HttpResponseRedirect(reverse("events:event", args=[event.pk]))


def _answer(request: PersonalRequest, event: Any, act: Callable[..., object]) -> HttpResponse:
    """For HTMX the event as it is now, in place of the button; else the page again, with a message."""
    now = timezone.now()
    refused = ""
    try:
        act(event_id=event.pk, user=request.user, now=now)
    except EventRefusedError as error:
        refused = " ".join(error.messages)
    answered = event_for(request.user, event.pk)
    if answered is None:  # they have left an event of a clinic to which they no longer belong
        messages.success(request, _withdrawn(event))
        there = reverse("events:events")
        return HttpResponseClientRedirect(there) if request.htmx else HttpResponseRedirect(there)
    shown = _card(request, answered, now=now, refused=refused, is_fresh=True)
    if not request.htmx:
        (messages.error if refused else messages.success)(request, refused or _said(shown))
        return HttpResponseRedirect(_next(request, answered))
    context: dict[str, Any] = {
        "said": "" if refused else _said(shown),  # a refusal is announced by its own element
        "next": request.POST.get("next", ""),
        "answered": True,
    }
    if request.htmx.target == "event":
        return render(request, f"{_PAGE}#answer", context | _details(shown, now=now))
    context |= {"card": shown, **listing.mine_of(request.user, _listed(request), now=now)}
    return render(request, f"{listing.PAGE}#answer", context)


def _card(request: PersonalRequest, event: Any, *, now: datetime, **more: Any) -> EventCard:
    return card(event, turns(request.user, [event.pk]).get(event.pk), now=now, **more)


def _details(shown: EventCard, *, now: datetime) -> dict[str, Any]:
    """The context of the page beside the card."""
    event = shown.event
    ahead = [
        each.minutes
        for each in notices(event.starts_at, event.ends_at, event.reminders)
        if each.kind != "event.ended" and each.at > now
    ]
    return {
        "card": shown,
        "taken": taken(event) if event.capacity and shown.is_open else "",
        "reminded": moments.before_start(ahead) if shown.is_open else "",
        "has_begun": event.starts_at <= now,
        "moved_from": _moved_from(event, now=now) if shown.is_open else "",
    }


def _moved_from(event: Any, *, now: datetime) -> str:
    """The original start of an occurrence that was moved by itself, as "Tuesday 8 December, 10:00"."""
    if not (event.own_time and event.original_start):
        return ""
    zone = ZoneInfo(event.clinic.zone)
    local = event.original_start.astimezone(zone)
    day = moments.day(local.date(), today=now.astimezone(zone).date())
    return _("%(day)s, %(time)s") % {"day": day, "time": clock(local, zone)}


def _said(shown: EventCard) -> str:
    """The message after joining or leaving."""
    values = {"title": shown.event.title, "when": shown.when, "turn": shown.turn}
    if shown.waits and shown.turn:
        return _("%(title)s is full. You are number %(turn)d on the waiting list.") % values
    if shown.waits:
        return _("%(title)s is full. You are on the waiting list.") % values
    if shown.can_join:
        return _withdrawn(shown.event)
    return _("You have a place: %(title)s, %(when)s.") % values


def _withdrawn(event: Any) -> str:
    return _("You are no longer on the list: %(title)s.") % {"title": event.title}


def _next(request: PersonalRequest, event: Any) -> str:
    """The address of the page with the button, as the form gives it; never on another site."""
    there = request.POST.get("next", "")
    if there and url_has_allowed_host_and_scheme(there, allowed_hosts=None):
        return f"{there}#event-{event.pk}"
    return reverse("events:event", args=[event.pk])


def _listed(request: PersonalRequest) -> Wanted:
    """The list that the button was in."""
    try:
        return Wanted.of(QueryDict(urlsplit(request.POST.get("next", "")).query))
    except Http404:
        return Wanted()
