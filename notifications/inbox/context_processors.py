"""What the frame of every page shows of the inbox."""

import time
from collections.abc import Callable
from functools import cache

from django.http import HttpRequest

from notifications.selectors.inbox import unread_count


def inbox(request: HttpRequest) -> dict[str, Callable[[], int | None] | int]:
    """`unread_count`, asked for only where a template shows it (None when nobody is signed in), and `stream_since`.

    The live stream is told `stream_since` (Unix seconds), so that no message between the page and its stream is
    missed.
    """

    @cache
    def unread() -> int | None:
        user = getattr(request, "user", None)  # an error page may come before there is one
        return unread_count(user.pk) if user is not None and user.is_authenticated else None

    return {"unread_count": unread, "stream_since": int(time.time())}
