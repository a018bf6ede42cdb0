"""Whether somebody said at sign-in that others use this phone or computer too: then nothing may be kept on it."""

from django.http import HttpRequest

SHARED = "shared_phone"
"""In the session, for as long as it lasts."""
PUSH_DEVICE = "push_device"
"""In the session: which of the person's devices for notifications it turned on, so that it can end with the session."""


def is_shared(request: HttpRequest) -> bool:
    return bool(request.session.get(SHARED))
