"""What the service worker calls by itself, without a page and so without its protection against forged requests.

Each call carries what only that browser can know instead: an answer's token, or the address that it is reached by.
"""

from django.core.exceptions import BadRequest, ValidationError
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from notifications.channels.push.devices import device_renew, read_subscription
from notifications.quick_replies import Outcome
from notifications.replies.reply_links import answer_given
from notifications.web.small_json import small_json


@csrf_exempt
@never_cache
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """`{"token"}` → `{"outcome", "said"}`; 409 when it doesn't count any more, 400 for a token that isn't ours."""
    try:
        token = small_json(request).get("token")
        given = answer_given(token=token if isinstance(token, str) else "", now=timezone.now())
    except (BadRequest, BadSignature):
        return HttpResponse(status=400)
    status = 409 if given.outcome is Outcome.OVER else 200
    return JsonResponse({"outcome": given.outcome, "said": given.said}, status=status)


@csrf_exempt
@never_cache
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """`{"old", "new"}`, two subscriptions of one browser → 204, also when we don't know the old one."""
    try:
        data = small_json(request)
        device_renew(old=read_subscription(data.get("old")), new=read_subscription(data.get("new")))
    except (BadRequest, ValidationError):
        return HttpResponse(status=400)
    return HttpResponse(status=204)
