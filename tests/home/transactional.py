"""An SMS channel that keeps what it is given, and a queue that sends transactional messages at once."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from home.transactional import queue
from notifications.channels import registry as channels
from notifications.channels.base import Channel, Send
from notifications.types import Message, Rendered, SendResult


class Phones(Channel):
    """The SMS channel; `sent` is what every phone has received."""

    name: ClassVar[str] = "sms"
    label: ClassVar = "SMS"
    sent: ClassVar[list[Message]] = []
    on_send: ClassVar[Callable[[Message], None] | None] = None

    def addresses(self, user_ids: Collection[int]) -> dict[int, str]:
        return {}

    def content(self, rendered: Rendered) -> tuple[str, str]:
        return "", rendered.short_text

    @contextmanager
    def session(self) -> Iterator[Send]:
        yield self._send

    def _send(self, message: Message) -> SendResult:
        if Phones.on_send:
            Phones.on_send(message)
        Phones.sent.append(message)
        return SendResult("test", message.key)


@pytest.fixture
def phones(settings: Any) -> Iterator[type[Phones]]:
    settings.NOTIFICATION_CHANNELS = [
        "notifications.channels.email.channel.EmailChannel",
        f"{__name__}.Phones",
    ]
    Phones.sent, Phones.on_send = [], None
    yield Phones
    channels.outside.cache_clear()


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sends each transactional message at once, as the consumer would; gives what was put into the queue."""
    encrypted_messages: list[str] = []

    def send(encrypted: str) -> None:
        encrypted_messages.append(encrypted)
        real.call_local(encrypted)

    real = queue.send_transactional
    monkeypatch.setattr(queue, "send_transactional", send)
    return encrypted_messages
