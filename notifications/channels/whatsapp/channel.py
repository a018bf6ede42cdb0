"""WhatsApp: the text of an approved template, or free text within a day after somebody wrote."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from django.utils import timezone
from django.utils.translation import gettext

from notifications.channels.base import Channel, Send, Wording
from notifications.channels.sms.numbers import numbers_of
from notifications.channels.whatsapp import refusals, sending
from notifications.channels.whatsapp.effects import take
from notifications.channels.whatsapp.gateway import Outgoing, Template, WhatsAppError
from notifications.channels.whatsapp.gateways.registry import in_use
from notifications.channels.whatsapp.templates import (
    Approved,
    Chosen,
    TemplateWording,
    free_text,
    wrote_lately,
)
from notifications.costs.prices import Prices
from notifications.exceptions import ChannelError
from notifications.models import Delivery
from notifications.phone_numbers import as_said
from notifications.rules.prices import Unit
from notifications.types import Detail, EventType, Message, Reason, Rendered, SendResult


class WhatsAppChannel(Channel):
    """Sends through the provider of settings.WHATSAPP_PROVIDER, to the confirmed phone number."""

    name: ClassVar[str] = "whatsapp"
    label: ClassVar = "WhatsApp"
    costs: ClassVar[bool] = True
    takes_quick_replies: ClassVar[bool] = True
    batch_size: ClassVar[int] = 20
    acknowledge_each: ClassVar[bool] = True

    def addresses(self, user_ids: Collection[int]) -> dict[int, str]:
        return numbers_of(user_ids)

    def obstacles(self, user_ids: Collection[int]) -> dict[int, Reason]:
        return refusals.obstacles(user_ids)

    def address_words(self, address: str, provider_id: str = "") -> str:
        return as_said(address)

    def gives_receipts(self) -> frozenset[str]:
        gateway = in_use()
        return frozenset([gateway.name] if gateway.gives_receipts() else [])

    def how_to_start(self, provider: str) -> str:
        return gettext(
            "You stopped our messages in WhatsApp. To get them again, turn them on here, and in WhatsApp too: open our "
            "chat there and send START."
        )

    def wording(self, event_type: EventType, user_ids: Collection[int], *, now: datetime) -> Wording:
        return TemplateWording(event_type, Approved(), wrote_lately(user_ids, now=now))

    def content(self, rendered: Rendered) -> tuple[str, str]:
        return "", free_text(rendered)

    def merged(self, subjects: Sequence[str], *, detail: Detail) -> tuple[str, str]:
        """By the template of the first that has one, where there is none for several at once."""
        _none, text = super().merged(subjects, detail=detail)
        return next(filter(None, subjects), ""), text

    def most(self, messages: Sequence[tuple[str, str]], *, now: datetime) -> Sequence[Decimal]:
        """By whichever of the two costs more."""
        prices, names = Prices.read(timezone.localdate(now)), [in_use().name]
        return [
            max(prices.most(unit, names, number) for unit in (Unit.TEMPLATE, Unit.FREE_TEXT))
            for number, _text in messages
        ]

    def price(self, delivery: Delivery, *, now: datetime) -> Decimal | None:
        unit = Unit.TEMPLATE if Chosen.read(str(delivery.subject)) else Unit.FREE_TEXT
        return Prices.read(timezone.localdate(now)).cost(unit, delivery.provider, str(delivery.address))

    def reply(self, key: str, address: str, text: str) -> SendResult:
        with sending.session() as send:
            return send(Outgoing(key, address, text))

    @contextmanager
    def session(self) -> Iterator[Send]:
        approved = Approved()
        with sending.session() as send:

            def send_message(message: Message) -> SendResult:
                outgoing = Outgoing(message.key, message.address, message.body, _template(message, approved))
                try:
                    return send(outgoing)
                except WhatsAppError as error:
                    if error.effect and message.user_id:
                        now = timezone.now()
                        take(
                            error.effect,
                            provider=in_use().name,
                            user_id=message.user_id,
                            number=message.address,
                            template=outgoing.template,
                            said=str(error),
                            sent_at=now,
                            now=now,
                        )
                    raise

            yield send_message


def _template(message: Message, approved: Approved) -> Template | None:
    """What carries it; None for free text. ChannelError where what was chosen for it may not be used any more."""
    for_several = approved.of_all(message.language) if message.items else None
    if for_several:
        return Template(for_several.name, for_several.language)
    chosen = Chosen.read(message.subject)
    if chosen is None:
        return None
    if chosen not in approved:
        raise ChannelError(f"The template {chosen.name} is not approved any more.", permanent=True)
    buttons = tuple(answer.token for answer in message.answers[: chosen.buttons])
    return Template(chosen.name, chosen.language, chosen.values, buttons)
