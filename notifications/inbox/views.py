"""A person's inbox: the list with its fragments, one message, and what can be done with it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import redirect, render
from django.template.backends.utils import csrf_input
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from notifications.inbox.access import own_message
from notifications.inbox.filters import Filter
from notifications.inbox.items import Item, items, path_of
from notifications.inbox.why import explain, second_choice
from notifications.models import Notification
from notifications.replies import reading
from notifications.replies.reply_links import open_answers, past_answering
from notifications.selectors import inbox as selectors
from notifications.selectors.cursor import Cursor, from_token, to_token
from notifications.web.access import PersonalRequest, personal
from notifications.web.moments import said
from notifications.web.numbers import whole_number

PAGE = 25


@personal
def inbox(request: PersonalRequest) -> HttpResponse:
    """The list, newest first; for HTMX the list alone, the older ones after `before`, or what is new beside `shown`."""
    wanted = Filter.of(request.GET)
    messages = selectors.inbox(request.user.pk, status=wanted.status, category=wanted.category)
    messages = messages.defer("routing")
    if request.htmx and "shown" in request.GET:
        return _arrivals(request, wanted, messages)
    before = _cursor(request.GET.get("before", ""))
    return _list(
        request, wanted, before.older(messages) if before else messages, later_page=before is not None
    )


@personal
def badge(request: PersonalRequest) -> HttpResponse:
    """The number of unread messages."""
    return render(request, "components/badge.html")


@own_message("GET", "HEAD")
def message(request: PersonalRequest, message: Notification) -> HttpResponse:
    """One message in full, with why it came; opening it reads it."""
    now = timezone.now()
    if reading.message_read(message_id=message.pk, user_id=request.user.pk, now=now):
        message.read_at = now
    context = {
        "nav": "inbox",
        "unread_count": selectors.unread_count(request.user.pk),  # one less than when this request came
        "message": message,
        "when": said(message.came_at, now=now),
        "path": path_of(message),
        "is_over": bool(past_answering([message], now=now)),
        "answers": open_answers(message, now=now),
        "second_choice": second_choice(message),
        "why": explain(message, message.deliveries.all(), now=now),
        "list_url": reverse("notifications:inbox"),
    }
    return render(request, "notifications/message.html", context)


@own_message("POST")
def read(request: PersonalRequest, message: Notification) -> HttpResponse:
    return _answer(request, message, reading.message_read)


@own_message("POST")
def acknowledge(request: PersonalRequest, message: Notification) -> HttpResponse:
    return _answer(request, message, reading.message_acknowledge)


@own_message("POST")
def dismiss(request: PersonalRequest, message: Notification) -> HttpResponse:
    return _answer(request, message, reading.message_dismiss, undo=message.pk)


@own_message("POST")
def restore(request: PersonalRequest, message: Notification) -> HttpResponse:
    def restore_it(*, message_id: int, user_id: int, now: datetime) -> bool:
        return reading.message_restore(message_id=message_id, user_id=user_id)

    return _answer(request, message, restore_it)


@personal
def read_all(request: PersonalRequest) -> HttpResponse:
    """Read what had come when the button was shown (`until`), and nothing that came since."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        until = from_token(request.POST.get("until", ""))
    except ValueError:
        return HttpResponseBadRequest()
    reading.messages_read_all(user_id=request.user.pk, until=until, now=timezone.now())
    wanted = Filter.of(request.POST)
    if not request.htmx:
        return redirect(wanted.url())
    messages = selectors.inbox(request.user.pk, status=wanted.status, category=wanted.category)
    return _list(request, wanted, messages.defer("routing"), all_read=True)


def _list(
    request: PersonalRequest,
    wanted: Filter,
    messages: Sequence[Notification] | QuerySet[Notification],
    *,
    later_page: bool = False,
    all_read: bool = False,
) -> HttpResponse:
    found = list(messages[: PAGE + 1])
    page = found[:PAGE]
    more = len(found) > PAGE
    now = timezone.now()
    context = {
        **_shown(request, wanted, now),
        "nav": "inbox",
        "filter": wanted,
        "items": items(page, here=wanted.url(), now=now),
        "older_url": wanted.url(before=str(Cursor.of(page[-1]))) if more else "",
        "later_page": later_page,
        "all_read": all_read,
        "next": wanted.url(),
    }
    if wanted.takes_arrivals and not later_page:
        context["arrivals_url"] = _arrivals_url(wanted, page, full=more)
    fragment = "#rows" if later_page else "#list_answer"
    if not request.htmx:
        fragment = ""
        context["undone"] = _undone(request, wanted, now)
    return render(request, f"notifications/inbox.html{fragment}", context)


def _arrivals(request: PersonalRequest, wanted: Filter, messages: QuerySet[Notification]) -> HttpResponse:
    """What isn't shown yet, to stand above what is; 204 when there is nothing.

    Asked for by what is shown and not by the newest of it, because a message may be committed after one that was
    written later.
    """
    try:
        shown = [int(id_) for id_ in request.GET["shown"].split(",") if id_]
    except ValueError:
        raise Http404 from None
    after = _cursor(request.GET.get("after", ""))
    newest = list((after.newer(messages) if after else messages)[: PAGE + 1])
    new = [each for each in newest if each.pk not in shown]
    if not new:
        return HttpResponse(status=204)
    now = timezone.now()
    if len(new) > PAGE:
        response = _list(request, wanted, newest)
        response["HX-Retarget"] = "#list"
        return response
    if len(newest) > PAGE:
        url = _arrivals_url(wanted, newest[:PAGE], full=True)
    else:
        ids = ",".join(str(id_) for id_ in [*(each.pk for each in new), *shown])
        url = wanted.url(shown=ids or "0", after=str(after or ""))
    context = {
        **_shown(request, wanted, now),
        "items": items(new, here=wanted.url(), now=now),
        "arrives": True,
        "arrivals_url": url,
        "were_none": not shown or shown == [0],
        "next": wanted.url(),
    }
    return render(request, "notifications/inbox.html#arrivals", context)


def _arrivals_url(wanted: Filter, page: list[Notification], *, full: bool) -> str:
    """Where to ask for what is new beside this page. When older ones follow it, they aren't new."""
    shown = ",".join(str(each.pk) for each in page) or "0"
    return wanted.url(shown=shown, after=str(Cursor.of(page[-1])) if full else "")


def _answer(
    request: PersonalRequest, message: Notification, act: Callable[..., bool], undo: int | None = None
) -> HttpResponse:
    now = timezone.now()
    act(message_id=message.pk, user_id=request.user.pk, now=now)
    if not request.htmx:
        return HttpResponseRedirect(_next(request, undo))
    message.refresh_from_db()
    there = _next(request, None)
    wanted = Filter.of(QueryDict(urlsplit(there).query))
    found = items([message], here=there, now=now)
    context = {
        **_shown(request, wanted, now),
        "item": found[0],
        "items": found,
        "answered": True,
        "next": there,
    }
    return render(request, "notifications/inbox.html#answer", context)


def _shown(request: PersonalRequest, wanted: Filter, now: datetime) -> dict[str, Any]:
    """What the summary and the rows need. A row says of each thing whether it is so: to look for what nobody named
    takes a template longer than all else.
    """
    return {
        "filter": wanted,
        "until": to_token(now),
        "csrf_input": str(csrf_input(request)),
        "answered": False,
        "arrives": False,
    }


def _undone(request: PersonalRequest, wanted: Filter, now: datetime) -> Item | None:
    """The message that was dismissed a moment ago, where there is no JavaScript to leave a line in its place."""
    undo = whole_number(request.GET.get("undo", ""))
    if undo is None:
        return None
    dismissed = selectors.inbox(request.user.pk, status="dismissed").filter(pk=undo)[:1]
    return next(iter(items(list(dismissed), here=wanted.url(), now=now)), None)


def _next(request: PersonalRequest, undo: int | None) -> str:
    """Back to where the button was, as the form says it; never to another site."""
    there = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(there, allowed_hosts=None):
        there = reverse("notifications:inbox")
    if undo is not None:
        there += f"{'&' if '?' in there else '?'}undo={undo}"
    return there


def _cursor(text: str) -> Cursor | None:
    try:
        return Cursor.parse(text) if text else None
    except ValueError:
        raise Http404 from None
