"""The clock of the person who reads, and the second factor of staff."""

from zoneinfo import ZoneInfo

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext_lazy as _

from notifications.selectors.people import timezone_of

_WITHOUT_A_READER = (
    "/static/",
    "/health/",
    "/metrics",
    "/api/",
    "/calendar/",
    "/documents/",
    "/mail/",
    "/push/",
    "/sms/",
    "/manifest.webmanifest",
    "/service-worker.js",
)
_WITHOUT_A_LANGUAGE = ("/admin/", "/media/", *_WITHOUT_A_READER)


class LanguageMiddleware(LocaleMiddleware):
    """Sends whoever asks for a page without its language there, but leaves a 404 of staff and machines a 404.

    Wagtail's pages take any path below the language, so that Django would find every one of them there.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code == 404 and request.path_info.startswith(_WITHOUT_A_LANGUAGE):
            return response
        return super().process_response(request, response)


class PersonTimeZoneMiddleware(MiddlewareMixin):
    """Shows times as on the wall of the person who is signed in, for this request only. One query."""

    def process_request(self, request: HttpRequest) -> None:
        timezone.deactivate()
        if not request.path_info.startswith(_WITHOUT_A_READER) and request.user.is_authenticated:
            timezone.activate(ZoneInfo(timezone_of(request.user.pk)))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        timezone.deactivate()
        return response


class StaffMfaMiddleware(MiddlewareMixin):
    """Lets staff into the admin only with a second factor, where STAFF_MFA_REQUIRED says so."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if not settings.STAFF_MFA_REQUIRED or not request.path_info.startswith(reverse("wagtailadmin_home")):
            return None
        user = request.user
        if not user.has_perm("wagtailadmin.access_admin") or is_mfa_enabled(user):
            return None
        messages.info(request, _("Staff sign in with a second step. Please set it up first."))
        return redirect("mfa_activate_totp")
