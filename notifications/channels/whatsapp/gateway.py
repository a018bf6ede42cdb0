"""What a gateway is: one provider's interface to WhatsApp, and nothing but that. No other file knows its codes."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar

import requests
from django.http import HttpRequest

from notifications.channels.gateways import BREATHER, REST, GatewayError, MalformedError
from notifications.channels.receipts import Receipt


@dataclass(frozen=True, slots=True)
class Template:
    """The approved template that carries a message: its name there, what fills its values, and what its buttons send
    back, in order.
    """

    name: str
    language: str
    values: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way out. `number` is in E.164; `key` is the same at each attempt.

    Without a `template` it is free text, which WhatsApp takes only within a day after its reader wrote.
    """

    key: str
    number: str
    text: str
    template: Template | None = None


class Effect(StrEnum):
    """What an error says beyond the one message."""

    NOT_THERE = "not_there"
    """The number isn't on WhatsApp."""
    STOPPED = "stopped"
    """Its owner stopped our messages there."""
    PAUSED = "paused"
    REJECTED = "rejected"
    """The template can't be used for now, or at all."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is done about an error: as `GatewayError` has it, and the effect it has beyond the one message."""

    permanent: bool = False
    rest: timedelta | None = None
    wait: timedelta | None = None
    effect: Effect | None = None

    @property
    def again_after(self) -> timedelta | None:
        """How long to wait at least until the same message is sent once more; None where that would be in vain."""
        return None if self.permanent else self.wait or self.rest or timedelta(0)

    def error(self, said: str) -> "WhatsAppError":
        return WhatsAppError(
            said, permanent=self.permanent, rest=self.rest, retry_after=self.wait, effect=self.effect
        )


AGAIN = Verdict()
BUSY = Verdict(rest=BREATHER, wait=BREATHER)
SAME_NUMBER_BUSY = Verdict(wait=timedelta(minutes=1))
"""Only this number has had too many."""
OURS = Verdict(rest=REST)
"""The account, the key, the sender: for staff to mend."""
NEVER = Verdict(permanent=True)
NOT_THERE = Verdict(permanent=True, effect=Effect.NOT_THERE)
STOPPED = Verdict(permanent=True, effect=Effect.STOPPED)
PAUSED = Verdict(permanent=True, effect=Effect.PAUSED)
REJECTED = Verdict(permanent=True, effect=Effect.REJECTED)


class WhatsAppError(GatewayError):
    """A provider didn't take a message, and what follows from that for others."""

    def __init__(self, message: str, *, effect: Effect | None = None, **how: Any) -> None:
        super().__init__(message, **how)
        self.effect = effect


@dataclass(frozen=True, slots=True)
class Received:
    """A message that came in, from a number in E.164. What isn't text has its kind as its `text`: "[image]".

    `button` is what a tapped button carries, `in_reply_to` the provider's name of the message that was answered.
    """

    provider_id: str
    sender: str
    text: str
    button: str = ""
    in_reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """The provider has a message, which we call `key`, and says nothing more of it yet."""

    provider_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a message; of one that failed, also what follows from that. `key` is our name for it, where the
    provider gives that back.
    """

    receipt: Receipt
    effect: Effect | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What WhatsApp decided of a template; `state` is one of `WhatsAppTemplate.State`."""

    name: str
    language: str
    state: str
    reason: str = ""


Event = Received | Taken | Status | Judged | MalformedError
"""What a provider tells us. One that can't be read takes no others with it."""


class Gateway(ABC):
    """One provider. Made anew for each use, so that it follows the settings."""

    name: ClassVar[str]
    label: ClassVar[Any]
    largest_call: ClassVar[int] = 64 * 1024
    """Bytes of the largest call of its webhook."""

    @abstractmethod
    def send(self, http: requests.Session, outgoing: Outgoing) -> str:
        """Hand over one message; the provider's id for it. Raises WhatsAppError."""

    def gives_receipts(self) -> bool:
        """Whether it tells us later what became of a message."""
        return True

    def challenge(self, request: HttpRequest) -> str | None:
        """What is answered to a provider that asks whether this webhook is ours; None where it isn't known."""
        return None

    def is_genuine(self, request: HttpRequest, *, url: str) -> bool:
        """Whether the provider sent this to our webhook; `url` is the address as the provider knows it."""
        return False

    def events(self, request: HttpRequest) -> Iterator[Event]:
        """All that a call of our webhook says. Raises MalformedError where it says nothing that can be read."""
        raise MalformedError("nothing is received")
