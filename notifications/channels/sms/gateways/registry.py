"""The gateways there are, and those in use."""

from django.conf import settings

from notifications.channels.sms.gateway import Gateway
from notifications.channels.sms.gateways.africastalking import AfricasTalkingGateway
from notifications.channels.sms.gateways.file import FileGateway
from notifications.channels.sms.gateways.http import HttpGateway
from notifications.channels.sms.gateways.twilio import TwilioGateway

GATEWAYS: dict[str, type[Gateway]] = {
    gateway.name: gateway for gateway in (FileGateway, AfricasTalkingGateway, TwilioGateway, HttpGateway)
}


def in_use() -> dict[str, Gateway]:
    """Those of settings.SMS_PROVIDERS, in the order in which they are tried."""
    return {name: GATEWAYS[name]() for name in settings.SMS_PROVIDERS}
