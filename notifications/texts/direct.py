"""The event type of messages in words that somebody brings, instead of a template's."""

from django.utils.translation import gettext_noop

from notifications import registry
from notifications.languages.files import file_of, speaking
from notifications.languages.listed import of_messages
from notifications.types import IN_APP, TEXT_FIELDS, Category, EventType, Param, Priority, Texts


def _texts(discreet: str) -> Texts:
    return Texts(
        title="{{ title }}",
        body="{{ message }}",
        email_subject="{{ title }}",
        email_body="{{ message }}",
        short_text="{{ title }}",
        email_subject_discreet=discreet,
        short_text_discreet=discreet,
    )


TEXTS = {
    "en": _texts("You have a message from your clinic"),
    "af": _texts("U het 'n boodskap van u kliniek"),
}
ANNOUNCEMENT = "system.announcement"
"""The type whose words in other languages stand for all messages in words that somebody brings."""


def _texts_in_all_languages() -> dict[str, Texts]:
    return TEXTS | {
        language: _texts(file_of(language).says(ANNOUNCEMENT)["short_text_discreet"])
        for language in speaking(ANNOUNCEMENT)
    }


_AS_RENDERED = ("title", "body", "email_subject", "email_body", "short_text")


def rendered_type() -> EventType:
    """A type whose texts are all its params, as they are: of a message that somebody tries out on themselves."""
    texts = Texts(
        **{field: f"{{{{ {field.removesuffix('_discreet')} }}}}" for field in TEXT_FIELDS},
    )
    return EventType(
        name=Category.SYSTEM,
        label=gettext_noop("Message"),
        category=Category.SYSTEM,
        payload={},
        params=tuple(Param(field, "", "", discreet=True) for field in _AS_RENDERED),
        texts=dict.fromkeys(of_messages(), texts),
        recipients=lambda publications, now: (),
        priority=Priority.URGENT,
        time_critical=True,
    )


def direct_type(name: str, priority: Priority, *, require_acknowledgment: bool = False) -> EventType:
    """A type whose texts are its two params, `title` and `message`.

    `name` is a category or an event type; any other name is of the category system. What people choose for the
    category holds for it too, and so do the category's defaults.
    """
    known = registry.find(name)
    category = known.category if known else Category(name) if name in set(Category) else Category.SYSTEM
    kin = registry.of_category(category)
    return EventType(
        name=name,
        label=gettext_noop("Message"),
        category=category,
        payload={},
        params=(Param("title", "", ""), Param("message", "", "")),
        texts=_texts_in_all_languages(),
        recipients=lambda publications, now: (),
        channels=kin.channels if kin else {IN_APP: True},
        priority=priority,
        clinical=kin is not None and kin.clinical,
        require_acknowledgment=require_acknowledgment,
    )
