"""Where a person goes after signing in."""

from allauth.account.internal.stagekit import clear_login
from allauth.account.views import request_login_code
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.views.decorators.cache import never_cache

from home.selectors import patients_of
from notifications.selectors.people import language_of
from notifications.web.access import PersonalRequest


@login_required
@never_cache
def start(request: PersonalRequest) -> HttpResponse:
    """On to the person's language and place: staff who care for nobody to the admin, others to today."""
    only_staff = request.user.has_perm("wagtailadmin.access_admin") and not patients_of(request.user).exists()
    with translation.override(language_of(request.user.pk)):
        return redirect("wagtailadmin_home" if only_staff else "medications:today")


def request_code(request: HttpRequest) -> HttpResponse:
    """allauth's page, which would send whoever waits for a code back to wait for it: here they ask for another."""
    if not request.user.is_authenticated:
        clear_login(request)
    return request_login_code(request)


def not_offered(request: HttpRequest) -> HttpResponse:
    """Addresses are changed in the settings."""
    raise Http404
