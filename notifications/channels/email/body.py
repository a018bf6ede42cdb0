"""The two bodies of an e-mail, in the message's own language.

Most mails differ in a few values only. So a template is rendered once for all that have the same frame, with a mark
where each value goes, and a mail is its frame with its values. Rendering it and setting its styles for each mail takes
ten times as long.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from css_inline import CSSInliner
from django.conf import settings
from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from notifications.channels.email import unsubscribe_links
from notifications.languages.listed import of_page
from notifications.types import Item, Message

# Nothing that shows, but as long as the piece of text that mailboxes put beside the subject: so they put this there,
# not the message, which may name a medicine. In lines that a mail may have as they are.
PREHEADER_FILLER = "\n".join(["\u034f\u200c\u00a0" * 40] * 3)
_TEXT, _HTML = "notifications/email.txt", "notifications/email.html"
_MARK = re.compile(r"@@([a-z0-9_]+)@@")

# Many mail programs know no style sheets: each rule goes into the elements that it is for. What can't, stays a rule:
# the dark colours.
_inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


class Bodies(NamedTuple):
    """The same in text, for who reads without HTML, and as a page of its own with its styles in it.

    `unsubscribe_url` is where its reader turns off e-mail of its kind; empty where that can't be, since it is nobody's
    in particular.
    """

    text: str
    html: str
    unsubscribe_url: str


class _Frame(NamedTuple):
    """All of a mail that many others have too."""

    language: str
    base_url: str
    answers: tuple[str, ...]
    can_unsubscribe: bool
    items: tuple[Item, ...]


def bodies(message: Message) -> Bodies:
    """What it says, filled into its frame."""
    unsubscribe_url = _unsubscribe_url(message)
    frame = _Frame(
        language=message.language,
        base_url=settings.BASE_URL,
        answers=tuple([answer.label for answer in message.answers]),
        can_unsubscribe=bool(unsubscribe_url),
        items=message.items,
    )
    # A digest is like no other.
    parts = _parts if message.items else _kept_parts
    values = {"subject": message.subject, "url": message.url, "unsubscribe": unsubscribe_url}
    with translation.override(of_page(message.language)):
        values |= {
            f"answer_{number}": settings.BASE_URL + reverse("notifications:answer", args=[answer.token])
            for number, answer in enumerate(message.answers)
        }
    text = _filled(parts(_TEXT, frame), {**values, "body": message.body})
    escaped = {name: escape(value) for name, value in values.items()}
    html = _filled(parts(_HTML, frame), {**escaped, "body": linebreaksbr(message.body)})
    return Bodies(text, html, unsubscribe_url)


def _unsubscribe_url(message: Message) -> str:
    if message.user_id is None or not message.categories:
        return ""
    with translation.override(of_page(message.language)):
        return settings.BASE_URL + unsubscribe_links.path_for(message.user_id, message.categories)


def _parts(template: str, frame: _Frame) -> list[str]:
    """The frame's text, in turns with the names of the values between."""
    with translation.override(of_page(frame.language)):
        preferences_url = frame.base_url + reverse("notifications:preferences")
    with translation.override(frame.language):
        rendered = render_to_string(
            template,
            {
                "frame": frame,
                "answers": [
                    {"label": label, "url": f"@@answer_{number}@@"}
                    for number, label in enumerate(frame.answers)
                ],
                "preferences_url": preferences_url,
                "preheader_filler": PREHEADER_FILLER,
            },
        )
    return _MARK.split(_inliner.inline(rendered) if template == _HTML else rendered)


_kept_parts = lru_cache(maxsize=64)(_parts)


def _filled(parts: list[str], values: Mapping[str, str]) -> str:
    # What only looks like a mark is what somebody wrote.
    return "".join(
        [values.get(part, f"@@{part}@@") if number % 2 else part for number, part in enumerate(parts)]
    )
