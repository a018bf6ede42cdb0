"""E-mail: one connection for all; plain text, and the same in HTML."""

import smtplib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from email.utils import parseaddr
from functools import lru_cache, partial
from typing import ClassVar

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.db.models import Case, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.channels.base import Channel, End, Send, TwoSteps
from notifications.channels.email import connections
from notifications.channels.email.body import bodies
from notifications.channels.email.content import content, mailbox
from notifications.channels.email.smtp import Transaction
from notifications.channels.retry_after import retry_after
from notifications.exceptions import ChannelError
from notifications.models import Suppression
from notifications.types import Detail, Message, Reason, Rendered, SendResult

LONGEST_SUBJECT = 150


class EmailChannel(Channel):
    """Sends through Django's mail back end: SMTP, an e-mail service (anymail), or files in the data folder."""

    name: ClassVar[str] = "email"
    label: ClassVar = gettext_lazy("E-mail")
    takes_quick_replies: ClassVar[bool] = True
    timeout: ClassVar[float] = 5.0
    """Seconds for each of the server's answers; a message takes five or so."""

    def addresses(self, user_ids: Collection[int]) -> dict[int, str]:
        people = get_user_model()._default_manager.filter(id__any_of=user_ids, email__isnull=False).order_by()
        return {user_id: email for user_id, email in people.values_list("id", "email") if email}

    def obstacles(self, user_ids: Collection[int]) -> dict[int, Reason]:
        problem = Suppression.objects.filter(
            channel=self.name, address=OuterRef("email"), cleared_at=None
        ).values("reason")
        unverified = Case(
            When(email__isnull=False, email_verified_at__isnull=True, then=Value(Reason.UNVERIFIED.value))
        )
        people = get_user_model()._default_manager.filter(id__any_of=user_ids).order_by()
        barred = people.annotate(why=Coalesce(Subquery(problem), unverified)).filter(why__isnull=False)
        return {user_id: Reason(why) for user_id, why in barred.values_list("id", "why")}

    def content(self, rendered: Rendered) -> tuple[str, str]:
        return rendered.email_subject, rendered.email_body

    def merged(self, subjects: Sequence[str], *, detail: Detail) -> tuple[str, str]:
        said = _("You have %(count)d messages from your clinic") % {"count": len(subjects)}
        if detail is Detail.DETAILED:
            said = Truncator(f"{said}: {'; '.join(subjects)}").chars(LONGEST_SUBJECT)
        return said, ""

    @contextmanager
    def session(self) -> Iterator[Send]:
        with _errors():
            connection = connections.take(timeout=self.timeout)
        try:
            if isinstance(connection, EmailBackend):
                transaction = Transaction(connection)
                try:
                    yield TwoSteps(partial(_begin, transaction))
                finally:
                    transaction.forget()
            else:
                yield partial(_send, connection)
        finally:
            connections.leave(connection)


def _begin(transaction: Transaction, message: Message) -> End:
    """Bring it to the SMTP server, which has it only when the call that this gives back was made."""
    with _failures(transaction.backend):
        mail = _compose(message)
        transaction.begin(_sender(mail.from_email), mailbox(message.address), content(mail))

    def end() -> SendResult:
        with _failures(transaction.backend):
            transaction.end()
        return SendResult(provider="email", provider_id=_message_id(message))

    return end


def _send(connection: BaseEmailBackend, message: Message) -> SendResult:
    with _failures(connection):
        # Open already, unless the last message failed. Left to itself, Django would then close it after each.
        connection.open()
        mail = _compose(message)
        connection.send_messages([mail])
    status = getattr(mail, "anymail_status", None)
    if status is None:
        return SendResult(provider="email", provider_id=_message_id(message))
    return SendResult(
        provider=getattr(connection, "esp_name", "email"), provider_id=str(status.message_id)[:200]
    )


@contextmanager
def _failures(connection: BaseEmailBackend) -> Iterator[None]:
    """After one, the next message begins with a fresh connection: this one's state is unknown."""
    try:
        with _errors():
            yield
    except ChannelError:
        connections.close(connection)
        raise


@lru_cache(maxsize=1)
def _sender(name_and_address: str) -> str:
    return mailbox(parseaddr(name_and_address)[1])


def _compose(message: Message) -> EmailMultiAlternatives:
    text, html, unsubscribe_url = bodies(message)
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=text,
        to=[message.address],
        headers={
            "Message-ID": _message_id(message),
            "Content-Language": message.language,
            "Auto-Submitted": "auto-generated",
            **_unsubscribing(unsubscribe_url),
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _unsubscribing(url: str) -> dict[str, str]:
    """What lets a mailbox offer to unsubscribe. With one click only over HTTPS (RFC 8058, 3.1)."""
    if not url:
        return {}
    one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if url.startswith("https:") else {}
    return {"List-Unsubscribe": f"<{url}>", **one_click}


def _message_id(message: Message) -> str:
    """The same at each attempt, so that a mailbox which got it twice can tell (RFC 5322 3.6.4)."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{message.key}@{domain}>"


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
    except AnymailRecipientsRefused as error:
        raise ChannelError("The e-mail service refuses the address.", permanent=True) from error
    except AnymailAPIError as error:
        raise _refused_by_service(error) from error
    except AnymailError as error:
        raise ChannelError(
            f"The e-mail service can't take it: {type(error).__name__}", permanent=True
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise ChannelError(f"The mail server can't be reached: {error}", permanent=False) from error
    except (BadHeaderError, UnicodeError, ValueError) as error:
        raise ChannelError(f"The message can't be put into an e-mail: {error}", permanent=True) from error


def _refused_by_service(error: AnymailAPIError) -> ChannelError:
    """Only what is wrong with this message ends it: not a key that is wrong, nor a service that is busy or down."""
    response = getattr(error, "response", None)
    if response is None:
        return ChannelError("The e-mail service can't be reached.", permanent=False)
    return ChannelError(
        f"The e-mail service refused: {response.status_code}",
        permanent=response.status_code in {400, 413, 422},
        retry_after=retry_after(response.headers.get("Retry-After"), now=timezone.now()),
    )


def _said(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {text}"[:300]
