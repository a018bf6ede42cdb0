"""A letter to an address rather than to a person: a code, an invitation, word to an address that was given up.

It goes through the channels' own sessions, so by every provider that they know, and leaves no row behind: what it says
is a secret between the site and whoever reads it.
"""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import uuid4

from cryptography.fernet import InvalidToken

from home.encryption import fernet
from notifications.channels import registry as channels
from notifications.exceptions import ChannelError
from notifications.types import Message, Priority


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent, in `language`, by `channel` (its name). `url` is the page that an e-mail's button opens."""

    channel: str
    address: str
    subject: str
    body: str
    language: str
    url: str


def can_send(channel: str) -> bool:
    """Whether this site has the channel."""
    return channel in channels.outside()


def send(letter: Letter) -> None:
    """Send it now; as long as the channel's providers take. Raises ChannelError."""
    channel = channels.outside().get(letter.channel)
    if channel is None:
        raise ChannelError(f"There is no channel “{letter.channel}”.", permanent=True)
    message = Message(
        key=f"medguard-letter-{uuid4().hex}",
        address=letter.address,
        subject=letter.subject,
        body=letter.body,
        language=letter.language,
        url=letter.url,
        priority=Priority.URGENT,
    )
    with channel.session() as hand_over:
        hand_over(message)


def seal(letter: Letter | None) -> str:
    """As the queue may hold it: nobody can read it there."""
    return fernet().encrypt(json.dumps(asdict(letter) if letter else None).encode()).decode()


def unseal(sealed: str, *, life: timedelta) -> Letter | None:
    """The letter, or None where there is none or it was sealed longer than `life` ago."""
    try:
        found = json.loads(fernet().decrypt(sealed.encode(), ttl=int(life.total_seconds())))
    except InvalidToken:
        return None
    return Letter(**found) if found else None
