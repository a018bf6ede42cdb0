"""Exceptions that somebody has to hear of, by mail or in Sentry, and what may be told of them outside of the site.

What an exception says is never told there, though the log quotes what the machine says of itself: a mailbox or a
service belongs to others, and one sentence in a thousand names a patient. Whoever needs the words finds them, and the
ids of the rows, in the log at that time and with that request.
"""

import logging

from site_config import request_id

_OF_STRANGERS = "django.security"
"""Django logs here what it refused: a forged host name or form is no mistake of ours."""


def failure_in(record: logging.LogRecord) -> BaseException | None:
    """The exception of a record that somebody has to hear of; None for any other record."""
    if record.levelno < logging.ERROR or f"{record.name}.".startswith(f"{_OF_STRANGERS}."):
        return None
    return record.exc_info[1] if record.exc_info else None


def request_facts() -> dict[str, str]:
    """Of the request that is being answered its id, its method, and the pattern and name of its address.

    Nothing that somebody typed or that stands for somebody: no path, query, form, header or user. Outside of a request
    it is empty.
    """
    request = request_id.request.get()
    if request is None:
        return {}
    match = request.resolver_match
    return {
        "request": request_id.current.get(),
        "method": request.method or "",
        "route": match.route if match else "",
        "view": match.view_name if match else "",
    }
