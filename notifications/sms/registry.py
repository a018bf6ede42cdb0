"""The gateways there are, and those in use."""

from django.conf import settings

from notifications.sms.africastalking import AfricasTalkingGateway
from notifications.sms.base import Gateway
from notifications.sms.file import FileGateway
from notifications.sms.twilio import TwilioGateway

GATEWAYS: dict[str, type[Gateway]] = {
    gateway.name: gateway for gateway in (FileGateway, AfricasTalkingGateway, TwilioGateway)
}


def in_use() -> dict[str, Gateway]:
    """Those of settings.SMS_PROVIDERS, in the order in which they are tried."""
    return {name: GATEWAYS[name]() for name in settings.SMS_PROVIDERS}
