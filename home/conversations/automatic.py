"""Texts that no person wrote just now: phones and computers that answer by themselves. Pure."""

from collections.abc import Iterable

from home.conversations.phrases import says
from notifications.rules.keywords import words_of

_PHRASES = (
    "auto reply",
    "auto response",
    "autoreply",
    "automatic reply",
    "automatic response",
    "automated message",
    "automated reply",
    "automated response",
    "out of office",
    "out of the office",
    "sent automatically",
    "this number is not monitored",
    "please do not reply",
    "outomatiese antwoord",
    "outomatiese boodskap",
    "buite kantoor",
)


def is_automatic(text: str) -> bool:
    """Whether it says of itself that nobody wrote it."""
    return says(text, _PHRASES)


def is_echo(text: str, ours: Iterable[str]) -> bool:
    """Whether one of our own sentences comes back in it, as from a computer that quotes what it answers."""
    words = " ".join(words_of(text))
    return any(" ".join(words_of(sentence)) in words for sentence in ours)
