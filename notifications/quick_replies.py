"""What people may answer to a message from where they read it: which answers each event type takes, and their tokens.

A domain registers its answers in a module `quick_replies`, found when the site starts. A token says which message and
which answer, signed: whoever holds it may give that answer in the name of the message's reader, for as long as the
message is valid. It goes nowhere but to that reader (their mailbox, their encrypted push message).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from django.core.signing import Signer
from django.utils.translation import override

from notifications import registry
from notifications.exceptions import EventTypeError
from notifications.languages.files import answers_to
from notifications.rules.keywords import command_of, keyword_of
from notifications.types import Detail, QuickReplyOption

if TYPE_CHECKING:
    from notifications.models import Notification

_SALT = "notifications.answers"  # as in the links of mails that are out already


class Outcome(StrEnum):
    """What became of an answer."""

    DONE = "done"
    ALREADY = "already"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before an answer counts, and the words on the button that says yes."""

    text: str
    yes: str


@dataclass(frozen=True, slots=True)
class QuickReplyType:
    """One answer to a type of message: the word on its button, and what is said when it counts.

    `asks(notification, detail)` is the question, in the reader's language and time zone, that whoever followed a link
    has to say yes to; only where the reader wants details does it name more than a lock screen may show.
    `answer(notification, user, now)` gives it in the user's name. Giving it twice must be harmless: it says ALREADY
    then, or when somebody else was first, and OVER when there is nothing left to answer or the user may not any more.
    `words` are what an SMS in answer may say for it, each a keyword (`rules.keywords`) for one of the type's answers.
    """

    name: str
    label: Any
    done: Any
    answer: Callable[[Notification, Any, datetime], Outcome]
    asks: Callable[[Notification, Detail], Question]
    words: frozenset[str] = frozenset()

    def is_meant_by(self, keyword: str, more: frozenset[str] = frozenset()) -> bool:
        """Whether an SMS that says this gives this answer: by one of its words, or by several ("1 taken").

        `more` are its words in the languages that have a file.
        """
        words = self.words | more
        return keyword in words or (bool(keyword) and set(keyword.split()) <= words)


ASKED_WITHIN = timedelta(hours=24)
"""An SMS answers the last message that asked something, not one of the day before; unless its type says otherwise."""
_types: dict[str, tuple[QuickReplyType, ...]] = {}
_within: dict[str, timedelta] = {}


def register(event_type: str, *answers: QuickReplyType, within: timedelta = ASKED_WITHIN) -> None:
    """The answers to this type, the most likely first: where there is little room, the first ones are offered.

    For so long after a message of this type an SMS may be an answer to it.

    A digit belongs to the types of one category: who is asked about two things within an hour and sends "2" must not
    cancel a visit where they meant a dose. Within a category it may stand for two things only where nobody is asked
    both by SMS, as the weekly question is asked instead of the doses'. EventTypeError for any other.
    """
    if event_type in _types:
        raise EventTypeError(f"The answers to {event_type} are declared twice.")
    words = [word for each in answers for word in each.words]
    for word in words:
        if word != keyword_of(word) or words.count(word) > 1 or command_of(word):
            raise EventTypeError(f"The word “{word}” can't stand for an answer to {event_type}.")
        for other in types_answered_by(word):
            if word.isdecimal() and registry.get(other).category != registry.get(event_type).category:
                raise EventTypeError(f"“{word}” in answer to {event_type} answers {other} already.")
    _types[event_type] = answers
    _within[event_type] = within


def unregister(event_type: str) -> None:
    """Take them out again, as tests do."""
    del _types[event_type], _within[event_type]


def quick_replies_to(event_type: str) -> tuple[QuickReplyType, ...]:
    """What may be answered to messages of this type; empty for most."""
    return _types.get(event_type, ())


def types_answered_by(keyword: str) -> list[str]:
    """The event types that an SMS which says this may answer."""
    return [name for name, each in _types.items() if any(_is_meant(answer, name, keyword) for answer in each)]


def answered_within(event_type: str) -> timedelta:
    """For how long after a message of this type an SMS may be an answer to it."""
    return _within[event_type]


def quick_reply_by_keyword(event_type: str, keyword: str) -> QuickReplyType | None:
    """What an SMS that says this means in answer to that type of message."""
    return next((each for each in quick_replies_to(event_type) if _is_meant(each, event_type, keyword)), None)


def _is_meant(answer: QuickReplyType, event_type: str, keyword: str) -> bool:
    return answer.is_meant_by(keyword, answers_to(event_type, answer.name))


class Answerable(Protocol):
    """What decides which answers a message takes: a `Notification`, or what was read of one."""

    @property
    def pk(self) -> int: ...
    @property
    def event_type(self) -> str: ...
    @property
    def language(self) -> str: ...


def offered(notification: Answerable) -> tuple[QuickReplyOption, ...]:
    """The answers that this message takes, in its language, each with its token."""
    replies = quick_replies_to(notification.event_type)
    if not replies:
        return ()
    with override(notification.language):
        return tuple(
            QuickReplyOption(each.name, str(each.label), token_for(notification.pk, each.name))
            for each in replies
        )


def token_for(notification_id: int, name: str) -> str:
    """The token that gives this answer to this message."""
    return Signer(salt=_SALT).sign(f"{notification_id}:{name}")


def read_token(token: str) -> tuple[int, str]:
    """The message's id and the answer's name; raises BadSignature for a token that we didn't give out."""
    number, _, name = Signer(salt=_SALT).unsign(token).partition(":")
    return int(number), name
