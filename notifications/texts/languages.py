"""The texts of an event type in the languages that only messages are in.

Their files have the discreet texts, and the others where somebody wrote them. What a file lacks, nobody loses: the
inbox and the mail then say the discreet text, and below it what the site's first language says.
"""

from collections.abc import Mapping

from notifications.languages.files import REPLY_HINT, file_of, speaking
from notifications.languages.listed import DEFAULT
from notifications.types import EventType, Texts


def in_all_languages(event_type: EventType, texts: Mapping[str, Texts]) -> Mapping[str, Texts]:
    """These texts, and beside them those of each language that words this type and isn't among them."""
    others = [language for language in speaking(event_type.name) if language not in texts]
    return {
        **texts,
        **{language: _texts(file_of(language).says(event_type.name), texts[DEFAULT]) for language in others},
    }


def worded_in(event_type: EventType) -> frozenset[str]:
    """The languages in which there are texts for it."""
    return frozenset((*event_type.texts, *speaking(event_type.name)))


def reply_hint(event_type: EventType, language: str) -> str:
    """How an SMS of this type is answered by SMS; empty where it takes no answer."""
    if not event_type.reply_hint:
        return ""
    return event_type.reply_hint.get(language) or file_of(language).says(event_type.name).get(REPLY_HINT, "")


def _texts(own: Mapping[str, str], full: Texts) -> Texts:
    subject, short = own["email_subject_discreet"], own["short_text_discreet"]
    return Texts(
        title=own.get("title") or subject,
        body=own.get("body") or f"{short}\n\n{full.body}",
        email_subject=own.get("email_subject") or subject,
        email_body=own.get("email_body") or own.get("body") or f"{short}\n\n{full.email_body}",
        short_text=own.get("short_text") or short,
        email_subject_discreet=subject,
        short_text_discreet=short,
    )
