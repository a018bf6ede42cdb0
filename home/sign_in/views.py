"""Sign-in pages of our own, and the place where a person goes afterwards."""

from allauth.account.internal.stagekit import clear_login
from allauth.account.views import RequestReauthenticationCodeView, request_login_code
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from home.selectors import patients_of
from home.sign_in.forms import ReauthenticationCodeForm
from notifications.selectors.people import language_of
from notifications.web.access import PersonalRequest


@login_required
@never_cache
def start(request: PersonalRequest) -> HttpResponse:
    """Redirect to the person's language and page: staff who care for nobody to the admin, others to today."""
    only_staff = request.user.has_perm("wagtailadmin.access_admin") and not patients_of(request.user).exists()
    with translation.override(language_of(request.user.pk)):
        return redirect("wagtailadmin_home" if only_staff else "medications:today")


def request_code(request: HttpRequest) -> HttpResponse:
    """allauth's page, but a person who waits for a code can ask for another here."""
    if not request.user.is_authenticated:
        clear_login(request)
    response: HttpResponse = request_login_code(request)
    return response


@method_decorator(login_required, name="dispatch")
class RequestReauthenticationCode(RequestReauthenticationCodeView):
    """allauth's page, with the addresses that people have here."""

    form_class = ReauthenticationCodeForm


def not_offered(request: HttpRequest, key: str = "") -> HttpResponse:
    """A page of allauth that isn't offered: addresses are changed in the settings."""
    raise Http404
