"""Where the messages of all channels go, and what has come there."""

from collections.abc import Iterable
from dataclasses import dataclass

from home.models import User
from notifications.models import Delivery
from tests.faults.smtp_server import SmtpServer
from tests.faults.stack import Process, Site
from tests.notifications.channels.push.push_service import PushService
from tests.notifications.channels.sms.gateways import Provider, Server

ON_TIME = 60.0
"""Seconds, as promised. It takes two or three where nothing else runs."""


@dataclass(frozen=True)
class Providers:
    """The servers of all three channels; what is wrong with one is set there."""

    mail: SmtpServer
    sms: Server
    push: PushService

    def start(self, site: Site, *, lease: float = 5.0, timeout: float = 0.5) -> Process:
        return site.start_consumer(lease=lease, timeout=timeout, gateways=self.sms.url)

    def heal(self) -> None:
        self.mail.says = None
        self.mail.open()
        self.sms.africastalking.heal()
        self.sms.twilio.heal()
        self.push.hang.set()
        for browser in self.push.browsers.values():
            browser.status = 201
            browser.answer_headers.clear()

    def texted(self) -> list[str]:
        """The number of each SMS that a provider took."""
        return [*numbers_at(self.sms.africastalking), *numbers_at(self.sms.twilio)]


def numbers_at(provider: Provider) -> list[str]:
    return [number for number, _text in provider.sent]


def has_sent(channel: str, count: int) -> bool:
    return Delivery.objects.filter(channel=channel, state=Delivery.State.SENT).count() == count


def numbers(users: Iterable[User]) -> set[str]:
    return {str(user.phone) for user in users}
