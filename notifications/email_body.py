"""The two bodies of an e-mail, in the message's own language."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from notifications.types import Message

# Nothing that shows, but as long as the piece of text that mailboxes put beside the subject: so they put this there,
# not the message, which may name a medicine.
PREHEADER_FILLER = "\u034f\u200c\u00a0" * 120


def html(message: Message) -> str:
    """As a page of its own, with its styles in it."""
    return _render("notifications/email.html", message)


def text(message: Message) -> str:
    """The same, for who reads without HTML."""
    return _render("notifications/email.txt", message)


def _render(template: str, message: Message) -> str:
    context = {
        "message": message,
        "preferences_url": f"{settings.BASE_URL}/{message.language}/preferences/",
        "preheader_filler": PREHEADER_FILLER,
    }
    with translation.override(message.language):
        return render_to_string(template, context)
