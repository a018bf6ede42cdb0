"""The static files that the app needs without a connection, and a version that changes when any of them does."""

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static

from home.webapp import style_sheet

WORKER = "js/service-worker.js"
PARTS = (
    style_sheet.SHEET,
    "vendor/atkinson-hyperlegible-next/atkinson-hyperlegible-next-latin-wght-normal.woff2",
    "js/site.js",
    "js/offline.js",
    "icons/favicon.svg",
    "icons/icon-192.png",
    "icons/badge-96.png",
)


def urls() -> list[str]:
    return [static(path) for path in PARTS]


@cache
def version() -> str:
    """From the files' contents and addresses. They don't change while a process lives."""
    digest = hashlib.sha256()
    for path in (*PARTS, WORKER):
        digest.update(static(path).encode())
        digest.update(Path(str(finders.find(path))).read_bytes())
    return digest.hexdigest()[:16]
