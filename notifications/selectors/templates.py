"""Reads: the texts of an event type as they are in use now, for each scope."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q

from notifications import registry
from notifications.languages.listed import PAGES, others
from notifications.models import NotificationTemplate
from notifications.texts.languages import in_all_languages
from notifications.types import TEXT_GROUPS, EventType, Texts

logger = logging.getLogger(__name__)

ByLanguage = Mapping[str, Texts]


@dataclass(frozen=True, slots=True)
class Wordings:
    """The texts of one event type: those built in, head office's, and those of the scopes that have their own."""

    built_in: ByLanguage
    shared: ByLanguage
    own: Mapping[int, ByLanguage]

    def key(self, scope_id: int | None) -> int | None:
        """The same for all scopes whose messages say the same."""
        return scope_id if scope_id in self.own else None

    def of(self, scope_id: int | None) -> ByLanguage:
        """The texts by language in which messages of this scope are written."""
        return self.shared if scope_id is None else self.own.get(scope_id, self.shared)

    def to_try(self, scope_id: int | None) -> Sequence[ByLanguage]:
        """Those texts, and what stands in for them where they can't be used, in turn."""
        own = [] if scope_id is None or scope_id not in self.own else [self.own[scope_id]]
        shared = [] if self.shared is self.built_in else [self.shared]
        return [*own, *shared, self.built_in]


def wordings_of(event_type: EventType, scope_ids: Collection[int | None]) -> Wordings:
    """The texts in use in messages of these scopes. One query, however many they are.

    A scope's own template has a group of texts (`TEXT_GROUPS`) or hasn't: then head office's group is used, and where
    that has none, the built-in one. A text that a template lacks in one language is taken from another; that,
    and a type without a template, is logged. What isn't declared, as a message in somebody's own words, has none.
    """
    built_in = in_all_languages(event_type, event_type.texts)
    if registry.find(event_type.name) is None:
        return Wordings(built_in, built_in, {})
    whose = Q(scope_id__isnull=True)
    if scopes := {scope_id for scope_id in scope_ids if scope_id is not None}:
        whose |= Q(scope_id__any_of=scopes)
    rows = NotificationTemplate.objects.filter(whose, event_type=event_type.name, live=True)
    templates = {template.scope_id: template for template in rows}
    head_office = templates.pop(None, None)
    if head_office is None:
        logger.info("%s has no live template; its built-in texts are used.", event_type.name)
    shared = in_all_languages(event_type, over(head_office, built_in)) if head_office else built_in
    own = {
        scope_id: in_all_languages(event_type, over(template, shared))
        for scope_id, template in templates.items()
        if scope_id
    }
    return Wordings(built_in, shared, own)


def texts_of(event_type: EventType, scope_id: int | None = None) -> ByLanguage:
    """The texts by language in which messages of this scope are written now; of no scope, head office's. One query."""
    return wordings_of(event_type, [scope_id]).of(scope_id)


def over(template: NotificationTemplate, below: ByLanguage) -> ByLanguage:
    """What a template says in the languages of pages, where it says nothing with the texts below it."""
    written = [field for group in TEXT_GROUPS if template.is_written(group) for field in TEXT_GROUPS[group]]
    return {
        language: replace(below[language], **{field: _text(template, field, language) for field in written})
        for language in PAGES
    }


def _text(template: NotificationTemplate, field: str, language: str) -> str:
    text: str = getattr(template, f"{field}_{language}")
    if not text:
        logger.warning("The template of %s has no %s in “%s”.", template.event_type, field, language)
        text = next(filter(None, (getattr(template, f"{field}_{other}") for other in others(language))), "")
    return text
