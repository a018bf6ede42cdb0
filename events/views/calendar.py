"""Events for calendar apps: the file of one, a person's private address, and the page on which they get it."""

from collections.abc import Callable, Sequence
from functools import wraps
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from events.ical.entries import calendar_name, discreet_title, entry, listed
from events.ical.entry import Entry
from events.models import CalendarFeed
from events.services.feed import feed_given, feed_make, feed_remove, feed_renew
from events.views.access import visible_event
from notifications.selectors.people import people
from notifications.types import Detail
from notifications.web.access import PersonalRequest, View, personal, reading

_PAGE = "events/feed.html"
_CONTENT_TYPE = "text/calendar; charset=utf-8"


@csrf_exempt  # it takes no forms: a POST is answered with 405
def feed(request: HttpRequest, key: str) -> HttpResponse:
    """The calendar of the person with this key, in their language; a plain 404 if the key or the account is not valid.

    Anybody with the key may read it: no session, no cookie. Answers If-None-Match and If-Modified-Since.
    """
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    found = CalendarFeed.objects.select_related("user").filter(key=key).first()
    person = people([found.user_id]).get(found.user_id) if found else None
    if found is None or person is None:
        return HttpResponseNotFound(
            _("There is no calendar at this address."), content_type="text/plain; charset=utf-8"
        )
    now = timezone.now()
    with translation.override(person.language):
        entries = [
            entry(row.event, row.state, detail=person.wishes.detail, language=person.language)
            for row in listed(found.user, now=now)
        ]
        body = _written(entries, language=person.language, name=calendar_name())
    digest = sha256(body).hexdigest()
    changed = int(feed_given(feed=found, digest=digest, now=now).timestamp())
    etag = f'"{digest}"'
    headers = {"Content-Language": person.language, "ETag": etag, "Last-Modified": http_date(changed)}
    response = HttpResponse(body, content_type=_CONTENT_TYPE, headers=headers)
    patch_cache_control(response, private=True, no_cache=True)
    return get_conditional_response(request, etag, changed, response) or response


@visible_event("GET", "HEAD")
def event_file(request: PersonalRequest, event: Any) -> HttpResponse:
    """One event as a file that a calendar app opens, in the language of the page."""
    language = translation.get_language()
    alone = entry(event, event.mine, detail=_detail(request), language=language, alone=True)
    body = _written([alone], language=language)
    day = event.starts_at.astimezone(ZoneInfo(event.clinic.zone)).date()
    # Without the name of the event: others may see downloads.
    headers = {"Content-Disposition": f'attachment; filename="medguard-{day.isoformat()}.ics"'}
    return HttpResponse(body, content_type=_CONTENT_TYPE, headers=headers)


@reading
def address(request: PersonalRequest) -> HttpResponse:
    """The page with a person's private address, or with the way to get one."""
    return _page(request, _PAGE)


def _changing(change: Callable[[PersonalRequest], str]) -> View:
    """A view that makes the change on POST, and shows the page with a message; after signing in the page alone."""

    @personal
    @wraps(change)
    def answer(request: PersonalRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        said = change(request)
        if request.htmx:
            return _page(request, f"{_PAGE}#answer", said=said)
        messages.success(request, said)
        return redirect("events:calendar")

    @wraps(answer)
    def signed_in_first(request: Any) -> HttpResponse:
        if request.method == "POST" and not request.htmx and not request.user.is_authenticated:
            return redirect_to_login(reverse("events:calendar"))
        return answer(request)

    return signed_in_first


@_changing
def make(request: PersonalRequest) -> str:
    """Makes an address, unless there is one already."""
    feed_make(user=request.user, now=timezone.now())
    return _("Your calendar has an address now.")


@_changing
def renew(request: PersonalRequest) -> str:
    """Replaces the address. The old one no longer works."""
    feed_renew(user=request.user, now=timezone.now())
    return _("Your calendar has a new address. The old one no longer works.")


@_changing
def remove(request: PersonalRequest) -> str:
    """Switches the address off."""
    feed_remove(user=request.user)
    return _("The address is switched off. Nobody can read your calendar any more.")


def _page(request: PersonalRequest, template: str, said: str = "") -> HttpResponse:
    found = CalendarFeed.objects.filter(user=request.user).first()
    url = settings.BASE_URL + reverse("calendar_feed", args=[found.key]) if found else ""
    context = {
        "nav": "events",
        "url": url,
        "app_url": urlsplit(url)._replace(scheme="webcal").geturl() if url else "",
        "is_detailed": _detail(request) is Detail.DETAILED,
        "discreet_title": discreet_title(),
        "said": said,
    }
    return render(request, template, context)


def _written(entries: Sequence[Entry], *, language: str, name: str = "") -> bytes:
    from events.ical.calendar import calendar  # noqa: PLC0415 - icalendar is long to import, and seldom needed

    return calendar(entries, language=language, name=name)


def _detail(request: PersonalRequest) -> Detail:
    return people([request.user.pk])[request.user.pk].wishes.detail
