"""An event type with nothing special about it, for tests to vary."""

from dataclasses import replace
from typing import Any

from notifications.types import Category, EventType, Param, Texts

TEXTS = Texts(
    title="{{ medicine }} is low",
    body="Dear {{ name }},\n{{ medicine }} lasts until {{ until }}.",
    email_subject="{{ medicine }} is low",
    email_body="{{ medicine }} lasts until {{ until }}.",
    short_text="{{ medicine }} is low.",
    email_subject_discreet="You have a reminder",
    short_text_discreet="You have a reminder from your clinic.",
)


def event_type(**changes: Any) -> EventType:
    plain = EventType(
        name="stock.low",
        label="Low stock",
        category=Category.STOCK,
        payload={},
        params=(
            Param("name", "Name", "Thandi"),
            Param("medicine", "Medicine", "Metformin"),
            Param("until", "", ""),
        ),
        texts={"en": TEXTS, "af": TEXTS},
        recipients=lambda publications, now: [],
        channels={"in_app": True, "email": True, "sms": False, "push": True},
    )
    return replace(plain, **changes)
