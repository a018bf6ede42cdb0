"""What a lock screen shows: by default no medicine, dose, condition or name, of any type in either language."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from notifications import registry
from notifications.channels.push.channel import PushChannel
from notifications.channels.push.payload import payload
from notifications.quick_replies import quick_replies_to
from notifications.texts.rendering import render
from notifications.types import Detail, EventType, Message, QuickReplyOption

TYPES = [pytest.param(each, id=each.name) for each in registry.event_types()]
ZONE = "Africa/Johannesburg"
TELLTALE = (
    "metformi",
    "simvastati",
    "mg",
    "tablet",
    "masels",
    "measles",
    "entstof",
    "vaccin",
    "inent",
    "thandi",
    "dosis",
    "dose",
)
BUTTONS = {
    "medication.dose_due": {"en": ["Taken", "Later"], "af": ["Geneem", "Later"]},
    "medication.weekly_check": {"en": ["All is well", "Call me"], "af": ["Alles gaan goed", "Bel my"]},
    "visit.reminder": {"en": ["I’ll come", "I can’t come"], "af": ["Ek kom", "Ek kan nie kom nie"]},
}


def sent(event_type: EventType, language: str, detail: Detail) -> tuple[str, dict[str, object]]:
    """The payload as text, and as the worker reads it."""
    values = {param.name: param.sample for param in event_type.params}
    rendered = render(
        event_type, event_type.texts[language], values, language=language, timezone=ZONE, detail=detail
    )
    subject, body = PushChannel().content(rendered)
    with translation.override(language):
        answers = tuple(
            QuickReplyOption(each.name, str(each.label), "token")
            for each in quick_replies_to(event_type.name)
        )
    message = Message(
        key="medguard-1",
        address="1",
        subject=subject,
        body=body,
        language=language,
        url=f"https://clinic.example/{language}/today/",
        priority=event_type.priority,
        valid_until=timezone.now() + timedelta(hours=1),
        answers=answers,
    )
    text = payload(message).decode()
    return text, json.loads(text)


@pytest.mark.parametrize("language", ["en", "af"])
@pytest.mark.parametrize("event_type", TYPES)
def test_by_default_nothing_is_given_away(event_type: EventType, language: str) -> None:
    text, read = sent(event_type, language, Detail.DISCREET)
    assert not [word for word in TELLTALE if word in text.lower()]
    with translation.override(language):
        values = {param.format(param.sample) for param in event_type.params if not param.discreet}
    assert not [value for value in values if len(value) > 4 and value in str(read["body"])]
    expected = BUTTONS.get(event_type.name, {}).get(language, [])
    assert [action["title"] for action in read["actions"]] == expected


@pytest.mark.parametrize("language", ["en", "af"])
@pytest.mark.parametrize("name", ["medication.dose_due", "medication.low_stock", "vaccination.due"])
def test_who_wants_detail_is_told(name: str, language: str) -> None:
    _text, discreet = sent(registry.get(name), language, Detail.DISCREET)
    _text, detailed = sent(registry.get(name), language, Detail.DETAILED)
    assert detailed["body"] != discreet["body"]
    names = {"en": ("Metformin", "Measles"), "af": ("Metformien", "Masels")}[language]
    assert any(medicine in str(detailed["body"]) for medicine in names)
