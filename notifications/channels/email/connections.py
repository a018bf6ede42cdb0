"""Connections to the mail server that stay open between batches: as a rule one in each process."""

import smtplib
import time
from typing import Any

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

IDLE = 30.0
"""Seconds after which an idle one isn't used again. Servers hang up after some minutes (RFC 5321 4.5.3.2.7)."""

_idle: list[tuple[float, EmailBackend]] = []
"""Since when, and which. Whoever takes one has it alone: a list gives each to one thread."""


def take(*, timeout: float) -> BaseEmailBackend:
    """An open connection as the settings want it: one that was given back, if it still answers, else a new one.

    `timeout` is seconds for each of the server's answers. Raises what the back end raises when it can't be opened.
    """
    fresh = get_connection(fail_silently=False, timeout=timeout)
    while _idle:
        since, kept = _idle.pop()
        if time.monotonic() - since < IDLE and _server(kept) == _server(fresh) and _answers(kept):
            return kept
        close(kept)
    fresh.open()
    return fresh


def give_back(connection: BaseEmailBackend) -> None:
    """For the next one, where that saves anything; else it is closed."""
    # Closed is one whose last message failed.
    if isinstance(connection, EmailBackend) and connection.connection is not None:
        _idle.append((time.monotonic(), connection))
    else:
        close(connection)


def close(connection: BaseEmailBackend) -> None:
    """Whatever state it is in."""
    try:
        connection.close()
    except OSError:
        # A connection that can't say goodbye is gone all the same.
        return


def _server(connection: Any) -> tuple[Any, ...]:
    names = ("host", "port", "username", "password", "use_tls", "use_ssl", "timeout")
    return (type(connection), *(getattr(connection, name, None) for name in names))


def _answers(connection: EmailBackend) -> bool:
    try:
        return bool(connection.connection.noop()[0] == 250)
    except (smtplib.SMTPException, OSError):
        return False
