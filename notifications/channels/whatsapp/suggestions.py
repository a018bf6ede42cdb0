"""Texts to submit to WhatsApp: the built-in discreet ones, of each message type that has no template yet.

What is only a draft is submitted to nobody.
"""

from collections.abc import Iterator

from django.utils.translation import override

from notifications import registry
from notifications.event_types import ANNOUNCEMENT
from notifications.languages.files import file_of
from notifications.languages.listed import PAGES, of_messages_alone
from notifications.models import WhatsAppTemplate
from notifications.models.whatsapp import MOST_BUTTONS
from notifications.quick_replies import quick_replies_to
from notifications.texts.languages import in_all_languages, worded_in
from notifications.types import Detail, EventType

PREFIX = "medguard_"


def missing() -> list[WhatsAppTemplate]:
    """One in each language for each message type that has none there, and for all others together; not saved."""
    has = set(WhatsAppTemplate.objects.values_list("event_type", "language"))
    return [each for each in _all() if (each.event_type, each.language) not in has]


def add_missing() -> int:
    """Save them as not approved yet; how many. Two who do so at once add each once."""
    return len(WhatsAppTemplate.objects.bulk_create(missing(), ignore_conflicts=True))


def _all() -> Iterator[WhatsAppTemplate]:
    announcement = registry.get(ANNOUNCEMENT)
    checked = [*PAGES, *(each for each in of_messages_alone() if not file_of(each).is_draft)]
    for language in checked:
        if language in worded_in(announcement):
            yield _suggested("", "message", announcement, language)
        for event_type in registry.event_types():
            if language in worded_in(event_type):
                yield _suggested(event_type.name, event_type.name, event_type, language)


def _suggested(name: str, called: str, event_type: EventType, language: str) -> WhatsAppTemplate:
    text = in_all_languages(event_type, event_type.texts)[language].short_text_discreet.strip()
    return WhatsAppTemplate(
        event_type=name,
        language=language,
        detail=Detail.DISCREET,
        name=PREFIX + called.replace(".", "_"),
        body=text if text.endswith((".", "!", "?")) else f"{text}.",
        buttons=min(len(quick_replies_to(name)), MOST_BUTTONS),
    )


def button_words(template: WhatsAppTemplate) -> list[str]:
    """What stands on its buttons, in its language."""
    with override(template.language):
        return [str(each.label) for each in quick_replies_to(template.event_type)[: template.buttons]]
