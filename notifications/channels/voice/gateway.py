"""What a gateway of calls is: one provider's interface, and nothing but that. No other file knows its codes."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar
from urllib.parse import urlencode

import requests
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse

from notifications.channels.gateways import MalformedError, value
from notifications.rules.phone_call import Place

RINGS = 30
"""Seconds for which a phone rings."""
LONGEST = 300
"""Seconds. No call lasts longer where the provider can be told so, whoever forgot to hang up."""
LISTENS = 10
"""Seconds for which a key is waited for, once all is said."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call on its way out, about messages of these types. `number` is in E.164; `key` the same at each attempt."""

    key: str
    number: str
    text: str
    language: str
    event_types: tuple[str, ...]


class Kind(StrEnum):
    """What a provider tells us of a call: somebody picked up, a machine did, a key was pressed, or it is over."""

    PERSON = "person"
    MACHINE = "machine"
    KEY = "key"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Event:
    """What has happened in a call. `call` is our key for it, `provider_id` theirs.

    `key` is what was pressed at `place`, empty where nothing was. `reason` is the provider's word for how it ended, and
    `seconds` how long they talked, where it says that.
    """

    kind: Kind
    call: str
    provider_id: str
    place: Place | None = None
    key: str = ""
    reason: str = ""
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Recording:
    """A line that is played: the address of a recording."""

    url: str


@dataclass(frozen=True, slots=True)
class Speech:
    """A line that the provider says itself, in a language that it has a voice for."""

    text: str
    language: str


Line = Recording | Speech


class VoiceGateway(ABC):
    """One provider of calls. Made anew for each use, so that it follows the settings."""

    name: ClassVar[str]
    label: ClassVar[Any]
    voices: ClassVar[Mapping[str, Any]] = {}
    """The languages that it can say a text in, each with what it calls the voice."""
    tells: ClassVar[bool] = True
    """Whether it says what became of a call."""

    @abstractmethod
    def place(self, http: requests.Session, call: Call) -> str:
        """Have the number called; the provider's id for the call. Raises GatewayError."""

    def is_genuine(self, *, url: str, form: QueryDict, headers: Mapping[str, str]) -> bool:
        """Whether the provider sent this to our webhook; `url` is the address as the provider knows it."""
        return False

    def event(self, query: QueryDict, form: QueryDict) -> Event | None:
        """What a call of the webhook says; None for what we needn't know. Raises MalformedError."""
        raise MalformedError("nothing is received")

    def document(self, lines: tuple[Line, ...], *, call: str, place: Place | None) -> str:
        """What is said next, in the provider's XML: a key is asked for at `place`, or the call ends with it."""
        raise NotImplementedError


def seconds_in(form: QueryDict, name: str) -> int:
    """How long a call was, as a provider says it; 0 where it doesn't say a number."""
    said = value(form, name, longest=6, default="")
    return int(said) if said.isascii() and said.isdecimal() else 0


def webhook(name: str, call: str = "", place: Place | None = None, **more: str) -> str:
    """The address at which a provider tells of a call, and asks what to say next."""
    query = {"call": call, **({"at": _written(place)} if place else {}), **more}
    address = f"{settings.BASE_URL}{reverse('voice:call', args=[name])}"
    return f"{address}?{urlencode({key: value for key, value in query.items() if value})}"


def _written(place: Place) -> str:
    return f"{place.number}{'again' if place.again else ''}"


def place_in(query: QueryDict) -> Place | None:
    """The place that stands in the address of a webhook; MalformedError for one that we never wrote."""
    if (text := query.get("at")) is None:
        return None
    if (found := re.fullmatch(r"([0-9]{1,3})(again)?", text)) is None:
        raise MalformedError("at")
    return Place(int(found[1]), bool(found[2]))
