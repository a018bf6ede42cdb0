"""The text of a message as SMS."""

from django.conf import settings

from notifications.texts.sms_parts import cheaper
from notifications.types import Rendered


def sms_text(rendered: Rendered) -> str:
    """The short text and, where people can answer, how to; without what makes it dear if the site wants it so."""
    text = rendered.short_text
    if settings.SMS_REPLIES and rendered.reply_hint:
        text = (
            f"{text.rstrip()}{'' if text.rstrip().endswith(('.', '!', '?')) else '.'} {rendered.reply_hint}"
        )
    return cheaper(text) if settings.SMS_REPLACE_ACCENTS else text
