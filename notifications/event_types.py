"""The engine's own event type: what a clinic tells many people at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from notifications import audiences, registry
from notifications.direct_type import TEXTS
from notifications.types import IN_APP, LANGUAGES, Category, EventType, Param, Publication, Recipient

ANNOUNCEMENT = "system.announcement"

Wordings = tuple[tuple[str, str], ...]
"""A text in each language, as pairs of language and text: hashable, so that equal ones are rendered once."""


def wordings(texts: Mapping[str, str]) -> Wordings:
    return tuple((language, texts.get(language, "")) for language in LANGUAGES)


def in_language(texts: Wordings) -> str:
    """The text in the active language, else in the other one."""
    by_language = dict(texts)
    active = (translation.get_language() or "").split("-")[0]
    return by_language.get(active) or next(filter(None, by_language.values()), "")


def recipients(publications: Sequence[Publication]) -> Iterable[Recipient]:
    """Everybody in the audiences; one query for each of them."""
    for publication in publications:
        payload: Mapping[str, Any] = publication.payload
        params = {"title": wordings(payload["title"]), "message": wordings(payload["message"])}
        for user_id in sorted(audiences.user_ids(payload["audiences"], payload["within"])):
            yield Recipient(publication.id, user_id, params, dedupe_key=f"announcement:{publication.id:012d}")


_TITLE = (("en", "The clinic is closed on Friday"), ("af", "Die kliniek is Vrydag gesluit"))
_MESSAGE = (
    ("en", "We are open again on Monday at 07:30."),
    ("af", "Ons is Maandag om 07:30 weer oop."),
)

registry.register(
    EventType(
        name=ANNOUNCEMENT,
        label=_("Announcement"),
        category=Category.SYSTEM,
        payload={"title": dict, "message": dict, "audiences": list, "within": dict, "announced_by": int},
        params=(
            Param("title", _("title"), _TITLE, format=in_language),
            Param("message", _("message"), _MESSAGE, format=in_language),
        ),
        texts=TEXTS,
        recipients=recipients,
        channels={IN_APP: True, "email": True},
    )
)
