"""A real SMTP server that remembers what it took, and fails as it is told."""

import asyncio
import email
import socket
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from email.policy import default as modern

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Mail:
    message_id: str
    to: str


@dataclass
class PostOffice:
    """One SMTP server on one port for the whole session; `reset` makes it a friendly and empty one."""

    mails: list[Mail] = field(default_factory=list)
    seconds_each: float = 0.0
    """How long it thinks about each mail."""
    holds: bool = False
    """It takes each mail and doesn't answer, for as long as this is so."""
    held: list[Mail] = field(default_factory=list)
    """What it has ever held."""
    when_taken: Callable[[Mail], None] | None = None
    """Is called when a mail is in the mailbox, before the sender hears of it."""

    def __post_init__(self) -> None:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._controller: Controller | None = None

    def reset(self) -> None:
        self.mails, self.held = [], []
        self.seconds_each, self.holds, self.when_taken = 0.0, False, None
        self.open()

    def open(self) -> None:
        if self._controller is None:
            self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
            self._controller.start()

    def close(self) -> None:
        """From now on nobody can connect."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def addressees(self) -> Counter[str]:
        """How many different mails each address got: copies of one, by its Message-ID, count once."""
        return Counter(mail.to for mail in set(self.mails))

    def copies(self) -> list[Mail]:
        """What came again."""
        return list((Counter(self.mails) - Counter(set(self.mails))).elements())

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content
        assert isinstance(content, bytes)
        mail = Mail(email.message_from_bytes(content, policy=modern)["Message-ID"], envelope.rcpt_tos[0])
        await asyncio.sleep(self.seconds_each)
        if self.holds:
            self.held.append(mail)
            while self.holds:
                await asyncio.sleep(0.01)
        self.mails.append(mail)
        if self.when_taken:
            self.when_taken(mail)
        return "250 OK"


def addresses(people: Iterable[object]) -> Counter[str]:
    """Each of these people's addresses once, as `addressees` counts."""
    return Counter(person.email for person in people)  # type: ignore[attr-defined]
