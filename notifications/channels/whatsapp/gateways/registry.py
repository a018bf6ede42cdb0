"""The gateways there are, and the one in use."""

from django.conf import settings

from notifications.channels.whatsapp.gateway import Gateway
from notifications.channels.whatsapp.gateways.file import FileGateway
from notifications.channels.whatsapp.gateways.meta import MetaGateway
from notifications.channels.whatsapp.gateways.twilio import TwilioGateway

GATEWAYS: dict[str, type[Gateway]] = {
    gateway.name: gateway for gateway in (FileGateway, MetaGateway, TwilioGateway)
}


def in_use() -> Gateway:
    """That of settings.WHATSAPP_PROVIDER."""
    return GATEWAYS[settings.WHATSAPP_PROVIDER]()
