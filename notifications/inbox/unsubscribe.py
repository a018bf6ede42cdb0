"""Turning off e-mail of one kind by the link in it.

A mailbox does it for its owner with one POST, without cookies and without having seen the page (RFC 8058, 3.2);
so there is no token against forged requests: the address itself is what nobody else knows. Opening the page changes
nothing, since mail programs and scanners open links too.
"""

from django.contrib.auth import get_user_model
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from notifications.channels.email.unsubscribe_links import read_token
from notifications.inbox.links import linked
from notifications.models import CategoryChoices
from notifications.preferences.choices import choice_set
from notifications.rules.routing import EMAIL

_TEMPLATE = "notifications/unsubscribe.html"


@csrf_exempt
@linked
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    try:
        user_id, categories = read_token(token)
    except BadSignature:
        return render(request, _TEMPLATE, status=400)
    if not get_user_model()._default_manager.filter(pk=user_id).exists():
        return render(request, _TEMPLATE, status=400)
    done = request.method == "POST"
    if done:
        for category in categories:
            choice_set(user_id=user_id, about=category, channel=EMAIL, on=False, for_good=True)
    labels = [CategoryChoices(category.value).label for category in categories]
    return render(request, _TEMPLATE, {"categories": labels, "done": done})
