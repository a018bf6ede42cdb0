"""E-mail: one connection a batch; plain text, and the same in HTML."""

import smtplib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from email.utils import parseaddr
from typing import ClassVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import BadHeaderError, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext_lazy as _

from notifications import email_body
from notifications.channels.base import Channel, Send
from notifications.exceptions import ChannelError
from notifications.types import Message, Reason, Rendered, SendResult


class EmailChannel(Channel):
    """Sends through Django's mail back end: SMTP, or files in the data folder."""

    name: ClassVar[str] = "email"
    label: ClassVar = _("E-mail")
    timeout: ClassVar[float] = 5.0
    """Seconds for each of the server's answers; a message takes five or so."""

    def addresses(self, user_ids: Collection[int]) -> dict[int, str]:
        people = get_user_model()._default_manager.filter(id__any_of=user_ids, email__isnull=False)
        return {user_id: email for user_id, email in people.values_list("id", "email") if email}

    def obstacles(self, user_ids: Collection[int]) -> dict[int, Reason]:
        unverified = get_user_model()._default_manager.filter(
            id__any_of=user_ids, email__isnull=False, email_verified_at__isnull=True
        )
        return dict.fromkeys(unverified.values_list("id", flat=True), Reason.UNVERIFIED)

    def content(self, rendered: Rendered) -> tuple[str, str]:
        return rendered.email_subject, rendered.email_body

    @contextmanager
    def session(self) -> Iterator[Send]:
        connection = get_connection(fail_silently=False, timeout=self.timeout)
        try:
            with _errors():
                connection.open()
            yield lambda message: _send(connection, message)
        finally:
            _close(connection)


def _send(connection: BaseEmailBackend, message: Message) -> SendResult:
    try:
        with _errors():
            # Open already, unless the last message failed. Left to itself, Django would then close it after each.
            connection.open()
            connection.send_messages([_compose(message, connection)])
    except ChannelError:
        # The next message begins with a fresh connection: this one's state is unknown.
        _close(connection)
        raise
    return SendResult(provider="email", provider_id=_message_id(message))


def _compose(message: Message, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=email_body.text(message),
        to=[message.address],
        connection=connection,
        headers={
            "Message-ID": _message_id(message),
            "Content-Language": message.language,
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(email_body.html(message), "text/html")
    return mail


def _message_id(message: Message) -> str:
    """The same at each attempt, so that a mailbox which got it twice can tell (RFC 5322 3.6.4)."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{message.key}@{domain}>"


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except OSError:
        # A connection that can't say goodbye is gone all the same.
        return


@contextmanager
def _errors() -> Iterator[None]:
    """Turn what SMTP says into whether trying again makes sense (RFC 5321 4.2.1: 4yz is transient, 5yz permanent)."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise ChannelError(
            f"The address was refused: {_said(code, answer)}", permanent=code >= 500
        ) from error
    except (
        smtplib.SMTPConnectError,
        smtplib.SMTPHeloError,
        smtplib.SMTPAuthenticationError,
        smtplib.SMTPSenderRefused,
    ) as error:
        # We are refused, not this message: staff will mend it.
        said = _said(error.smtp_code, error.smtp_error)
        raise ChannelError(f"The mail server doesn't accept us: {said}", permanent=False) from error
    except smtplib.SMTPResponseException as error:
        said = _said(error.smtp_code, error.smtp_error)
        raise ChannelError(f"The mail server refused: {said}", permanent=error.smtp_code >= 500) from error
    except (smtplib.SMTPException, OSError) as error:
        raise ChannelError(f"The mail server can't be reached: {error}", permanent=False) from error
    except (BadHeaderError, UnicodeError, ValueError) as error:
        raise ChannelError(f"The message can't be put into an e-mail: {error}", permanent=True) from error


def _said(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {text}"[:300]
