"""The messages of a list, with all that a template shows of them worked out before: it only writes them down.

They are dictionaries because a template looks for a key before it looks for anything else, a thousand times a page.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypedDict

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from notifications.models import Notification
from notifications.replies.reply_links import past_answering
from notifications.web.moments import said_shortly


class Act(TypedDict):
    """A button below a message. It posts to `url`, and afterwards its reader is at `next`.

    `look` is its class, as in components/button.html. With HTMX the answer takes the message's place, unless the act
    `leaves`.
    """

    label: str
    url: str
    next: str
    look: str
    leaves: bool


class Words(NamedTuple):
    """On the buttons."""

    acknowledge: str
    open: str
    restore: str
    read: str
    dismiss: str


class Item(TypedDict):
    """A message as a list shows it. `is_over`: it asked for an answer, which can't be given any more."""

    id: int
    title: str
    body: str
    language: str
    url: str
    when: str
    at: str
    is_unread: bool
    is_dismissed: bool
    is_over: bool
    acts: tuple[Act, ...]


def items(messages: Sequence[Notification], *, here: str, now: datetime) -> list[Item]:
    """These messages, in the reader's language and zone. `here`: the address of the list."""
    if not messages:
        return []
    over = past_answering(messages, now=now)
    inbox, words = reverse("notifications:inbox"), _words()
    return [_item(each, f"{inbox}{each.pk}/", here, each.pk in over, now, words) for each in messages]


def path_of(message: Notification) -> str:
    """The page that a message is about, in the language of the page that shows it."""
    return f"/{get_language()}{message.path}" if message.path.startswith("/") else ""


def _words() -> Words:
    """In the language in use, looked up once for all rows."""
    return Words(
        acknowledge=_("I have read this"),
        open=_("Open"),
        restore=_("Put back"),
        read=_("Mark as read"),
        dismiss=_("Dismiss"),
    )


def _item(message: Notification, url: str, here: str, is_over: bool, now: datetime, words: Words) -> Item:
    """`url`: its own page; below it is what can be done with it (urls.py)."""
    came_at = message.came_at
    return Item(
        id=message.pk,
        title=message.title,
        body=message.body,
        language=message.language,
        url=url,
        when=said_shortly(came_at, now=now),
        at=timezone.localtime(came_at).isoformat(),
        is_unread=message.read_at is None,
        is_dismissed=message.dismissed_at is not None,
        is_over=is_over,
        acts=tuple(_acts(message, url, here, is_over, words)),
    )


def _acts(message: Notification, url: str, here: str, is_over: bool, words: Words) -> Iterator[Act]:
    second, quiet = " button--second", " button--quiet"
    is_to_acknowledge = message.require_acknowledgment and not message.acknowledged_at
    is_read = message.read_at or message.require_acknowledgment
    if is_to_acknowledge:
        yield _act(words.acknowledge, f"{url}acknowledge/", here)
    if page := path_of(message):
        yield _act(words.open, f"{url}read/", page, second if is_read or is_over else "", leaves=True)
    if message.dismissed_at:
        yield _act(words.restore, f"{url}restore/", here, quiet)
        return
    if not is_read:
        yield _act(words.read, f"{url}read/", here, quiet)
    if not is_to_acknowledge:
        yield _act(words.dismiss, f"{url}dismiss/", here, quiet)


def _act(label: str, url: str, there: str, look: str = "", *, leaves: bool = False) -> Act:
    return Act(label=label, url=url, next=there, look=look, leaves=leaves)
