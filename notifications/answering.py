"""An answer that comes back by its token, from where the message was read; nobody need be signed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature
from django.utils.translation import gettext as _
from django.utils.translation import override

from notifications.answers import AnswerType, Outcome, answers_to, read_token
from notifications.models import Notification
from notifications.reading import message_acknowledge, message_read

LONGEST = timedelta(days=1)
"""How long a message without a `valid_until` may be answered."""


@dataclass(frozen=True, slots=True)
class Given:
    """What became of an answer: to which message, which one it was, and the words for its reader."""

    notification: Notification
    name: str
    outcome: Outcome
    said: str


def answer_given(*, token: str, now: datetime) -> Given:
    """Give the answer that this token stands for, in the name of the message's reader.

    Giving it again is harmless. It counts while the message is valid, its reader has an account in use and its type
    takes that answer. Raises BadSignature for a token that isn't ours or whose message is gone.
    """
    notification_id, name = read_token(token)
    notification = Notification.objects.select_related("recipient").filter(pk=notification_id).first()
    if notification is None:
        raise BadSignature("its message is gone")
    chosen = next((each for each in answers_to(notification.event_type) if each.name == name), None)
    outcome = Outcome.OVER
    if chosen is not None and _is_open(notification, now):
        outcome = chosen.answer(notification, notification.recipient, now)
    if outcome is Outcome.DONE:
        _note(notification)
    with override(notification.language):
        return Given(notification, name, outcome, _words(chosen, outcome))


def _is_open(notification: Notification, now: datetime) -> bool:
    until = notification.valid_until or notification.created_at + LONGEST
    sent = notification.scheduled_status == Notification.Status.SENT
    return sent and now < until and notification.recipient.is_active


def _note(notification: Notification) -> None:
    """Who answers a message has read it."""
    act = message_acknowledge if notification.require_acknowledgment else message_read
    act(message_id=notification.pk, user_id=notification.recipient_id)


def _words(chosen: AnswerType | None, outcome: Outcome) -> str:
    if chosen is not None and outcome is Outcome.DONE:
        return str(chosen.done)
    if outcome is Outcome.ALREADY:
        return _("This was answered before. Nothing was changed.")
    return _("This can no longer be answered from here. Open MedGuard to see how things are.")
