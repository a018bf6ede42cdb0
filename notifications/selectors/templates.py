"""Reads: the texts of an event type as they are in use now."""

import logging
from collections.abc import Mapping

from notifications import registry
from notifications.models import NotificationTemplate
from notifications.types import LANGUAGES, TEXT_FIELDS, EventType, Texts

logger = logging.getLogger(__name__)


def texts_of(event_type: EventType) -> Mapping[str, Texts]:
    """The live template's texts by language, or the built-in ones when there is none.

    A text that a template lacks in one language is taken from its other one; both misses are logged. What isn't
    declared, as a message in somebody's own words, has no template.
    """
    if registry.find(event_type.name) is None:
        return event_type.texts
    template = NotificationTemplate.objects.filter(event_type=event_type.name, live=True).first()
    if template is None:
        logger.info("%s has no live template; its built-in texts are used.", event_type.name)
        return event_type.texts
    return {language: _template_texts(template, language) for language in LANGUAGES}


def _template_texts(template: NotificationTemplate, language: str) -> Texts:
    other = next(code for code in LANGUAGES if code != language)
    texts = {}
    for field in TEXT_FIELDS:
        text = getattr(template, f"{field}_{language}")
        if not text:
            logger.warning("The template of %s has no %s in “%s”.", template.event_type, field, language)
            text = getattr(template, f"{field}_{other}")
        texts[field] = text or ""
    return Texts(**texts)
