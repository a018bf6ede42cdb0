"""What a reader sees when a page fails: that it is our mistake; or that it may be tried again soon, where the database
is away or full, or cut it off.
"""

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error as mistake

from notifications.database_errors import is_passing

RETRY_AFTER = 30
"""Seconds after which a program may come again."""


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls it while the error is being handled. What a page had begun to write is taken back by then.

    The page asks the database nothing.
    """
    error = sys.exc_info()[1]
    if error is None or not is_passing(error):
        return mistake(request)
    return HttpResponse(
        render_to_string("503.html"),
        status=503,
        headers={"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"},
    )
