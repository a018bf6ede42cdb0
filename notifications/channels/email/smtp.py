"""Mails on their way to an SMTP server, each in two steps: all of it, and then the full stop that makes it theirs.

Until that line has come, the server must not do anything with the mail, and forgets it when the connection is lost
(RFC 5321, 4.1.1.4 and 4.1.1.10).
"""

import socket
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

FULL_STOP = b".\r\n"


class Transaction:
    """What is under way on one connection: one mail at a time. Raises what `smtplib` and Django's back end raise."""

    def __init__(self, backend: EmailBackend) -> None:
        self.backend = backend
        self.is_begun = False

    def begin(self, sender: str, recipient: str, content: bytes) -> None:
        """Hand the server all but the full stop. A mail that was begun and not ended is forgotten."""
        self.forget()
        # Open already, unless the last mail failed.
        self.backend.open()
        server: Any = self.backend.connection
        # The full stop must not wait until the server has acknowledged the rest, which takes it 40 ms.
        server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.ehlo_or_helo_if_needed()
        code, said = server.mail(sender, [f"size={len(content)}"] if server.has_extn("size") else [])
        if code != 250:
            raise SMTPSenderRefused(code, said, sender)
        code, said = server.rcpt(recipient)
        if code not in {250, 251}:
            raise SMTPRecipientsRefused({recipient: (code, said)})
        code, said = server.docmd("DATA")
        if code != 354:
            raise SMTPDataError(code, said)
        # A line that begins with a full stop isn't the last (RFC 5321, 4.5.2).
        server.send(content.replace(b"\r\n.", b"\r\n.."))
        self.is_begun = True

    def end(self) -> None:
        """Let the server have what was begun."""
        self.is_begun = False
        server: Any = self.backend.connection
        server.send(FULL_STOP)
        code, said = server.getreply()
        if code != 250:
            raise SMTPDataError(code, said)

    def forget(self) -> None:
        """Hang up on a mail that was begun: there is no other way to take it back."""
        if self.is_begun:
            self.is_begun = False
            server: Any = self.backend.connection
            server.close()
            self.backend.close()
