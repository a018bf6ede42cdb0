"""What a gateway is: one provider's interface, and nothing but that. No other file knows its codes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import requests
from django.http import QueryDict

from notifications.exceptions import ChannelError, NotificationError


@dataclass(frozen=True, slots=True)
class Sms:
    """One message on its way out. `number` is in E.164; `key` is the same at each attempt."""

    key: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider says later of a message that it took: it is there, or it isn't and won't be."""

    provider_id: str
    delivered: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """A message that came in. `sender` is what the provider calls it, a number in E.164 as a rule."""

    provider_id: str
    sender: str
    text: str


class MalformedError(NotificationError, ValueError):
    """What a provider, or whoever claims to be one, sent us isn't what it documents."""


REST = timedelta(minutes=5)
"""How long a provider that is down is left alone before one message tries it again."""
BREATHER = timedelta(seconds=30)
"""How long one that has too much to do is, unless it says so itself."""


class GatewayError(ChannelError):
    """A provider didn't take a message.

    A permanent one is about the number or the text: no other provider could do better. With `rest` the provider itself
    is in trouble, and is to be left alone for so long; its text then names nobody. With neither it can't carry this one
    message, and another may.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        rest: timedelta | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message, permanent=permanent, retry_after=retry_after)
        self.rest = rest


class Gateway(ABC):
    """One provider. Made anew for each use, so that it follows the settings."""

    name: ClassVar[str]
    label: ClassVar[Any]

    @abstractmethod
    def send(self, http: requests.Session, sms: Sms) -> str:
        """Hand over one message; the provider's id for it. Raises GatewayError."""

    def forms(self, content_type: str | None, form: QueryDict, body: bytes) -> Sequence[QueryDict]:
        """What one call of a webhook brings, once for each message that it speaks of. Raises MalformedError."""
        return [form]

    def is_genuine(self, *, url: str, form: QueryDict, headers: Mapping[str, str]) -> bool:
        """Whether the provider sent this to our webhook; `url` is the address as the provider knows it."""
        return False

    def receipt(self, form: QueryDict) -> Receipt | None:
        """What a call of the status webhook says; None when nothing is settled yet. Raises MalformedError."""
        raise MalformedError("there are no receipts")

    def received(self, form: QueryDict) -> Received:
        """The message that a call of the inbound webhook brings. Raises MalformedError."""
        raise MalformedError("nothing is received")


def value(form: QueryDict, name: str, *, longest: int, default: str | None = None) -> str:
    """One value of a webhook's form, without NUL and not longer than that; MalformedError when there is none."""
    found = form.get(name, default)
    if found is None or "\0" in found or len(found) > longest or (default is None and not found):
        raise MalformedError(name)
    return found
