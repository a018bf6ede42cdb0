"""What the frame of every page shows of the inbox."""

import time
from functools import cache
from typing import Any

from django.http import HttpRequest

from notifications.web.reader import unread_of


def inbox(request: HttpRequest) -> dict[str, Any]:
    """`unread_count`, asked for only where a template shows it (None when nobody is signed in), and `stream_since`.

    The live stream is told `stream_since` (Unix seconds), so that no message between the page and its stream is
    missed.
    """
    return {"unread_count": cache(lambda: unread_of(request)), "stream_since": int(time.time())}
