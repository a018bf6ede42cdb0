"""Who may see what: the person signed in, and nothing but what is theirs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django_htmx.middleware import HtmxDetails

View = Callable[..., HttpResponse]
Row = TypeVar("Row")


class PageRequest(HttpRequest):
    """A request as the middleware of HTMX hands it on."""

    htmx: HtmxDetails


class PersonalRequest(PageRequest):
    """The request of somebody who is signed in, as `personal` lets it through."""

    user: Any


def personal(view: View) -> View:
    """A page of the person who is signed in: never cached; with and without HTMX it answers differently.

    Whoever isn't signed in is sent to sign in. A fragment says 401 and offers the way there: a sign-in page has no
    place in a badge.
    """

    @wraps(view)
    def answer(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            response = view(request, *args, **kwargs)
        elif request.htmx:
            response = _way_to_sign_in(request)
        else:
            response = redirect_to_login(request.get_full_path())
        patch_vary_headers(response, ["HX-Request"])
        return response

    return never_cache(answer)


def _way_to_sign_in(request: PageRequest) -> HttpResponse:
    """A fragment with a link to the sign-in page, and from there back to the page that asked for it."""
    back = urlencode({REDIRECT_FIELD_NAME: request.htmx.current_url_abs_path or "/"})
    return HttpResponse(
        format_html(
            '<p>{} <a href="{}?{}">{}</a></p>',
            _("Please sign in."),
            resolve_url(settings.LOGIN_URL),
            back,
            _("Sign in"),
        ),
        status=401,
    )


def reading(view: View) -> View:
    """A personal page that is only read."""

    @personal
    @wraps(view)
    def answer(request: PersonalRequest) -> HttpResponse:
        return view(request) if request.method in ("GET", "HEAD") else HttpResponseNotAllowed(["GET", "HEAD"])

    return answer


def of_their_own(
    find: Callable[[Any, int], Row | None], *, page: Callable[[int], str]
) -> Callable[..., Callable[[Callable[[PersonalRequest, Row], HttpResponse]], View]]:
    """Makes a decorator that takes the permitted methods, and hands its view what `find` gives for a user and an id.

    Where there is none for them it is 404 by every method, before the method is judged. Whose session ran out over a
    form comes back to `page` of that id, not to an address that takes forms alone.
    """

    def permitting(*methods: str) -> Callable[[Callable[[PersonalRequest, Row], HttpResponse]], View]:
        def decorator(view: Callable[[PersonalRequest, Row], HttpResponse]) -> View:
            @personal
            def shown(request: PersonalRequest, id_: int) -> HttpResponse:
                row = find(request.user, id_)
                if row is None:
                    raise Http404
                return view(request, row) if request.method in methods else HttpResponseNotAllowed(methods)

            @wraps(view)
            def answer(request: Any, **ids: int) -> HttpResponse:
                (id_,) = ids.values()
                if request.method == "POST" and not request.htmx and not request.user.is_authenticated:
                    return redirect_to_login(page(id_))
                return shown(request, id_)

            return answer

        return decorator

    return permitting
