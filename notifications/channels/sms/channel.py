"""SMS: the short text, through the first provider that takes it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import ClassVar

from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from notifications.channels.base import Channel, Send
from notifications.channels.sms import providers
from notifications.channels.sms.gateway import Sms
from notifications.channels.sms.gateways.registry import GATEWAYS
from notifications.channels.sms.numbers import numbers_of, unconfirmed
from notifications.channels.sms.text import sms_text
from notifications.phone_numbers import as_said
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

    @contextmanager
    def session(self) -> Iterator[Send]:
        with providers.session() as send:

            def send_message(message: Message) -> SendResult:
                return send(Sms(key=message.key, number=message.address, text=message.body))

            yield send_message
