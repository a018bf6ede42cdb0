"""Sign-in pages of our own, and the place where a person goes afterwards."""

from allauth.account.internal.stagekit import clear_login
from allauth.account.views import RequestReauthenticationCodeView, request_login_code
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from home.selectors import patients_of
from home.sign_in.forms import ReauthenticationCodeForm
from home.sign_in.session_index import others_end, session_end, sessions_of
from notifications.api.tokens import token_end, tokens_end, tokens_of
from notifications.selectors.people import language_of
from notifications.web.access import PersonalRequest, personal
from notifications.web.numbers import whole_number
from notifications.web.shared_phone import SHARED


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
        if request.method == "POST":
            request.session[SHARED] = SHARED in request.POST
    response: HttpResponse = request_login_code(request)
    return response


@method_decorator(login_required, name="dispatch")
class RequestReauthenticationCode(RequestReauthenticationCodeView):
    """allauth's page, with the addresses that people have here."""

    form_class = ReauthenticationCodeForm


@personal
def sessions(request: PersonalRequest) -> HttpResponse:
    """Where this person is signed in. By POST one ends (`session` or `token`), or all but this one (`others`)."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    if request.method == "POST":
        messages.success(request, _ended(request))
        return redirect("home:sessions")
    now = timezone.now()
    context = {
        "sessions": sessions_of(request.user, this=request.session, now=now),
        "tokens": tokens_of(user=request.user, now=now),
        "nav": "settings",
    }
    return render(request, "home/sessions.html", context)


def _ended(request: PersonalRequest) -> str:
    """Ends what was asked for and says so. Doing it twice is harmless; what isn't theirs stays as it is."""
    if "others" in request.POST:
        others_end(request.user, this=request.session)
        tokens_end([request.user.pk])
        return _("You are signed out everywhere else.")
    session = whole_number(request.POST.get("session", ""))
    if session is not None:
        session_end(request.user, session)
    else:
        token_end(user=request.user, name=request.POST.get("token", ""))
    return _("Signed out there.")


def not_offered(request: HttpRequest, key: str = "") -> HttpResponse:
    """A page of allauth that isn't offered: addresses are changed in the settings."""
    raise Http404
