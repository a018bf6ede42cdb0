"""An e-mail as the bytes that a mail server gets."""

import re
from email.policy import compat32
from email.utils import formatdate
from functools import lru_cache
from uuid import uuid4

from django.core.mail.message import (
    RFC5322_EMAIL_LINE_LENGTH_LIMIT,
    EmailMultiAlternatives,
    forbid_multi_line_headers,
    sanitize_address,
)

_PART = '--{boundary}\r\nContent-Type: {kind}; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n'
_HEAD = 'Content-Type: multipart/alternative; boundary="{}"\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n'
_OF_ONE_MAIL = {"To", "Message-ID", "List-Unsubscribe"}
_PLAIN_MAILBOX = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)
_policy = compat32.clone(linesep="\r\n")


def content(mail: EmailMultiAlternatives) -> bytes:
    """The same as Django would send, in a fifth of the time that it takes Django and its library.

    Those look at each line of the bodies, which may go as they are as long as none is too long, and make each header
    anew, of which most mails have the same.
    """
    boundary = f"={uuid4().hex}="
    parts = [("text/plain", str(mail.body)), *((kind, str(text)) for text, kind in mail.alternatives)]
    body = "".join(
        [_PART.format(boundary=boundary, kind=kind, text=_with_line_ends(text)) for kind, text in parts]
    ).encode()
    if max(map(len, body.split(b"\r\n"))) > RFC5322_EMAIL_LINE_LENGTH_LIMIT:
        return mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own
    headers = {
        "Subject": mail.subject,
        "From": mail.from_email,
        "To": ", ".join(mail.to),
        "Date": formatdate(),
        **mail.extra_headers,
    }
    head = [(_line if name in _OF_ONE_MAIL else _kept_line)(name, value) for name, value in headers.items()]
    return b"".join([_HEAD.format(boundary).encode(), *head, b"\r\n", body, f"--{boundary}--\r\n".encode()])


def mailbox(address: str) -> str:
    """An address as SMTP may be told it. Raises ValueError for what is none."""
    # What says what it means needs no parsing, which takes as long as all headers.
    return address if _PLAIN_MAILBOX.fullmatch(address) else sanitize_address(address, "utf-8")


def _line(name: str, value: str) -> bytes:
    """One header, as the library encodes and folds it. Raises BadHeaderError for what would be more than one."""
    return _policy.fold_binary(*forbid_multi_line_headers(name, value, "utf-8"))


_kept_line = lru_cache(maxsize=64)(_line)


def _with_line_ends(text: str) -> str:
    """Those of mail (RFC 5322, 2.1), whatever the text has."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
