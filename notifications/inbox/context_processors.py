"""What the frame of every page shows of the inbox."""

import time
from functools import cache
from typing import Any

from django.http import HttpRequest

from notifications.selectors.reader import unread_of


def inbox(request: HttpRequest) -> dict[str, Any]:
    """`unread_count`, asked for only where a template shows it (None when nobody is signed in), and `stream_since`.

    The live stream is told `stream_since` (Unix seconds), so that no message between the page and its stream is
    missed.
    """

    @cache
    def unread() -> int | None:
        user = getattr(request, "user", None)  # an error page may come before there is one
        if user is None or not user.is_authenticated:
            return None
        return unread_of(user, may_be_as_old_as_the_request=request.method in ("GET", "HEAD"))

    return {"unread_count": unread, "stream_since": int(time.time())}
