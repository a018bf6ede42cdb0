"""Who may see which message: its reader, and nobody else."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404

from notifications.models import Notification
from notifications.selectors.inbox import received
from notifications.web.access import View, personal


def own_message(*methods: str) -> Callable[[Callable[[HttpRequest, Notification], HttpResponse]], View]:
    """Hands the view the message of that id. Somebody else's is 404 by every method, before the method is judged."""

    def decorator(view: Callable[[HttpRequest, Notification], HttpResponse]) -> View:
        @personal
        @wraps(view)
        def answer(request: HttpRequest, message_id: int) -> HttpResponse:
            message = get_object_or_404(received(request.user.pk), pk=message_id)
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return view(request, message)

        return answer

    return decorator
