"""Answering a message by a link in it, without signing in.

Opening the link asks and changes nothing, since mail programs and scanners open links too; only the button answers.
"""

from typing import Any
from zoneinfo import ZoneInfo

from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from notifications.inbox.links import linked
from notifications.models import Notification
from notifications.quick_replies import Outcome, QuickReplyType
from notifications.replies.reply_links import Link, answer_given, look
from notifications.selectors.people import people

_TEMPLATE = "notifications/answer.html"


@linked
def answer(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        asked = look(token=token, now=now)
    except BadSignature:
        context = {"said": _("This link is not complete. Open it from your message again, or sign in.")}
        return render(request, _TEMPLATE, context, status=400)
    if request.user.is_authenticated and request.user.pk != asked.notification.recipient_id:
        context = {
            "said": _(
                "This link is for somebody else: you are signed in to a different account. Nothing was "
                "changed."
            )
        }
        return render(request, _TEMPLATE, {**context, "is_somebody_else": True}, status=403)
    if request.method == "POST":
        given = answer_given(token=token, now=now)
        return _page(request, given.notification, said=given.said, done=given.outcome is Outcome.DONE)
    if asked.link is Link.OPEN and asked.answer is not None:
        return _ask(request, asked.notification, asked.answer)
    return _page(request, asked.notification, said=_why_not(asked.link))


def _ask(request: HttpRequest, notification: Notification, answer_type: QuickReplyType) -> HttpResponse:
    wishes = people([notification.recipient_id])[notification.recipient_id].wishes
    with timezone.override(ZoneInfo(wishes.timezone)):
        question = answer_type.asks(notification, wishes.detail)
    return _page(request, notification, question=question)


def _page(request: HttpRequest, notification: Notification, **context: Any) -> HttpResponse:
    context["there"] = f"/{get_language()}{notification.path or '/inbox/'}"
    return render(request, _TEMPLATE, context)


def _why_not(link: Link) -> str:
    if link is Link.USED:
        return _("This link has already been used. Nothing was changed.")
    if link is Link.LATE:
        return _("It is too late to answer with this link. Nothing was changed.")
    return _("This has already been answered, or there is nothing left to answer. Nothing was changed.")
