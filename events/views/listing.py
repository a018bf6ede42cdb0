"""The list of events: first the reader's own, then those of their clinics, as a list or as a month."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from events.selectors.events import my_events, upcoming
from events.selectors.lists import at, clinics_of, turns
from events.views.event_card import EventCard, cards, groups
from events.views.listing_query import Wanted
from events.views.month import month_page
from home.models import User
from notifications.web.access import PersonalRequest, reading
from notifications.web.numbers import whole_numbers

PAGE = "events/events.html"
_FIRST_OF_MINE = 4
_MOST_OF_MINE = 100


@reading
def events(request: PersonalRequest) -> HttpResponse:
    """The list, or the month that the address names; for HTMX without the page around it.

    `at` is the event to continue from, `fresh` the ones that were joined on the page.
    """
    wanted = Wanted.of(request.GET)
    clinics = clinics_of(request.user)
    if wanted.clinic is not None and wanted.clinic not in [clinic.pk for clinic in clinics]:
        raise Http404
    now = timezone.now()
    context = {
        "nav": "events",
        "wanted": wanted,
        "chips": wanted.chips(clinics),
        "list_url": wanted.in_list().url(),
        "this_month_url": wanted.in_list().url(month=f"{timezone.localdate(now):%Y-%m}"),
    }
    if wanted.month:
        return month_page(request, {**context, "month": wanted.month}, wanted, now=now)
    found = list(at(upcoming(request.user, now=now), wanted.clinic)[: wanted.shown + 1])
    mine = list(my_events(request.user, now=now)[:_MOST_OF_MINE])
    places = turns(request.user, {event.pk for event in (*mine, *found)})
    fresh = whole_numbers(request.GET.getlist("fresh"))
    page = cards(found[: wanted.shown], places, now=now, fresh=fresh)
    context |= {
        **_mine(cards(mine, places, now=now), wanted),
        "groups": groups(page, now=now),
        "has_clinics": bool(clinics),
        "go_on_at": request.GET.get("at", ""),
        "refresh_url": wanted.url(),
        "next": wanted.url(),
    }
    if len(found) > wanted.shown:
        context |= {"next_id": found[-1].pk, "further_url": wanted.further.url() if wanted.further else ""}
    return render(request, f"{PAGE}#list" if request.htmx else PAGE, context)


def mine_of(user: User, wanted: Wanted, *, now: datetime) -> dict[str, Any]:
    """The context of the part "Yours" of the list. Two queries."""
    found = list(my_events(user, now=now)[:_MOST_OF_MINE])
    return _mine(cards(found, turns(user, [event.pk for event in found]), now=now), wanted)


def _mine(found: list[EventCard], wanted: Wanted) -> dict[str, Any]:
    few = found if wanted.all_mine or len(found) <= _FIRST_OF_MINE + 1 else found[:_FIRST_OF_MINE]
    return {
        "mine": few,
        "mine_number": len(found),
        "all_mine_url": wanted.url(mine="all") if len(few) < len(found) else "",
    }
