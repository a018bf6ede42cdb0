"""What is said in a call: recordings where there are any, else the provider's own speech.

Each text has a name, under which it is recorded. Those of the call itself are here; each event type has one for its
message, named like the type, and one more for its answers where it has any. A recording says what a discreet message
says, and no more: it is the same for everybody.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from notifications import registry
from notifications.channels.voice.gateway import Line, Recording, Speech
from notifications.models import VoiceClip
from notifications.quick_replies import QuickReplyType, quick_replies_to
from notifications.types import Detail

GREETING, KEYS, NOT_UNDERSTOOD = "greeting", "keys", "not_understood"
THANKS, TOO_LATE, STOPPED, GOODBYE = "thanks", "too_late", "stopped", "goodbye"
TEXTS: Mapping[str, Any] = {
    GREETING: gettext_lazy(
        "Hello. This is a message from your clinic. To hear it, press 1. To get no more calls, press 0."
    ),
    KEYS: gettext_lazy("To hear this again, press 9. To get no more calls, press 0."),
    NOT_UNDERSTOOD: gettext_lazy("That key means nothing here."),
    THANKS: gettext_lazy("Thank you. We have noted your answer."),
    TOO_LATE: gettext_lazy("This can no longer be answered by phone. Please ask your clinic."),
    STOPPED: gettext_lazy("You will get no more calls. You can turn them on again at your clinic."),
    GOODBYE: gettext_lazy("Goodbye."),
}
"""Those of the call itself."""
ANSWER_KEYS = "12345678"
"""The keys that answer a message. 9 repeats it and 0 ends all calls."""

Clips = Mapping[tuple[str, str], UUID]
"""The keys of the recordings, by text and language."""


def clips() -> Clips:
    """All recordings that there are: a few for each language. One query."""
    return {
        (text, language): key
        for text, language, key in VoiceClip.objects.values_list("text", "language", "key")
    }


def answers_text(event_type: str) -> str:
    """The name of the text that says which keys answer a message of this type."""
    return f"{event_type} answers"


def choices() -> Iterator[tuple[str, str]]:
    """Each text that can be recorded, by its name, with what it says or what it is for, in the active language."""
    for name, words in TEXTS.items():
        yield name, str(words)
    for each in sorted(registry.event_types(), key=lambda each: str(each.label)):
        yield each.name, _("Message: %(type)s") % {"type": each.label}
        if replies := replies_by_key(each.name):
            words = answer_words(replies)
            yield answers_text(each.name), _("Its answers: %(words)s") % {"words": words}


def replies_by_key(event_type: str) -> dict[str, QuickReplyType]:
    """The answers that a message of this type takes, by the key that gives each."""
    replies = quick_replies_to(event_type)
    return {key: each for key in ANSWER_KEYS for each in replies if key in each.words}


def answer_words(replies: Mapping[str, QuickReplyType]) -> str:
    """Which key gives which answer, in the active language."""
    return " ".join(
        _("For “%(answer)s”, press %(key)s.") % {"answer": each.label, "key": key}
        for key, each in replies.items()
    )


def missing(
    event_types: Iterable[str],
    language: str,
    *,
    recorded: Collection[tuple[str, str]],
    voices: Collection[str],
) -> list[str]:
    """The texts without which such a call makes no sense, and which can be neither played nor said."""
    if language in voices:
        return []
    return [name for name in (GREETING, *event_types) if (name, language) not in recorded]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Makes the lines of a call in one language, by what is `recorded` and what the provider has a voice for."""

    language: str
    recorded: Clips
    voices: Collection[str]

    def fixed(self, *names: str) -> Iterator[Line]:
        """Texts of the call itself; one that can be neither played nor said is left out."""
        for name in names:
            with override(self.language):
                yield from self._line(name, str(TEXTS[name]))

    def message(self, event_type: str, body: str, detail: Detail) -> Iterator[Line]:
        """A message, and which keys answer it. Only where its reader wants details is it said as it was written."""
        if detail is Detail.DETAILED and self.language in self.voices and body:
            yield Speech(body, self.language)
        else:
            yield from self._line(event_type, body)
        if replies := replies_by_key(event_type):
            with override(self.language):
                yield from self._line(answers_text(event_type), answer_words(replies))

    def outcome(self, name: str, words: str) -> Iterator[Line]:
        """What is said of an answer: the recording of that name, or else these words."""
        return self._line(name, words)

    def _line(self, name: str, words: str) -> Iterator[Line]:
        if key := self.recorded.get((name, self.language)):
            yield Recording(f"{settings.BASE_URL}{reverse('voice:clip', args=[key])}")
        elif self.language in self.voices and words:
            yield Speech(words, self.language)
