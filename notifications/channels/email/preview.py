"""A template's texts as a mail."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from notifications.channels.email.body import bodies
from notifications.texts.previews import Preview, register
from notifications.types import EventType, Message, Rendered


def context(event_type: EventType, discreet: Rendered, detailed: Rendered, language: str) -> dict[str, Any]:
    """The subject is the discreet one, since that is what most people get; the body is the same for all."""
    message = Message(
        key="preview",
        address="thandi@example.org",
        subject=discreet.email_subject,
        body=detailed.email_body,
        language=language,
        url=f"{settings.BASE_URL}/{language}/inbox/",
        priority=event_type.priority,
    )
    return {"message": message, "html": bodies(message).html}


register(Preview("email", _("E-mail"), context))
