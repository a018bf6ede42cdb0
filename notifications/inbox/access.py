"""Who may see what: the person signed in, and nothing but what is theirs."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from notifications.models import Notification
from notifications.selectors import received

View = Callable[..., HttpResponse]


def personal(view: View) -> View:
    """A page of the person who is signed in: never cached; with and without HTMX it answers differently.

    Whoever isn't signed in is sent to sign in. A fragment says 401 instead: a sign-in page has no place in a badge.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            response = view(request, *args, **kwargs)
        elif request.htmx:
            response = HttpResponse(_("Please sign in."), status=401, content_type="text/plain")
        else:
            response = redirect_to_login(request.get_full_path())
        patch_vary_headers(response, ["HX-Request"])
        return response

    return never_cache(answer)


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
