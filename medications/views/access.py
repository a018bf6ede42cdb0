"""Who may see what: the people one cares for, and nobody else."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from home.models import User
from medications.models import Dose, Prescription
from medications.page_selectors.day import dose_of
from medications.page_selectors.people import prescription_of
from notifications.inbox.access import personal

View = Callable[..., HttpResponse]


class PersonalRequest(HttpRequest):
    """The request of somebody who is signed in, as `personal` lets it through."""

    htmx: HtmxDetails
    user: User


def reading(view: View) -> View:
    """A personal page that is only read."""

    @personal
    @wraps(view)
    def answer(request: PersonalRequest) -> HttpResponse:
        return view(request) if request.method in ("GET", "HEAD") else HttpResponseNotAllowed(["GET", "HEAD"])

    return answer


def own_dose(*methods: str) -> Callable[[Callable[[PersonalRequest, Dose], HttpResponse]], View]:
    """Hands the view the dose of that id. Somebody else's is 404 by every method, before the method is judged."""

    def decorator(view: Callable[[PersonalRequest, Dose], HttpResponse]) -> View:
        @_signed_in_first
        @personal
        @wraps(view)
        def answer(request: PersonalRequest, dose_id: int) -> HttpResponse:
            dose = dose_of(request.user, dose_id)
            if dose is None:
                raise Http404
            return view(request, dose) if request.method in methods else HttpResponseNotAllowed(methods)

        return answer

    return decorator


def own_prescription(
    *methods: str,
) -> Callable[[Callable[[PersonalRequest, Prescription], HttpResponse]], View]:
    """Hands the view the prescription of that id, as `own_dose` a dose."""

    def decorator(view: Callable[[PersonalRequest, Prescription], HttpResponse]) -> View:
        @_signed_in_first
        @personal
        @wraps(view)
        def answer(request: PersonalRequest, prescription_id: int) -> HttpResponse:
            prescription = prescription_of(request.user, prescription_id)
            if prescription is None:
                raise Http404
            return (
                view(request, prescription) if request.method in methods else HttpResponseNotAllowed(methods)
            )

        return answer

    return decorator


def _signed_in_first(view: View) -> View:
    """Whose session ran out over a form comes back to a page, not to an address that takes forms alone."""

    @wraps(view)
    def answer(request: Any, **ids: int) -> HttpResponse:
        if request.method == "POST" and not request.htmx and not request.user.is_authenticated:
            return redirect_to_login(reverse("medications:today"))
        return view(request, **ids)

    return answer
