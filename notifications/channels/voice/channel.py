"""Calls, for who can't read: the message is played or said, and keys answer it.

A call that was placed is sent; what became of it is told by the provider (`outcome`). Nothing waits for that.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy

from notifications.channels.base import Channel, Send, Wording
from notifications.channels.sms.numbers import numbers_of, unconfirmed
from notifications.channels.voice import providers, script
from notifications.channels.voice.gateway import LONGEST, Call
from notifications.channels.voice.gateways.registry import in_use
from notifications.channels.voice.wording import SpokenWording
from notifications.costs.prices import Prices
from notifications.languages.listed import of_messages
from notifications.models import Delivery
from notifications.phone_numbers import as_said
from notifications.rules.prices import Unit, minutes_begun
from notifications.types import EventType, Message, Reason, Rendered, SendResult


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

    def wording(self, event_type: EventType, user_ids: Collection[int], *, now: datetime) -> Wording | None:
        """Asked for only where some language has no voice: then recordings decide who is called."""
        gateways = in_use()
        if any(set(of_messages()) <= set(each.voices) for each in gateways.values()) or not gateways:
            return None
        return SpokenWording(event_type.name, gateways, script.clips())

    def most(self, messages: Sequence[tuple[str, str]], *, now: datetime) -> Sequence[Decimal]:
        """As if everybody talked for as long as they can."""
        prices, names = Prices.read(timezone.localdate(now)), settings.VOICE_PROVIDERS
        minutes = minutes_begun(LONGEST)
        return [
            prices.most(Unit.CALL, names, number) + prices.most(Unit.MINUTE, names, number, minutes)
            for number, _text in messages
        ]

    def price(self, delivery: Delivery, *, now: datetime) -> Decimal | None:
        return Prices.read(timezone.localdate(now)).placed(delivery.provider, str(delivery.address))

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
