"""The app's manifest, its service worker, and the page for when there is no connection."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from home.webapp import static_parts
from notifications.channels.push.keys import public_key

BRAND, PAPER = "#0b3b40", "#f5f2ec"
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """The site's name and icons on a home screen, in the language of the page that links here."""
    asked = request.GET.get("language", "")
    with override(asked if asked in LANGUAGES else get_language()):
        answer = JsonResponse(_manifest(), json_dumps_params={"ensure_ascii": False})
    answer["Content-Type"] = "application/manifest+json"
    return answer


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, so that it serves the whole site; two lines, so that the rest can be a static file."""
    values = {
        "version": static_parts.version(),
        "parts": static_parts.urls(),
        "offline": {code: _in(code, "home:offline") for code in LANGUAGES},
        "start": [_in(code, "home:start") for code in LANGUAGES],
        "entrance": [_in(code, "account_login").removesuffix("login/") for code in LANGUAGES],
        "icon": static("icons/icon-192.png"),
        "badge": static("icons/badge-96.png"),
        "answer": reverse("push:answer"),
        "renew": reverse("push:renew"),
        "key": public_key(),
        "words": {code: _unreadable(code) for code in LANGUAGES},
    }
    worker = json.dumps(static(static_parts.WORKER))
    code = f"self.medguard = {json.dumps(values)};\nimportScripts({worker});\n"
    answer = HttpResponse(code, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = "/"
    return answer


@require_safe
@never_cache
def offline(request: HttpRequest) -> HttpResponse:
    """Shown by the service worker when there is no connection. It is fetched without cookies, so it is about nobody."""
    return render(request, "home/offline.html", {"offline": True})


def _manifest() -> dict[str, Any]:
    return {
        "id": "/",
        "name": settings.WAGTAIL_SITE_NAME,
        "short_name": "MedGuard",
        "description": _("Reminders from your clinic"),
        "lang": get_language(),
        "dir": "ltr",
        "start_url": reverse("home:start"),
        "scope": "/",
        "display": "standalone",
        "theme_color": BRAND,
        "background_color": PAPER,
        "icons": [
            _icon("icons/icon-192.png", 192, "any"),
            _icon("icons/icon-512.png", 512, "any"),
            _icon("icons/maskable-192.png", 192, "maskable"),
            _icon("icons/maskable-512.png", 512, "maskable"),
        ],
        "shortcuts": [
            {"name": _("Today"), "url": reverse("medications:today")},
            {"name": _("Inbox"), "url": reverse("notifications:inbox")},
        ],
    }


def _icon(path: str, size: int, purpose: str) -> dict[str, str]:
    return {"src": static(path), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


def _in(language: str, name: str) -> str:
    with override(language):
        return reverse(name)


def _unreadable(language: str) -> str:
    """The text that the worker shows when a push message can't be read."""
    with override(language):
        return _("You have a message from your clinic")
