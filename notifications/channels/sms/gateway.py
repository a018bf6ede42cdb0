"""What a gateway is: one provider's interface, and nothing but that. No other file knows its codes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import requests
from django.http import QueryDict

from notifications.channels.gateways import MalformedError
from notifications.channels.receipts import Receipt
from notifications.rules.keywords import Command


@dataclass(frozen=True, slots=True)
class Sms:
    """One message on its way out. `number` is in E.164; `key` is the same at each attempt."""

    key: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Received:
    """A message that came in. `sender` is what the provider calls it, a number in E.164 as a rule.

    `command` is what the provider itself has taken it for and carried out, whatever its words; mostly nothing.
    """

    provider_id: str
    sender: str
    text: str
    command: Command | None = None


class Gateway(ABC):
    """One provider. Made anew for each use, so that it follows the settings."""

    name: ClassVar[str]
    label: ClassVar[Any]

    @abstractmethod
    def send(self, http: requests.Session, sms: Sms) -> str:
        """Hand over one message; the provider's id for it. Raises GatewayError."""

    def how_to_start(self) -> str:
        """What somebody must do who told this provider to stop and wants SMS again, in the active language."""
        return ""

    def gives_receipts(self) -> bool:
        """Whether it tells us later what became of a message."""
        return True

    def forms(self, content_type: str | None, form: QueryDict, body: bytes) -> Sequence[QueryDict]:
        """What one call of a webhook brings, once for each message that it speaks of. Raises MalformedError."""
        return [form]

    def is_genuine(self, *, url: str, form: QueryDict, headers: Mapping[str, str]) -> bool:
        """Whether the provider sent this to our webhook; `url` is the address as the provider knows it."""
        return False

    def receipt(self, form: QueryDict) -> Receipt | None:
        """What a call of the status webhook says; None when that settles nothing. Raises MalformedError.

        A state that isn't among the documented ones settles nothing either, and is logged (`unknown_state`).
        """
        raise MalformedError("there are no receipts")

    def opted_out(self, form: QueryDict) -> str | None:
        """The number whose owner, as a call of the status webhook says, told the provider to stop."""
        return None

    def received(self, form: QueryDict) -> Received:
        """The message that a call of the inbound webhook brings. Raises MalformedError."""
        raise MalformedError("nothing is received")
