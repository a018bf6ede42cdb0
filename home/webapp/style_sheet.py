"""The style sheets of patients' pages as one, and inside the first page that a browser opens.

On a slow phone each further file in the way of a page costs two seconds, however small it is. So they are one file,
which a finder makes: `collectstatic` collects it and a trial serves it, with every edit. A browser that says it opens
a page and hasn't that file yet gets it in the page itself (docs/decisions/0104); it fetches it when it has nothing
else to do, and a cookie says from then on that it has this one.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.utils.deprecation import MiddlewareMixin
from django.utils.safestring import SafeString, mark_safe

SHEET = "css/pages.css"
PARTS = (
    "css/tokens.css",
    "vendor/nhsuk-frontend/nhsuk.css",
    "css/frame.css",
    "css/card.css",
    "css/form.css",
    "css/dose.css",
    "css/plots.css",
    "css/inbox.css",
    "css/events.css",
)
"""In this order: what comes later wins."""
COOKIE = "sheet"
_URL = re.compile(r'url\("([^"]+)"\)')


def joined(address: Callable[[str], str]) -> str:
    """All parts. `address` gives what is written for the path of a font or a picture."""

    def part(path: str) -> str:
        folder = PurePosixPath(path).parent
        text = (settings.BASE_DIR / "static" / path).read_text(encoding="utf-8")
        return _URL.sub(lambda found: f'url("{address(normpath(folder / found[1]))}")', text)

    return "".join(map(part, PARTS))


class SheetFinder(BaseFinder):
    """Finds the one file, made anew where a part has changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(settings.DATA_DIR / "sheets")

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != SHEET:
            return []
        return [self._made()] if find_all else self._made()

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        self._made()
        yield SHEET, self.storage

    def _made(self) -> str:
        text = joined(lambda path: f"../{path}")
        place = Path(self.storage.path(SHEET))
        if not place.exists() or place.read_text(encoding="utf-8") != text:
            written = self.storage.save(f"{SHEET}.new", ContentFile(text))
            Path(self.storage.path(written)).replace(place)
        return str(place)


def text() -> str:
    """As it stands inside a page."""
    return joined(static) if settings.DEBUG else _text_once()


def digest() -> str:
    """Of that text: by which a browser may use it (CSP), and knows which one it has."""
    return _digest_of(text()) if settings.DEBUG else _digest_once()


@cache
def _text_once() -> str:
    return joined(static)


@cache
def _digest_once() -> str:
    return _digest_of(_text_once())


def _digest_of(sheet_text: str) -> str:
    return b64encode(sha256(sheet_text.encode()).digest()).decode()


def sheet(request: HttpRequest) -> dict[str, Any]:
    """`sheet_inside`: the text, for a page that a browser opens without having it; otherwise nothing."""
    opens = request.headers.get("Sec-Fetch-Dest") == "document"
    if not opens or request.COOKIES.get(COOKIE) == digest():
        return {"sheet_inside": None}

    def inside() -> SafeString:
        request.__dict__["_sheet_inside"] = True
        return mark_safe(text())  # noqa: S308 - files of ours

    return {"sheet_inside": inside}


def is_inside(request: HttpRequest) -> bool:
    """Whether the answer to this request has it inside."""
    return "_sheet_inside" in request.__dict__


class SheetMiddleware(MiddlewareMixin):
    """Lets a browser remember that it was given the sheet. The cookie says nothing about who reads."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if is_inside(request):
            response.set_cookie(
                COOKIE,
                digest(),
                max_age=365 * 86_400,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
