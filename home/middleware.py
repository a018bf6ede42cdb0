"""The language and the time zone of the person who reads a page."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation
from django.utils.deprecation import MiddlewareMixin

from home.privacy.access_log import write_down
from notifications.selectors.people import chosen_language
from notifications.selectors.reader import zone_of

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
    """Redirects a request for a page without its language prefix, but not one for the admin or for machines.

    Wagtail's pages accept any path below the language, so that Django would redirect every 404 there.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code == 404 and request.path_info.startswith(_WITHOUT_A_LANGUAGE):
            return response
        return super().process_response(request, response)


class StaffLanguageMiddleware(MiddlewareMixin):
    """Shows the pages of staff in the language that they chose there, or else in that of their messages.

    Their addresses have no language in them. One query, and one more for who chose none.
    """

    def process_request(self, request: HttpRequest) -> None:
        if not request.path_info.startswith("/admin/") or not request.user.is_authenticated:
            return
        profile = getattr(request.user, "wagtail_userprofile", None)
        language = (profile and profile.preferred_language) or chosen_language(request.user.pk)
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = language


class AccessLogMiddleware(MiddlewareMixin):
    """Writes down whose record staff were shown, once the answer is made."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        write_down(request, response, now=timezone.now())
        return response


class PersonTimeZoneMiddleware(MiddlewareMixin):
    """Activates the time zone of the signed-in person, for this request only. The query of the user has it."""

    def process_request(self, request: HttpRequest) -> None:
        timezone.deactivate()
        if not request.path_info.startswith(_WITHOUT_A_READER) and request.user.is_authenticated:
            timezone.activate(ZoneInfo(zone_of(request.user)))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        timezone.deactivate()
        return response
