"""The engine's own cast: a type that only the tests know, and a channel that writes down what it is given."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.contrib.auth import get_user_model

from notifications import registry
from notifications.channels import registry as channels
from notifications.channels.base import Channel, Send
from notifications.pipeline import batch, digests
from notifications.types import (
    IN_APP,
    Category,
    EventType,
    Message,
    Param,
    Publication,
    Recipient,
    Rendered,
    SendResult,
    Texts,
)
from notifications.work import leases
from notifications.work.one_at_a_time import OneAtATime

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nobody_is_suspect(monkeypatch: pytest.MonkeyPatch) -> None:
    suspects = OneAtATime()
    for module in (leases, digests):
        monkeypatch.setattr(module, "suspects", suspects)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is: a batch is sent before it is time to look at anything again, or to give it back."""
    for name in ("FRESH", "TURN"):
        monkeypatch.setattr(batch, name, 600.0)


class Pigeons(Channel):
    """An outside channel whose letters can be read, and which fails when it is told to."""

    name: ClassVar[str] = "pigeons"
    label: ClassVar = "Pigeons"
    batch_size: ClassVar[int] = 10
    sent: ClassVar[list[Message]] = []
    on_send: ClassVar[Callable[[Message], None] | None] = None
    on_open: ClassVar[Callable[[], None] | None] = None

    def addresses(self, user_ids: Collection[int]) -> dict[int, str]:
        people = get_user_model().objects.filter(id__in=user_ids)
        return {user.pk: f"loft {user.pk}" for user in people}

    def content(self, rendered: Rendered) -> tuple[str, str]:
        return "", rendered.short_text

    @contextmanager
    def session(self) -> Iterator[Send]:
        if Pigeons.on_open:
            Pigeons.on_open()
        yield self._send

    def _send(self, message: Message) -> SendResult:
        if Pigeons.on_send:
            Pigeons.on_send(message)
        Pigeons.sent.append(message)
        return SendResult("pigeons", f"wing {message.key}")


@pytest.fixture
def pigeons(settings: Any) -> Iterator[type[Pigeons]]:
    settings.NOTIFICATION_CHANNELS = [f"{__name__}.Pigeons"]
    Pigeons.sent = []
    Pigeons.on_send = Pigeons.on_open = None
    yield Pigeons
    channels.outside.cache_clear()


def texts(language: str) -> Texts:
    hello = {"en": "Hello", "af": "Hallo"}[language]
    return Texts(
        title=f"{hello} {{{{ name }}}}",
        body=f"{hello} {{{{ name }}}}, {{{{ what }}}}.",
        email_subject=f"{hello} {{{{ name }}}}",
        email_body=f"{hello} {{{{ name }}}}, {{{{ what }}}}.",
        short_text=f"{hello} {{{{ name }}}}: {{{{ what }}}}",
        email_subject_discreet=f"{hello}",
        short_text_discreet=f"{hello}, a message",
    )


class Ground:
    """What the type of the tests answers when it is asked."""

    irrelevant: ClassVar[set[int]] = set()
    valid_until: ClassVar[datetime | None] = None
    broken: ClassVar[set[int]] = set()
    speechless: ClassVar[set[int]] = set()
    """People whose message lacks a value."""

    @classmethod
    def recipients(cls, publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
        for publication in publications:
            for user_id in publication.payload["user_ids"]:
                if user_id in cls.broken:
                    raise RuntimeError(f"no such {user_id}")
                yield Recipient(
                    event_record_id=publication.id,
                    user_id=user_id,
                    params={"name": "Thandi"}
                    if user_id in cls.speechless
                    else {"name": "Thandi", "what": "it <b>rains</b>"},
                    dedupe_key=f"{publication.id:09d}",
                    path="/today/",
                    data={"user_id": user_id},
                    valid_until=cls.valid_until,
                )

    @classmethod
    def still_relevant(cls, data: Sequence[dict[str, Any]]) -> Sequence[bool]:
        return [each["user_id"] not in cls.irrelevant for each in data]


RAIN = EventType(
    name="weather.rain",
    label="Rain",
    category=Category.SYSTEM,
    payload={"user_ids": list},
    params=(Param("name", "Name", "Anna"), Param("what", "What", "it rains")),
    texts={language: texts(language) for language in ("en", "af")},
    recipients=Ground.recipients,
    still_relevant=Ground.still_relevant,
    channels={IN_APP: True, "pigeons": True},
    retention=timedelta(days=30),
)


@pytest.fixture
def rain() -> Iterator[type[Ground]]:
    # Types of one category agree on their channels, and no other knows of pigeons.
    others = [each for each in registry.event_types() if each.category == RAIN.category]
    for each in others:
        registry.unregister(each.name)
    registry.register(RAIN)
    Ground.irrelevant, Ground.broken, Ground.valid_until = set(), set(), None
    Ground.speechless = set()
    yield Ground
    registry.unregister(RAIN.name)
    for each in others:
        registry.register(each)
