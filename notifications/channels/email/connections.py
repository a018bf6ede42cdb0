"""The open connection to the mail server."""

import smtplib
from typing import Any

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

from notifications.channels.idle import Idle


def close(connection: BaseEmailBackend) -> None:
    """Whatever state it is in."""
    try:
        connection.close()
    except OSError:
        # A connection that can't say goodbye is gone all the same.
        return


_idle = Idle[EmailBackend](close)


def take(*, timeout: float) -> BaseEmailBackend:
    """An open connection as the settings want it: one that was left, if its server still answers, else a new one.

    `timeout` is seconds for each of the server's answers. Raises what the back end raises when it can't be opened.
    """
    fresh = get_connection(fail_silently=False, timeout=timeout)
    while kept := _idle.take():
        if _server(kept) == _server(fresh) and _answers(kept):
            return kept
        close(kept)
    fresh.open()
    return fresh


def leave(connection: BaseEmailBackend) -> None:
    """For the next one, where that saves anything; else it is closed."""
    # One whose last message failed is closed already.
    if isinstance(connection, EmailBackend) and connection.connection is not None:
        _idle.leave(connection)
    else:
        close(connection)


def _server(connection: Any) -> tuple[Any, ...]:
    names = ("host", "port", "username", "password", "use_tls", "use_ssl", "timeout")
    return (type(connection), *(getattr(connection, name, None) for name in names))


def _answers(connection: Any) -> bool:
    try:
        return bool(connection.connection.noop()[0] == 250)
    except (smtplib.SMTPException, OSError):
        return False
