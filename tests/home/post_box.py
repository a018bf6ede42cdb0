"""A channel that writes down what it is given, in place of SMS; and letters of the queue that arrive at once."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from home import tasks
from notifications.channels import registry as channels
from notifications.channels.base import Channel, Send
from notifications.types import Message, Rendered, SendResult


class Phones(Channel):
    """Every number's phone, on which a test reads what came."""

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
def postman(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The consumer, as far as letters go; gives what stood in the queue."""
    queued: list[str] = []

    def deliver(sealed: str) -> None:
        queued.append(sealed)
        real.call_local(sealed)

    real = tasks.send_letter
    monkeypatch.setattr(tasks, "send_letter", deliver)
    return queued
