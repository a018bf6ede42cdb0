"""The gateways of calls that there are, and those in use."""

from django.conf import settings

from notifications.channels.voice.gateway import VoiceGateway
from notifications.channels.voice.gateways.africastalking import AfricasTalkingGateway
from notifications.channels.voice.gateways.file import FileGateway
from notifications.channels.voice.gateways.twilio import TwilioGateway

GATEWAYS: dict[str, type[VoiceGateway]] = {
    gateway.name: gateway for gateway in (FileGateway, AfricasTalkingGateway, TwilioGateway)
}


def in_use() -> dict[str, VoiceGateway]:
    """Those of settings.VOICE_PROVIDERS, in the order in which they are tried."""
    return {name: GATEWAYS[name]() for name in settings.VOICE_PROVIDERS}
