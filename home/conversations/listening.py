"""What becomes of words that somebody has to read, at the moment they come in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import override

from home.conversations import texts
from home.conversations.automatic import is_automatic, is_echo
from home.conversations.danger_words import danger_words, language_of_danger
from home.conversations.whose import meant
from home.models import Conversation
from notifications import bus
from notifications.free_text import FreeText, Heard
from notifications.languages.listed import of_messages, of_page
from notifications.models import InboundMessage
from notifications.phone_numbers import as_e164
from notifications.selectors.languages import language_to_answer_in
from notifications.types import About

State = Conversation.State
URGENT = "conversation.urgent"
MOST_REPLIES, WITHIN = 3, timedelta(hours=1)
"""So often somebody is told what to do in an emergency: two computers that answer each other come to an end."""


def heard(text: FreeText) -> Heard:
    """Bring what somebody wrote to the nurses who read it, and say what is replied at once.

    Danger is said to be an emergency whatever was replied before. Otherwise a person is told once a conversation that
    a nurse reads it; a number that is nobody's is told nothing, and what is no phone number is nobody at all.
    """
    danger = language_of_danger(text.text, danger_words())
    if is_echo(text.text, _own_sentences()) or (danger is None and is_automatic(text.text)):
        return Heard()
    if text.user_id is None and as_e164(text.sender) is None:
        return Heard()
    opened = [wrote(text, about, is_urgent=danger is not None) for about in meant(text)]
    reply = _reply(text, danger, is_first=any(each.is_first for each in opened))
    return Heard(reply, opened[0].about if len(opened) == 1 else None)


@dataclass(frozen=True, slots=True)
class Wrote:
    """The conversation that words went into: what it is about, and whether it opened with them."""

    about: About
    is_first: bool


def wrote(text: FreeText, about: About, *, is_urgent: bool) -> Wrote:
    """Put it into the conversation that it belongs to. Nurses are told of danger, once for as long as nobody answers.

    What a number that is nobody's writes is about whomever staff said that it is of.
    """
    fresh = {
        "clinic_id": about.scope_id,
        "channel": text.channel,
        "is_urgent": is_urgent,
        "opened_at": text.at,
        "last_at": text.at,
        "last_text_id": text.id,
    }
    if text.user_id is None:
        row, is_new = Conversation.objects.get_or_create(user=None, number=text.sender, defaults=fresh)
    else:
        row, is_new = Conversation.objects.get_or_create(
            user_id=text.user_id, **_about(about), defaults=fresh
        )
    opens = is_new or row.state == State.CLOSED
    if not is_new:
        _goes_on(row, text, is_urgent=is_urgent, opens=opens)
    if is_urgent and (opens or not row.is_urgent):
        bus.publish(URGENT, {"conversation_id": row.pk}, dedupe_key=f"{row.pk}:{text.id}", now=text.at)
    return Wrote(About(row.clinic_id, row.patient_id), opens)


def _about(about: About) -> dict[str, int | None]:
    """As a conversation has it: a patient's is found by the patient, wherever they are treated now."""
    if about.subject_id is not None:
        return {"patient_id": about.subject_id}
    return {"patient_id": None, "clinic_id": about.scope_id}


def _goes_on(row: Conversation, text: FreeText, *, is_urgent: bool, opens: bool) -> None:
    changes = {
        "channel": text.channel,
        "last_at": text.at,
        "last_text_id": text.id,
        "is_waiting": True,
        "version": F("version") + 1,
    }
    if is_urgent or opens:
        changes["is_urgent"] = is_urgent
    if opens:
        changes |= {
            "state": State.OPEN,
            "opened_at": text.at,
            "closed_at": None,
            "read_at": None,
            "assigned_to": None,
        }
    Conversation.objects.filter(pk=row.pk).update(**changes)


def _reply(text: FreeText, danger: str | None, *, is_first: bool) -> str:
    if danger is not None:
        if _replied_lately(text.sender, text.at) >= MOST_REPLIES:
            return ""
        # To a stranger: in words that are checked.
        with override(language_to_answer_in(text.user_id) if text.user_id else of_page(danger)):
            return texts.emergency()
    if text.user_id is None or text.stopped or not is_first:
        return ""
    with override(language_to_answer_in(text.user_id)):
        return texts.received()


def _replied_lately(sender: str, at: datetime) -> int:
    lately = InboundMessage.objects.filter(sender=sender, received_at__gt=at - WITHIN, received_at__lte=at)
    return lately.exclude(reply="").count()


def _own_sentences() -> list[str]:
    sentences = []
    for language in of_messages():
        with override(language):
            sentences += [texts.received(), texts.emergency()]
    return sentences
