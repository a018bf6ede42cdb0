"""What whoever picks up a shared phone hears: by default no medicine, dose, condition or name, of any type."""

import pytest
from django.utils import translation

from notifications.channels.voice.channel import VoiceChannel
from notifications.channels.voice.gateway import Recording, Speech
from notifications.channels.voice.script import TEXTS, Speaker
from notifications.languages.listed import PAGES, of_messages
from notifications.texts.languages import in_all_languages
from notifications.texts.rendering import render
from notifications.types import Detail, EventType
from tests.notifications.channels.push.test_discreet import TELLTALE, TYPES, ZONE


def heard(event_type: EventType, language: str, detail: Detail) -> str:
    """All that a provider says in a call about such a message, which has a voice for the language."""
    values = {param.name: param.sample for param in event_type.params}
    texts = in_all_languages(event_type, event_type.texts)[language]
    rendered = render(event_type, texts, values, language=language, timezone=ZONE, detail=detail)
    _subject, body = VoiceChannel().content(rendered)
    speaker = Speaker(language, {}, of_messages())
    lines = [*speaker.fixed(*TEXTS), *speaker.message(event_type.name, body, detail)]
    assert not [line for line in lines if isinstance(line, Recording)]
    return " ".join(line.text for line in lines if isinstance(line, Speech))


@pytest.mark.parametrize("language", of_messages())
@pytest.mark.parametrize("event_type", TYPES)
def test_by_default_nothing_is_given_away(event_type: EventType, language: str) -> None:
    said = heard(event_type, language, Detail.DISCREET)
    assert not [word for word in TELLTALE if word in said.lower()]
    with translation.override(language):
        values = {param.format(param.sample) for param in event_type.params if not param.discreet}
    assert not [value for value in values if len(value) > 4 and value in said]


@pytest.mark.parametrize("language", PAGES)
@pytest.mark.parametrize(
    "event_type", [each for each in TYPES if each.id in ("medication.dose_due", "vaccination.due")]
)
def test_who_wants_detail_is_told(event_type: EventType, language: str) -> None:
    names = {"en": ("Metformin", "Measles"), "af": ("Metformien", "Masels")}[language]
    assert any(name in heard(event_type, language, Detail.DETAILED) for name in names)
    assert not any(name in heard(event_type, language, Detail.DISCREET) for name in names)
