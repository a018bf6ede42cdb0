"""The card of the settings that turns notices on in this browser and lists the others."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpResponse, HttpResponseForbidden, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from notifications import gate
from notifications.channels import registry as channels
from notifications.channels.push.devices import device_add, device_remove, devices_of, read_subscription
from notifications.channels.push.keys import public_key
from notifications.services import NotificationService
from notifications.web.access import PersonalRequest, personal
from notifications.web.shared_phone import PUSH_DEVICE, is_shared
from notifications.web.small_json import small_json

PUSH = "push"
TEMPLATE = "notifications/devices.html"


def card(request: PersonalRequest, *, said: str = "") -> dict[str, Any]:
    """What the card shows; nothing where push isn't in use, or others use this phone. `said` is what just happened."""
    if PUSH not in channels.outside() or is_shared(request):
        return {}
    return {
        "devices": list(devices_of(request.user.pk)),
        "push_key": public_key(),
        "push_sentence": gate.sentence(PUSH),
        "devices_said": said,
    }


@personal
def subscribe(request: PersonalRequest) -> HttpResponse:
    """A browser's subscription as JSON; the card anew. 400 says `{"detail"}` in the reader's language."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if is_shared(request):
        return HttpResponseForbidden()
    try:
        subscription = read_subscription(small_json(request))
    except BadRequest:
        return JsonResponse(
            {"detail": _("This browser did not say how to reach it. Please try again.")}, status=400
        )
    except ValidationError as error:
        return JsonResponse({"detail": " ".join(error.messages)}, status=400)
    device = device_add(
        user_id=request.user.pk,
        subscription=subscription,
        user_agent=request.headers.get("User-Agent", ""),
        now=timezone.now(),
    )
    request.session[PUSH_DEVICE] = device.pk
    return render(request, TEMPLATE, card(request, said=_("Notifications are on.")))


@personal
def remove(request: PersonalRequest, device_id: int) -> HttpResponse:
    """Notices end in that browser. Doing it twice is harmless; one that isn't theirs stays as it is."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    device_remove(user_id=request.user.pk, device_id=device_id)
    return _done(request, _("Removed. That device will not get notifications any more."))


@personal
def test(request: PersonalRequest) -> HttpResponse:
    """A notice to all of the person's devices, by the way that all messages go."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    NotificationService.send(
        users=[request.user],
        title=_("This is a test notification"),
        message=_("Notifications reach you here."),
        priority="urgent",
        channels=[PUSH],
        path="/preferences/",
    )
    return _done(request, _("A test notification is on its way. It should appear within a minute."))


def _done(request: PersonalRequest, said: str) -> HttpResponse:
    if request.htmx:
        return render(request, TEMPLATE, card(request, said=said))
    messages.success(request, said)
    return redirect(f"{reverse('notifications:preferences')}#part-devices")
