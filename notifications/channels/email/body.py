"""The two bodies of an e-mail, in the message's own language."""

from typing import Any

from css_inline import CSSInliner
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from notifications.channels.email import unsubscribe_links
from notifications.types import Message

# Nothing that shows, but as long as the piece of text that mailboxes put beside the subject: so they put this there,
# not the message, which may name a medicine.
PREHEADER_FILLER = "\u034f\u200c\u00a0" * 120

# Many mail programs know no style sheets: each rule goes into the elements that it is for. What can't, stays a rule:
# the dark colours. It takes a tenth of a millisecond a mail.
_inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def html_body(message: Message) -> str:
    """As a page of its own, with its styles in it."""
    return _inliner.inline(_render("notifications/email.html", message))


def text_body(message: Message) -> str:
    """The same, for who reads without HTML."""
    return _render("notifications/email.txt", message)


def unsubscribe_url(message: Message) -> str:
    """Where its reader turns off e-mail of its kind; empty where that can't be, since it is nobody's in particular."""
    if message.user_id is None or not message.categories:
        return ""
    with translation.override(message.language):
        return settings.BASE_URL + unsubscribe_links.path_for(message.user_id, message.categories)


def _render(template: str, message: Message) -> str:
    with translation.override(message.language):
        return render_to_string(template, _context(message))


def _context(message: Message) -> dict[str, Any]:
    return {
        "message": message,
        "answers": [
            {
                "label": each.label,
                "url": settings.BASE_URL + reverse("notifications:answer", args=[each.token]),
            }
            for each in message.answers
        ],
        "preferences_url": settings.BASE_URL + reverse("notifications:preferences"),
        "unsubscribe_url": unsubscribe_url(message),
        "preheader_filler": PREHEADER_FILLER,
    }
