"""What an SMS shows on a shared phone: by default no medicine, dose or name, of any type in either language."""

import pytest
from django.utils import translation
from pytest_django import Settings

from notifications import registry
from notifications.channels.sms.text import sms_text
from notifications.texts.rendering import render
from notifications.texts.sms_parts import measure
from notifications.types import Detail, EventType
from tests.notifications.channels.push.test_discreet import TELLTALE, TYPES, ZONE


@pytest.fixture(autouse=True)
def _people_may_answer(settings: Settings) -> None:
    settings.SMS_REPLIES = True


def sent(event_type: EventType, language: str, detail: Detail) -> str:
    values = {param.name: param.sample for param in event_type.params}
    texts = event_type.texts[language]
    return sms_text(render(event_type, texts, values, language=language, timezone=ZONE, detail=detail))


@pytest.mark.parametrize("language", ["en", "af"])
@pytest.mark.parametrize("event_type", TYPES)
def test_by_default_nothing_is_given_away_and_it_costs_one_part(event_type: EventType, language: str) -> None:
    text = sent(event_type, language, Detail.DISCREET)
    assert not [word for word in TELLTALE if word in text.lower()]
    with translation.override(language):
        values = {param.format(param.sample) for param in event_type.params if not param.discreet}
    assert not [value for value in values if len(value) > 4 and value in text]
    size = measure(text)
    assert (size.encoding, size.parts) == ("GSM-7", 1)


@pytest.mark.parametrize("language", ["en", "af"])
@pytest.mark.parametrize("name", ["medication.dose_due", "medication.low_stock", "vaccination.due"])
def test_who_wants_detail_is_told(name: str, language: str) -> None:
    detailed = sent(registry.get(name), language, Detail.DETAILED)
    assert detailed != sent(registry.get(name), language, Detail.DISCREET)
    names = {"en": ("Metformin", "Measles"), "af": ("Metformien", "Masels")}[language]
    assert any(medicine in detailed for medicine in names)
