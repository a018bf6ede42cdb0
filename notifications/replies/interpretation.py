"""What an SMS that somebody sent us means, and what it does."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import override

from notifications import gate, scope
from notifications.channels.sms.numbers import owner_of
from notifications.encryption.cipher import is_unreadable
from notifications.exceptions import UnreadableError
from notifications.free_text import FreeText, hear
from notifications.models import Delivery, InboundMessage, Notification, NotificationPreferences
from notifications.phone_numbers import as_e164
from notifications.preferences.only_way import only_ways
from notifications.preferences.settings import preferences_update
from notifications.quick_replies import (
    Outcome,
    answered_within,
    quick_reply_by_keyword,
    types_answered_by,
)
from notifications.replies import texts
from notifications.replies.reply_links import answer_give
from notifications.rules.keywords import Command, command_of, keyword_of
from notifications.selectors.people import language_of
from notifications.texts.sms_parts import cheaper
from notifications.types import ABOUT_NOBODY, About, Reason
from notifications.waiting_numbers import NO, YES, waiting_numbers

Interpretation = InboundMessage.Interpretation

COURTESY = timedelta(hours=1)
"""Two computers that answer each other never end: what didn't count is answered once in so long."""
IN_REPLY = timedelta(days=3)
"""Free words are taken for a reply to what came last within so long."""
_MAY_HAVE_COME = (Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.SENDING, Delivery.State.RETRY)


@dataclass(frozen=True, slots=True)
class Reply:
    """What an SMS was taken for, and what to reply; empty for nothing. `about` is that of the message it answers."""

    interpretation: InboundMessage.Interpretation
    text: str = ""
    about: About | None = None


def carry_out(row: InboundMessage) -> None:
    """Do what this message asks for, and write down what that was with the answer to send: all of it, or nothing.

    Raises UnreadableError for one whose key is missing.
    """
    if is_unreadable(row.sender) or is_unreadable(row.text):
        raise UnreadableError(f"InboundMessage {row.pk}")
    with transaction.atomic():
        user_id = owner_of(row.sender)
        reply = _answer_of_waiting_number(row, user_id)
        if reply is not None:
            user_id = owner_of(row.sender)
        elif user_id is None:
            reply = _read_by_people(row, None) or Reply(Interpretation.STRANGER)
        else:
            reply = _interpret(row, user_id)
        row.user_id, row.interpretation, row.reply = user_id, reply.interpretation, reply.text
        about = reply.about or (scope.of_person(user_id) if user_id else ABOUT_NOBODY)
        row.scope_id, row.subject_id = about.scope_id, about.subject_id
        row.save(update_fields=["user", "interpretation", "reply", "scope_id", "subject_id"])


def _answer_of_waiting_number(row: InboundMessage, user_id: int | None) -> Reply | None:
    """A yes or no to whether this number may be used, which was asked at a desk; None for any other SMS.

    It goes before what else takes such a word: only this question asks for YES or NO, all others for numbers, and it is
    asked once. A no is carried out, and a STOP is one: whoever has an account is then answered as they would be without
    it. A yes turns SMS on as START does.
    """
    keyword, command = keyword_of(row.text), command_of(row.text)
    waiting, number = waiting_numbers(), as_e164(row.sender)
    says_no = keyword in NO or command is Command.STOP
    if waiting is None or number is None or not (says_no or keyword in YES or command is Command.START):
        return None
    if says_no:
        language = waiting.decline(number, now=row.received_at)
        if language is None or (user_id is not None and command is Command.STOP):
            return None
        # Who has an account said nothing of what they get already.
        goes_on = user_id is not None and not _stopped(user_id)
        return _to_waiting_number(
            Interpretation.ANSWER if user_id else Interpretation.STOP,
            lambda: texts.declined(others_go_on=goes_on),
            language,
        )
    confirmed_by = waiting.confirm(number, now=row.received_at)
    if confirmed_by is None:
        return None
    _switch(row, confirmed_by, on=True)
    will_remind = only_ways([confirmed_by]).get(confirmed_by) == "sms" and not _no_treatment(confirmed_by)
    return _to_waiting_number(
        Interpretation.START,
        lambda: texts.confirmed(will_remind=will_remind),
        language_of(confirmed_by),
    )


def _to_waiting_number(
    interpretation: InboundMessage.Interpretation, words: Callable[[], str], language: str
) -> Reply:
    with override(language):
        said = words()
    return Reply(interpretation, cheaper(said) if settings.SMS_REPLACE_ACCENTS else said)


def _interpret(row: InboundMessage, user_id: int) -> Reply:
    keyword, command = keyword_of(row.text), command_of(row.text)
    with override(language_of(user_id)):
        if command is Command.STOP:
            changed = _switch(row, user_id, on=False)
            return _said(row, user_id, Interpretation.STOP, texts.stopped(), counts=changed)
        if command is Command.START:
            changed = _switch(row, user_id, on=True)
            return _said(
                row,
                user_id,
                Interpretation.START,
                texts.started(without_treatment=_no_treatment(user_id)),
                counts=changed,
            )
        if command is Command.HELP:
            return _said(row, user_id, Interpretation.HELP, texts.usage())
        if asked_by := types_answered_by(keyword):
            return _answer(row, user_id, keyword, asked_by)
        unknown = Interpretation.UNKNOWN_WORDS
        return _read_by_people(row, user_id) or _said(row, user_id, unknown, texts.usage())


def _read_by_people(row: InboundMessage, user_id: int | None) -> Reply | None:
    """What is replied to words for a person to read; None where nobody reads them, or they are for a program."""
    if user_id is None and _is_for_a_program(row.text):
        return None
    heard = hear(
        FreeText(
            id=row.pk,
            channel=row.channel,
            sender=row.sender,
            text=row.text,
            at=row.received_at,
            user_id=user_id,
            about=_last_about(row, user_id) if user_id else ABOUT_NOBODY,
            stopped=user_id is not None and _stopped(user_id),
        )
    )
    if heard is None:
        return None
    said = cheaper(heard.reply) if settings.SMS_REPLACE_ACCENTS else heard.reply
    return Reply(Interpretation.UNKNOWN_WORDS if user_id else Interpretation.STRANGER, said, heard.about)


def _is_for_a_program(text: str) -> bool:
    keyword = keyword_of(text)
    return command_of(text) is not None or keyword in YES | NO or bool(types_answered_by(keyword))


def _last_about(row: InboundMessage, user_id: int) -> About:
    """What the last message that this address got was about."""
    sent = Delivery.objects.filter(
        channel=row.channel,
        state__in=_MAY_HAVE_COME,
        notification__recipient_id=user_id,
        notification__sent_at__range=(row.received_at - IN_REPLY, row.received_at),
    ).order_by(Coalesce("sent_at", "notification__sent_at").desc(), "-pk")
    columns = ("address", "notification__scope_id", "notification__subject_id")
    # An address is sealed, so it is compared here.
    found = (
        About(scope_id, subject_id)
        for address, scope_id, subject_id in sent.values_list(*columns)
        if address == row.sender
    )
    return next(found, ABOUT_NOBODY)


def _switch(row: InboundMessage, user_id: int, *, on: bool) -> bool:
    """Turn SMS on or off; whether that changed anything."""
    before = gate.not_agreed(user_id, ["sms"])
    changed = preferences_update(user_id=user_id, changes={"sms_enabled": on}, now=row.received_at, how="sms")
    return bool(changed) or gate.not_agreed(user_id, ["sms"]) != before


def _stopped(user_id: int) -> bool:
    return NotificationPreferences.objects.filter(user_id=user_id, sms_enabled=False).exists()


def _no_treatment(user_id: int) -> bool:
    return gate.barred({"sms": [user_id]}).get("sms", {}).get(user_id) is Reason.NO_CONSENT_TREATMENT


def _answer(row: InboundMessage, user_id: int, keyword: str, asked_by: list[str]) -> Reply:
    """Give the answer to the last message that this number got and that takes such an answer."""
    asked = _last_asked(row, user_id, asked_by)
    chosen = quick_reply_by_keyword(asked.event_type, keyword) if asked else None
    if asked is None or chosen is None:
        return _said(row, user_id, Interpretation.NOTHING_ASKED, texts.nothing_asked())
    given = answer_give(notification=asked, chosen=chosen, now=row.received_at)
    if given.outcome is Outcome.DONE:
        reply = _said(row, user_id, Interpretation.ANSWER, given.said, counts=True)
    else:
        reply = _said(row, user_id, Interpretation.LATE, given.said)
    return replace(reply, about=asked.about)


def _last_asked(row: InboundMessage, user_id: int, event_types: list[str]) -> Notification | None:
    within = {name: answered_within(name) for name in event_types}
    sent = Delivery.objects.filter(
        channel="sms",
        state__in=_MAY_HAVE_COME,
        notification__recipient_id=user_id,
        notification__event_type__in=event_types,
        # Nobody answers what comes afterwards, however late we deal with it.
        notification__sent_at__range=(row.received_at - max(within.values()), row.received_at),
    )
    sent = sent.filter(Q(sent_at__isnull=True) | Q(sent_at__lte=row.received_at))
    sent = sent.order_by(Coalesce("sent_at", "notification__sent_at").desc(), "-pk")
    # An address is sealed, so it is compared here.
    columns = ("pk", "address", "notification__event_type", "notification__sent_at")
    to_this_number = (
        id_
        for id_, address, name, at in sent.values_list(*columns)
        if address == row.sender and at >= row.received_at - within[name]
    )
    last = next(to_this_number, None)
    return Notification.objects.select_related("recipient").get(deliveries=last) if last else None


def _said(
    row: InboundMessage,
    user_id: int,
    interpretation: InboundMessage.Interpretation,
    answer: str,
    *,
    counts: bool = False,
) -> Reply:
    """`counts`: it did what its sender wanted. All else is answered out of courtesy, or not."""
    if not counts and not _may_be_courteous(row, user_id, interpretation):
        return Reply(interpretation)
    return Reply(interpretation, cheaper(answer) if settings.SMS_REPLACE_ACCENTS else answer)


def _may_be_courteous(
    row: InboundMessage, user_id: int, interpretation: InboundMessage.Interpretation
) -> bool:
    """Once an hour; of those who stopped SMS only to who asks for help or stops once more."""
    if interpretation not in {Interpretation.HELP, Interpretation.STOP} and _stopped(user_id):
        return False
    lately = InboundMessage.objects.filter(user_id=user_id, received_at__gt=row.received_at - COURTESY)
    if interpretation == Interpretation.STOP:
        lately = lately.filter(interpretation=interpretation)
    return not lately.exclude(reply="").exclude(interpretation=Interpretation.ANSWER).exists()
