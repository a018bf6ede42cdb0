"""Calls, for who can't read: the message is played or said, and keys answer it.

A call that was placed is sent; what became of it is told by the provider (`outcome`). Nothing waits for that.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy

from notifications.channels.base import Channel, Send
from notifications.channels.sms.numbers import numbers_of, unconfirmed
from notifications.channels.voice import providers, script
from notifications.channels.voice.gateway import Call
from notifications.channels.voice.gateways.registry import in_use
from notifications.phone_numbers import as_said
from notifications.types import Message, Reason, Rendered, SendResult


class VoiceChannel(Channel):
    """Calls through the providers of settings.VOICE_PROVIDERS."""

    name: ClassVar[str] = "voice"
    label: ClassVar = gettext_lazy("Phone call")
    batch_size: ClassVar[int] = 20
    acknowledge_each: ClassVar[bool] = True
    costs: ClassVar[bool] = True
    rings: ClassVar[bool] = True

    def addresses(self, user_ids: Collection[int]) -> dict[int, str]:
        return numbers_of(user_ids)

    def obstacles(self, user_ids: Collection[int]) -> dict[int, Reason]:
        return dict.fromkeys(unconfirmed(user_ids), Reason.UNVERIFIED)

    def address_words(self, address: str, provider_id: str = "") -> str:
        return as_said(address)

    def gives_receipts(self) -> frozenset[str]:
        return frozenset(name for name, gateway in in_use().items() if gateway.tells)

    def content(self, rendered: Rendered) -> tuple[str, str]:
        return "", rendered.short_text

    def look_up(self, addresses: Collection[str]) -> Mapping[str, Any]:
        return dict.fromkeys(addresses, script.clips()) if addresses else {}

    @contextmanager
    def session(self) -> Iterator[Send]:
        with providers.session() as place:

            def send(message: Message) -> SendResult:
                call = Call(
                    key=message.key,
                    number=message.address,
                    text=message.body,
                    language=message.language,
                    event_types=message.event_types,
                )
                return place(call, message.found or {})

            yield send
