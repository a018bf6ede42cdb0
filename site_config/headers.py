"""What every answer says to browsers beside itself: that nobody keeps it, and what its pages may not do."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction
from csp.constants import SELF
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import sync_and_async_middleware

from home.webapp import style_sheet

UNUSED = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
"""What no page of this site asks a phone for, nor may anything that finds its way into one."""

OF_EVERY_ANSWER = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
    # Nothing here is a picture, a script or a window of another site.
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-DNS-Prefetch-Control": "off",
}
"""Beside what Django's own middleware says: HSTS, nosniff, the referrer, the opener and the frame."""


@sync_and_async_middleware
def headers_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Adds them, and says that nothing is kept unless the answer says how long it may be."""
    if iscoroutinefunction(get_response):
        answer = cast("Callable[[HttpRequest], Awaitable[HttpResponseBase]]", get_response)

        async def asynchronous(request: HttpRequest) -> HttpResponseBase:
            return _with_headers(await answer(request))

        return asynchronous

    def synchronous(request: HttpRequest) -> HttpResponseBase:
        return _with_headers(get_response(request))

    return synchronous


def _with_headers(response: HttpResponseBase) -> HttpResponseBase:
    for name, value in OF_EVERY_ANSWER.items():
        response.headers.setdefault(name, value)
    if not _says_how_long(response.headers.get("Cache-Control", "")):
        add_never_cache_headers(response)
    return response


def _says_how_long(cache_control: str) -> bool:
    """Such as a static file, and a calendar, whose reader asks each time whether it is still the same."""
    words = {word.strip().partition("=")[0] for word in cache_control.lower().split(",")}
    return not words.isdisjoint({"max-age", "no-cache"})


class ContentPolicyMiddleware(CSPMiddleware):
    """Staff's pages have a policy of their own, with a new nonce for each answer. A page that has its style sheet
    inside may use that one.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path_info.startswith("/admin/"):
            parts.config, parts.nonce = settings.ADMIN_CONTENT_SECURITY_POLICY, self._make_nonce(request)
        elif not report_only and style_sheet.is_inside(request):
            parts.update = {**(parts.update or {}), "style-src": [SELF, f"'sha256-{style_sheet.digest()}'"]}
        return parts
