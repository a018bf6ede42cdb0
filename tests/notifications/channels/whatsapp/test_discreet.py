"""What WhatsApp shows on a shared phone, and hands to its company: by default no medicine, dose, condition or name."""

import pytest
from django.utils import translation

from notifications.channels.whatsapp.suggestions import add_missing, button_words
from notifications.channels.whatsapp.templates import Approved, Chosen, TemplateWording
from notifications.languages.listed import PAGES
from notifications.models import WhatsAppTemplate
from notifications.texts.rendering import RenderRequest, render_many
from notifications.types import Detail, EventType
from tests.notifications.channels.push.test_discreet import TELLTALE, TYPES, ZONE

pytestmark = pytest.mark.django_db


@pytest.fixture
def approved() -> Approved:
    """The suggested texts, as if WhatsApp had approved them all."""
    add_missing()
    WhatsAppTemplate.objects.update(state=WhatsAppTemplate.State.APPROVED)
    return Approved()


@pytest.mark.parametrize("language", PAGES)
@pytest.mark.parametrize("event_type", TYPES)
def test_by_default_nothing_is_given_away(approved: Approved, event_type: EventType, language: str) -> None:
    row = approved.of_type(event_type, language, Detail.DISCREET)
    assert row is not None and row.event_type == event_type.name
    values = {param.name: param.sample for param in event_type.params}
    secrets = {param.name for param in event_type.params if not param.discreet}
    with translation.override(language):
        shown = {param.format(param.sample) for param in event_type.params if param.name in secrets}
    assert not secrets.intersection(row.parameters)
    # By a template; and without one in free text, to who wrote lately.
    for wording in (TemplateWording(event_type, approved, ()), TemplateWording(event_type, _none(), ())):
        request = RenderRequest(values, language, ZONE, Detail.DISCREET)
        [rendered] = render_many(event_type, event_type.texts, [request], also=wording.placeholders)
        subject, body = wording.content(rendered, language=language, detail=Detail.DISCREET)
        chosen = Chosen.read(subject)
        said = " ".join([body, *(chosen.values if chosen else ()), *button_words(row)])
        assert [word for word in TELLTALE if word in said.lower()] == []
        assert [value for value in shown if len(value) > 4 and value in said] == []


def _none() -> Approved:
    WhatsAppTemplate.objects.update(state=WhatsAppTemplate.State.PAUSED)
    return Approved()
