"""An answer that comes back by its token, from where the message was read; nobody need be signed in."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.core.signing import BadSignature
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from notifications import registry
from notifications.models import Notification, QuickReply
from notifications.quick_replies import Outcome, QuickReplyType, offered, quick_replies_to, read_token
from notifications.replies.reading import message_acknowledge, message_read
from notifications.types import QuickReplyOption, Reason
from notifications.work import plan

logger = logging.getLogger(__name__)

LONGEST = timedelta(days=1)
"""How long a message without a `valid_until` may be answered."""


class Link(StrEnum):
    """What is to be said of a link before it is used."""

    OPEN = "open"
    USED = "used"
    LATE = "late"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a token would answer, and whether it still may. `answer` is None where the type takes it no more."""

    notification: Notification
    answer: QuickReplyType | None
    link: Link


@dataclass(frozen=True, slots=True)
class Given:
    """What became of an answer: to which message, which one it was, and the words for its reader."""

    notification: Notification
    name: str
    outcome: Outcome
    said: str


def look(*, token: str, now: datetime) -> Asked:
    """What this token stands for; changes nothing. Raises BadSignature as `answer_given` does."""
    notification, name = _message_of(token)
    chosen = _answer_named(notification, name)
    if QuickReply.objects.filter(notification=notification, reply=name).exists():
        return Asked(notification, chosen, Link.USED)
    if now >= _end(notification):
        return Asked(notification, chosen, Link.LATE)
    if chosen is None or not _is_open(notification) or not _still_holds(notification):
        return Asked(notification, chosen, Link.OVER)
    return Asked(notification, chosen, Link.OPEN)


def open_answers(notification: Notification, *, now: datetime) -> tuple[QuickReplyOption, ...]:
    """What its reader, who is signed in, may still answer, in the message's language. No query for most types."""
    if (
        not quick_replies_to(notification.event_type)
        or now >= _end(notification)
        or not _still_holds(notification)
    ):
        return ()
    given = set(QuickReply.objects.filter(notification=notification).values_list("reply", flat=True))
    return tuple(each for each in offered(notification) if each.name not in given)


def past_answering(notifications: Sequence[Notification], *, now: datetime) -> set[int]:
    """The ids of those that asked for an answer and can't be answered any more: too late, or nothing is left to answer.

    One check for each event type that takes answers, however many messages there are. One whose data can't be read
    takes no others with it.
    """
    asked = [each for each in notifications if quick_replies_to(each.event_type)]
    over = {each.pk for each in asked if now >= _end(each)}
    waiting: dict[str, list[Notification]] = defaultdict(list)
    for each in asked:
        if each.pk not in over:
            waiting[each.event_type].append(each)
    for together in waiting.values():
        over |= {each.pk for each, holds in zip(together, _relevant(together), strict=True) if not holds}
    return over


def _relevant(messages: Sequence[Notification]) -> Sequence[bool]:
    """Whether what each of these messages of one type asks can still be answered; no for one that can't be read."""
    check = registry.get(messages[0].event_type).still_relevant
    try:
        return [
            bool(holds) and not isinstance(holds, Reason) for holds in check([each.data for each in messages])
        ]
    except Exception:
        if len(messages) == 1:
            logger.exception("The message %(id)s can't be asked about.", {"id": messages[0].pk})
            return [False]
    return [holds for each in messages for holds in _relevant([each])]


def answer_given(*, token: str, now: datetime) -> Given:
    """Give the answer that this token stands for, in the name of the message's reader.

    Once: giving it again changes nothing, whatever became of what was answered. It counts while the message is valid,
    its reader has an account in use and its type takes that answer. Raises BadSignature for a token that isn't ours or
    whose message is gone.
    """
    notification, name = _message_of(token)
    chosen = _answer_named(notification, name)
    if chosen is not None and _is_open(notification) and now < _end(notification):
        return _given(notification, chosen, _give_once(notification, chosen, now), now)
    with override(notification.language):
        return Given(notification, name, Outcome.OVER, _words(chosen, Outcome.OVER))


def answer_give(*, notification: Notification, chosen: QuickReplyType, now: datetime) -> Given:
    """Give this answer in the name of the message's reader, whose account is in use, however old the message is."""
    return _given(notification, chosen, chosen.answer(notification, notification.recipient, now), now)


def _given(notification: Notification, chosen: QuickReplyType, outcome: Outcome, now: datetime) -> Given:
    if outcome is Outcome.DONE:
        _note(notification, now)
    with override(notification.language):
        return Given(notification, chosen.name, outcome, _words(chosen, outcome))


def _message_of(token: str) -> tuple[Notification, str]:
    notification_id, name = read_token(token)
    notification = Notification.objects.select_related("recipient").filter(pk=notification_id).first()
    if notification is None:
        raise BadSignature("its message is gone")
    return notification, name


def _answer_named(notification: Notification, name: str) -> QuickReplyType | None:
    return next((each for each in quick_replies_to(notification.event_type) if each.name == name), None)


def _end(notification: Notification) -> datetime:
    return notification.valid_until or notification.created_at + LONGEST


def _is_open(notification: Notification) -> bool:
    return notification.scheduled_status == Notification.Status.SENT and notification.recipient.is_active


def _still_holds(notification: Notification) -> bool:
    return _relevant([notification])[0]


def _give_once(notification: Notification, chosen: QuickReplyType, now: datetime) -> Outcome:
    """The row that says it was used comes first: of two at once, one waits for the other and finds it there."""
    with transaction.atomic():
        _row, first = QuickReply.objects.get_or_create(
            notification=notification, reply=chosen.name, defaults={"at": now}
        )
        if not first:
            return Outcome.ALREADY
        outcome = chosen.answer(notification, notification.recipient, now)
        if outcome is Outcome.OVER:
            transaction.set_rollback(True)
    return outcome


def _note(notification: Notification, now: datetime) -> None:
    """Who answers a message has read it; one that isn't in the inbox can't be marked so, but its plan ends too."""
    act = message_acknowledge if notification.require_acknowledgment else message_read
    act(message_id=notification.pk, user_id=notification.recipient_id, now=now)
    if not notification.in_inbox:
        plan.end([notification.pk], now=now)


def _words(chosen: QuickReplyType | None, outcome: Outcome) -> str:
    if chosen is not None and outcome is Outcome.DONE:
        return str(chosen.done)
    if outcome is Outcome.ALREADY:
        return _("This has already been answered. Nothing was changed.")
    return _("This can no longer be answered from here. Open MedGuard to see how things are.")
