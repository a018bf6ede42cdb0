"""A real SMTP server that remembers what it took, and fails as it is told."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HANGS, HANGS_UP = "says nothing", "hangs up"


@dataclass(frozen=True)
class Mail:
    message_id: str
    to: str


@dataclass
class SmtpServer:
    """One SMTP server on one port for the whole session; `reset` makes it a friendly and empty one."""

    mails: list[Mail] = field(default_factory=list)
    seconds_each: float = 0.0
    """How long it thinks about each mail."""
    holds: bool = False
    """It takes each mail and doesn't answer, for as long as this is so."""
    held: list[Mail] = field(default_factory=list)
    """What it has ever held."""
    says: Callable[[str, str], str | None] | None = None
    """Is asked at each step (“HELO”, “RCPT” or “DATA”, and the address) for an answer; None is the usual one."""
    when_taken: Callable[[Mail], None] | None = None
    """Is called when a mail is in the mailbox, before the sender hears of it."""

    def __post_init__(self) -> None:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._controller: Controller | None = None

    def reset(self) -> None:
        self.mails, self.held = [], []
        self.seconds_each, self.holds, self.says, self.when_taken = 0.0, False, None, None
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

    async def handle_HELO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str) -> str:  # noqa: N802
        session.host_name = hostname
        return await self._answer("HELO", "", server) or "250 here"

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        answer = await self.handle_HELO(server, session, envelope, hostname)
        return [answer] if answer[0] != "2" else answers

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := await self._answer("RCPT", address, server):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content
        assert isinstance(content, bytes)
        mail = Mail(BytesHeaderParser().parsebytes(content)["Message-ID"], envelope.rcpt_tos[0])
        if refusal := await self._answer("DATA", mail.to, server):
            return refusal
        await asyncio.sleep(self.seconds_each)
        if self.holds:
            self.held.append(mail)
            while self.holds:
                await asyncio.sleep(0.01)
        self.mails.append(mail)
        if self.when_taken:
            self.when_taken(mail)
        return "250 OK"

    async def _answer(self, step: str, address: str, server: SMTP) -> str | None:
        answer = self.says(step, address) if self.says else None
        while answer == HANGS and self.says:
            await asyncio.sleep(0.01)
            answer = self.says(step, address)
        if answer == HANGS_UP and server.transport:
            server.transport.close()
        return answer


def addresses(people: Iterable[object]) -> Counter[str]:
    """Each of these people's addresses once, as `addressees` counts."""
    return Counter(person.email for person in people)  # type: ignore[attr-defined]
