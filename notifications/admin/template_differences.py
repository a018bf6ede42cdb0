"""What differs between the wordings of one message: a place's, head office's, the standard one, and a draft."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from notifications.languages.listed import own_name
from notifications.models import NotificationTemplate
from notifications.rules.word_differences import Piece, differences
from notifications.selectors.templates import ByLanguage, Wordings, over
from notifications.types import TEXT_FIELDS


@dataclass(frozen=True, slots=True)
class Changed:
    """One text in one language that is another in the two."""

    label: str
    language: str
    language_name: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`changed` is empty where both say the same in all languages."""

    title: str
    changed: list[Changed]


def draft_of(template: NotificationTemplate | None) -> NotificationTemplate | None:
    """What was written and isn't published, as it would be; None where there is nothing of that kind."""
    if template is None or not (template.has_unpublished_changes or not template.live):
        return None
    if template.latest_revision_id is None:
        return template
    latest: NotificationTemplate = template.get_latest_revision_as_object()
    return latest


def comparisons(
    wordings: Wordings, scope_id: int | None, draft: NotificationTemplate | None
) -> list[Comparison]:
    """From the standard wording to head office's, from there to the place's own, and from what is in use to the draft:
    those of them that there are.
    """
    in_use, found = wordings.of(scope_id), []
    if wordings.shared is not wordings.built_in:
        found.append(
            Comparison(
                _("Head office’s wording, compared with the standard one"),
                list(_changed(wordings.built_in, wordings.shared)),
            )
        )
    if in_use is not wordings.shared:
        found.append(
            Comparison(
                _("Our own wording, compared with what other clinics have"),
                list(_changed(wordings.shared, in_use)),
            )
        )
    if draft is not None:
        found.append(
            Comparison(
                _("The draft, compared with what is in use"),
                list(_changed(in_use, as_published(draft, wordings, scope_id))),
            )
        )
    return found


def as_published(draft: NotificationTemplate, wordings: Wordings, scope_id: int | None) -> ByLanguage:
    """The texts that messages would have."""
    return over(draft, wordings.built_in if scope_id is None else wordings.shared)


def _changed(before: ByLanguage, after: Mapping[str, Any]) -> Iterator[Changed]:
    for field in TEXT_FIELDS:
        text: Any = NotificationTemplate._meta.get_field(field)
        label = capfirst(str(text.verbose_name))
        for language, texts in after.items():
            old = getattr(before[language], field) if language in before else ""
            new = getattr(texts, field)
            if old != new:
                yield Changed(label, language, own_name(language), differences(old, new))
