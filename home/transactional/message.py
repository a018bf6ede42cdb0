"""A transactional message: to an address rather than to a person, such as a sign-in code or an invitation.

It goes through the channels' own sessions, so by every provider that they know. It has no row: only the site and its
reader may know what it says.
"""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import uuid4

from cryptography.fernet import InvalidToken
from django.utils import timezone

from notifications.channels import registry as channels
from notifications.costs.sums import Paid, add
from notifications.encryption.cipher import is_unreadable
from notifications.encryption.keys import keyring
from notifications.exceptions import ChannelError, UnreadableError
from notifications.models import Spending
from notifications.types import Message, Priority


@dataclass(frozen=True, slots=True)
class TransactionalMessage:
    """What is sent, in `language`, by `channel` (its name). `url` is the page that an e-mail's button opens.

    `scope_id` is of the clinic that it is sent for, where it is sent for one: what it costs is that clinic's.
    """

    channel: str
    address: str
    subject: str
    body: str
    language: str
    url: str
    scope_id: int | None = None


def can_send(channel: str) -> bool:
    """Whether this site has the channel."""
    return channel in channels.outside()


def send(message: TransactionalMessage) -> None:
    """Send it now, which takes as long as the channel's providers take. Raises ChannelError."""
    if is_unreadable(message.address):
        raise UnreadableError("The address")
    channel = channels.outside().get(message.channel)
    if channel is None:
        raise ChannelError(f"There is no channel “{message.channel}”.", permanent=True)
    with channel.session() as hand_over:
        sent = hand_over(
            Message(
                key=f"medguard-transactional-{uuid4().hex}",
                address=message.address,
                subject=message.subject,
                body=message.body,
                language=message.language,
                url=message.url,
                priority=Priority.URGENT,
            )
        )
    if channel.costs:
        paid = Paid(message.scope_id, Spending.Kind.ACCOUNT, message.channel, sent.parts, sent.cost)
        add([paid], now=timezone.now())


def encrypt(message: TransactionalMessage | None) -> str:
    """The message as it waits in the queue, where nobody can read it."""
    return keyring().fernets.encrypt(json.dumps(asdict(message) if message else None).encode()).decode()


def decrypt(encrypted: str, *, life: timedelta) -> TransactionalMessage | None:
    """The message; None where there is none, or it was encrypted longer than `life` ago."""
    try:
        found = json.loads(keyring().fernets.decrypt(encrypted.encode(), ttl=int(life.total_seconds())))
    except InvalidToken:
        return None
    return TransactionalMessage(**found) if found else None
