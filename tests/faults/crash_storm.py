"""An event type that kills whoever touches it, at the place that its payload names, with a listener that does too."""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from notifications import registry
from notifications.models import EventRecord
from notifications.pipeline import listeners
from notifications.types import IN_APP, Category, EventType, Publication, Recipient, Texts

NAME = "test.crash_storm"
DIED = 9
HARMLESS, FAN_OUT, LISTENER, DELIVERY = "harmless", "fan-out", "listener", "delivery"


def register() -> None:
    registry.register(CRASH_STORM)
    listeners.add(NAME, listen)


def unregister() -> None:
    listeners.remove(NAME, listen)
    registry.unregister(NAME)


def die() -> None:
    """As a worker does that runs out of memory: at once, and nothing is tidied up."""
    os._exit(DIED)


def recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    for publication in publications:
        strike(publication.payload, FAN_OUT)
        yield Recipient(
            event_record_id=publication.id,
            user_id=publication.payload["user_id"],
            params={},
            dedupe_key=f"{publication.id:09d}",
            data=publication.payload,
        )


def still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    for each in data:
        strike(each, DELIVERY)
    return [True] * len(data)


def listen(record: EventRecord) -> None:
    strike(record.payload, LISTENER)


def strike(payload: Mapping[str, Any], place: str) -> None:
    if payload["deadly_in"] == place:
        die()


_TEXTS = Texts(*["A crash storm is coming"] * 7)

CRASH_STORM = EventType(
    name=NAME,
    label="A crash storm",
    category=Category.SYSTEM,
    payload={"user_id": int, "deadly_in": str},
    params=(),
    texts={"en": _TEXTS, "af": _TEXTS},
    recipients=recipients,
    still_relevant=still_relevant,
    channels={IN_APP: True, "email": True, "push": True},
)
