"""SMS: the short text, through the first provider that takes it."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from notifications.channels.base import Channel, Send
from notifications.channels.sms import providers
from notifications.channels.sms.gateway import Sms
from notifications.channels.sms.gateways.registry import GATEWAYS, in_use
from notifications.channels.sms.numbers import numbers_of, unconfirmed
from notifications.channels.sms.text import sms_text
from notifications.costs.prices import Prices
from notifications.phone_numbers import as_said
from notifications.rules.prices import Unit
from notifications.texts.sms_parts import measure
from notifications.types import Message, Reason, Rendered, SendResult


class SmsChannel(Channel):
    """Sends through the providers of settings.SMS_PROVIDERS."""

    name: ClassVar[str] = "sms"
    label: ClassVar = gettext_lazy("SMS")
    batch_size: ClassVar[int] = 20
    acknowledge_each: ClassVar[bool] = True
    costs: ClassVar[bool] = True

    def addresses(self, user_ids: Collection[int]) -> dict[int, str]:
        return numbers_of(user_ids)

    def obstacles(self, user_ids: Collection[int]) -> dict[int, Reason]:
        return dict.fromkeys(unconfirmed(user_ids), Reason.UNVERIFIED)

    def content(self, rendered: Rendered) -> tuple[str, str]:
        return "", sms_text(rendered)

    def address_words(self, address: str, provider_id: str = "") -> str:
        return as_said(address)

    def gives_receipts(self) -> frozenset[str]:
        return frozenset(name for name, gateway in in_use().items() if gateway.gives_receipts())

    def how_to_start(self, provider: str) -> str:
        return GATEWAYS[provider]().how_to_start() if provider in GATEWAYS else ""

    def carrier(self, provider: str) -> str:
        names = list(settings.SMS_PROVIDERS)
        if provider not in names:
            return ""
        values = {"provider": GATEWAYS[provider].label}
        if names.index(provider) == 0:
            return gettext("Sent through %(provider)s.") % values
        if names.index(provider) == 1:
            return gettext("Sent through the second provider, %(provider)s.") % values
        return gettext("Sent through the last provider, %(provider)s.") % values

    def reply(self, key: str, address: str, text: str) -> SendResult:
        return providers.send_sms(Sms(key=key, number=address, text=text))

    def most(self, messages: Sequence[tuple[str, str]], *, now: datetime) -> Sequence[Decimal]:
        prices = Prices.read(timezone.localdate(now))
        names = settings.SMS_PROVIDERS
        return [prices.most(Unit.SMS_PART, names, number, measure(text).parts) for number, text in messages]

    @contextmanager
    def session(self) -> Iterator[Send]:
        with providers.session() as send:

            def send_message(message: Message) -> SendResult:
                return send(Sms(key=message.key, number=message.address, text=message.body))

            yield send_message
