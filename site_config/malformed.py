"""Staff's pages when they are asked for something that can't be meant: said to whoever asks, and no fault of the site.

Wagtail's views take it for granted that a form is whole, that an id is a number and that a search is short. Without
their own pages (a program, an old tab, somebody who tries doors) they break where they would have to refuse.
"""

import logging
import traceback
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import InvalidPage
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch
from django.utils.datastructures import MultiValueDictKeyError
from django.utils.deprecation import MiddlewareMixin
from django.views.defaults import bad_request

from site_config.environment import BASE_DIR

LONGEST_SEARCH = 100
"""Characters. Each word of a search is a part of a query, of which a database takes some hundreds."""
UNREADABLE = (
    AttributeError,
    DataError,
    InvalidPage,
    KeyError,
    NoReverseMatch,
    OSError,
    OverflowError,
    ValidationError,
    ValueError,
)
WAGTAIL = "/site-packages/wagtail/"
OURS = ("events", "home", "medications", "notifications", "site_config")
logger = logging.getLogger(__name__)


class MalformedRequestMiddleware(MiddlewareMixin):
    """For the admin alone: cuts searches, and answers 400 where Wagtail can't read what it was sent."""

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        searched = request.GET.get("q", "")
        if _is_staffs(request) and len(searched) > LONGEST_SEARCH:
            cut = request.GET.copy()
            cut["q"] = searched[:LONGEST_SEARCH]
            request.GET = cut  # type: ignore[assignment]

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not _is_staffs(request) or not isinstance(exception, UNREADABLE) or not _is_wagtails(exception):
            return None
        # Should it be a fault of Wagtail's after all, the log has it.
        logger.warning("Not understood: %s", request.path, exc_info=exception)
        return bad_request(request, exception)


def _is_staffs(request: HttpRequest) -> bool:
    return request.path_info.startswith("/admin/")


def _is_wagtails(exception: Exception) -> bool:
    """Whether Wagtail's code, and not the site's own, asked for what failed: ours says itself what it can't read.

    A form without one of the fields that its page has is nobody's fault but its sender's.
    """
    if isinstance(exception, MultiValueDictKeyError):
        return True
    if isinstance(exception, OSError) and exception.errno is not None:
        return False  # the disk's; one without a number is said by Pillow, of a picture that is none
    ours = tuple(f"{BASE_DIR / name}/" for name in OURS)
    for frame in reversed(traceback.extract_tb(exception.__traceback__)):
        if frame.filename.startswith(ours):
            return False
        if WAGTAIL in frame.filename:
            return True
    return False
