"""The engine's own event type: what a clinic tells many people at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from notifications import audiences, registry
from notifications.languages.listed import PAGES
from notifications.texts import direct
from notifications.texts.formats import Bilingual, bilingual
from notifications.types import IN_APP, Category, EventType, Param, Publication, Recipient

ANNOUNCEMENT = direct.ANNOUNCEMENT


def wordings(texts: Mapping[str, str]) -> Bilingual:
    """Texts by language, hashable, so that equal ones are rendered once."""
    return tuple(texts.get(language, "") for language in PAGES)


def recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """Everybody in the audiences; one query for each of them."""
    for publication in publications:
        payload: Mapping[str, Any] = publication.payload
        params = {"title": wordings(payload["title"]), "message": wordings(payload["message"])}
        about = audiences.about(payload["within"])
        for user_id in sorted(audiences.user_ids(payload["audiences"], payload["within"])):
            key = f"announcement:{publication.id:012d}"
            yield Recipient(publication.id, user_id, params, dedupe_key=key, about=about)


_TITLE = ("The clinic is closed on Friday", "Die kliniek is Vrydag gesluit")
_MESSAGE = ("We are open again on Monday at 07:30.", "Ons is Maandag om 07:30 weer oop.")

registry.register(
    EventType(
        name=ANNOUNCEMENT,
        label=_("Announcement"),
        category=Category.SYSTEM,
        payload={"title": dict, "message": dict, "audiences": list, "within": dict, "announced_by": int},
        params=(
            Param("title", _("title"), _TITLE, format=bilingual),
            Param("message", _("message"), _MESSAGE, format=bilingual),
        ),
        texts=direct.TEXTS,
        recipients=recipients,
        channels={IN_APP: True, "email": True, "push": True},
    )
)
