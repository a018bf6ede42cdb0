"""What a message that somebody sent us means, and what it does."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import override

from notifications import gate, scope
from notifications.channels import registry as channels
from notifications.channels.sms.numbers import owner_of
from notifications.encryption.cipher import is_unreadable
from notifications.exceptions import UnreadableError
from notifications.free_text import FreeText, hear
from notifications.models import Delivery, InboundMessage, Notification, NotificationPreferences
from notifications.phone_numbers import as_e164
from notifications.preferences.only_way import only_ways
from notifications.preferences.opt_outs import opt_out
from notifications.preferences.settings import preferences_update
from notifications.quick_replies import (
    Outcome,
    answered_within,
    quick_reply_by_keyword,
    token_for,
    types_answered_by,
)
from notifications.replies import texts
from notifications.replies.reply_links import Given, answer_give, answer_given, look
from notifications.rules.keywords import Command, asks_to_be_called, command_of, keyword_of, number_to_call
from notifications.selectors.languages import language_to_answer_in
from notifications.selectors.people import SWITCHES
from notifications.texts.sms_parts import cheaper
from notifications.types import ABOUT_NOBODY, About, Reason
from notifications.waiting_numbers import says_no, says_yes, waiting_numbers

Interpretation = InboundMessage.Interpretation

COURTESY = timedelta(hours=1)
"""Two computers that answer each other never end: what didn't count is answered once in so long."""
IN_REPLY = timedelta(days=3)
"""Free words are taken for a reply to what came last within so long."""
_NO_TEXT = re.compile(r"\[[a-z_]+\]")
_MAY_HAVE_COME = (Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.SENDING, Delivery.State.RETRY)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a message was taken for, and what to reply; empty for nothing. `about` is that of the message it answers."""

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
            # A network sends such a text for somebody, perhaps from a number of its own: nobody is there to answer to.
            user_id = owner_of(number_to_call(row.text))
            if user_id:
                reply = Reply(Interpretation.PLEASE_CALL)
            else:
                reply = _read_by_people(row, None) or Reply(Interpretation.STRANGER)
        else:
            reply = _interpret(row, user_id)
        row.user_id, row.interpretation, row.reply = user_id, reply.interpretation, reply.text
        about = reply.about or (scope.of_person(user_id) if user_id else ABOUT_NOBODY)
        row.scope_id, row.subject_id = about.scope_id, about.subject_id
        row.save(update_fields=["user", "interpretation", "reply", "scope_id", "subject_id"])


def _answer_of_waiting_number(row: InboundMessage, user_id: int | None) -> Reply | None:
    """A yes or no to whether this number may be used, which was asked at a desk and by SMS; None for all else.

    It goes before what else takes such a word: only this question asks for YES or NO, all others for numbers, and it is
    asked once. A no is carried out, and a STOP is one: whoever has an account is then answered as they would be without
    it. A yes turns SMS on as START does.
    """
    if row.channel != "sms":
        return None
    keyword, command = keyword_of(row.text), _command(row)
    waiting, number = waiting_numbers(), as_e164(row.sender)
    no = says_no(keyword) or command is Command.STOP
    if waiting is None or number is None or not (no or says_yes(keyword) or command is Command.START):
        return None
    if no:
        language = waiting.decline(number, now=row.received_at)
        if language is None or (user_id is not None and command is Command.STOP):
            return None
        # Who has an account said nothing of what they get already.
        goes_on = user_id is not None and not _stopped(user_id, row.channel)
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
        language_to_answer_in(confirmed_by),
    )


def _to_waiting_number(
    interpretation: InboundMessage.Interpretation, words: Callable[[], str], language: str
) -> Reply:
    with override(language):
        said = words()
    return Reply(interpretation, cheaper(said) if settings.SMS_REPLACE_ACCENTS else said)


def _interpret(row: InboundMessage, user_id: int) -> Reply:
    keyword, command = keyword_of(row.text), _command(row)
    with override(language_to_answer_in(user_id)):
        if row.command == Command.STOP:
            # The provider has answered it, and lets nothing of ours through any more.
            at = row.received_at
            opt_out(user_id=user_id, channel=row.channel, provider=row.provider, sent_at=at, now=at)
            return Reply(Interpretation.STOP)
        if row.button and (reply := _tapped(row, user_id)):
            return reply
        if _NO_TEXT.fullmatch(row.text):
            return _said(row, user_id, Interpretation.NOT_TEXT, texts.not_text())
        if command is Command.STOP:
            changed = _switch(row, user_id, on=False)
            said = texts.stopped(row.channel, sms_goes_on=_gets_sms_too(row, user_id))
            return _said(row, user_id, Interpretation.STOP, said, counts=changed)
        if command is Command.START:
            changed = _switch(row, user_id, on=True)
            return _said(
                row,
                user_id,
                Interpretation.START,
                texts.started(row.channel, without_treatment=_no_treatment(user_id)),
                counts=changed,
            )
        if command is Command.HELP:
            return _said(row, user_id, Interpretation.HELP, texts.usage(row.channel))
        if asked_by := types_answered_by(keyword):
            return _answer(row, user_id, keyword, asked_by)
        if asks_to_be_called(row.text):
            return _said(row, user_id, Interpretation.PLEASE_CALL, texts.will_be_called())
        unknown = Interpretation.UNKNOWN_WORDS
        return _read_by_people(row, user_id) or _said(row, user_id, unknown, texts.usage(row.channel))


def _command(row: InboundMessage) -> Command | None:
    """What it asks for; where the provider has done that already, whatever its words are."""
    return Command(row.command) if row.command else command_of(row.text)


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
            stopped=user_id is not None and _stopped(user_id, row.channel),
        )
    )
    if heard is None:
        return None
    said = cheaper(heard.reply) if settings.SMS_REPLACE_ACCENTS else heard.reply
    return Reply(Interpretation.UNKNOWN_WORDS if user_id else Interpretation.STRANGER, said, heard.about)


def _is_for_a_program(text: str) -> bool:
    keyword = keyword_of(text)
    return (
        command_of(text) is not None
        or says_yes(keyword)
        or says_no(keyword)
        or bool(types_answered_by(keyword))
    )


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
    """Turn the channel on or off by which it came; whether that changed anything."""
    channel = row.channel
    before = gate.not_agreed(user_id, [channel])
    changes = {SWITCHES[channel]: on}
    changed = preferences_update(user_id=user_id, changes=changes, now=row.received_at, how=channel)
    return bool(changed) or gate.not_agreed(user_id, [channel]) != before


def _stopped(user_id: int, channel: str) -> bool:
    return NotificationPreferences.objects.filter(user_id=user_id, **{SWITCHES[channel]: False}).exists()


def _gets_sms_too(row: InboundMessage, user_id: int) -> bool:
    """Whether somebody who stopped another channel is still written to by SMS."""
    if row.channel == "sms" or "sms" not in channels.outside():
        return False
    return not _stopped(user_id, "sms") and not gate.not_agreed(user_id, ["sms"])


def _no_treatment(user_id: int) -> bool:
    return gate.barred({"sms": [user_id]}).get("sms", {}).get(user_id) is Reason.NO_CONSENT_TREATMENT


def _answer(row: InboundMessage, user_id: int, keyword: str, asked_by: list[str]) -> Reply:
    """Give the answer to the last message that this number got and that takes such an answer."""
    asked = _last_asked(row, user_id, asked_by)
    chosen = quick_reply_by_keyword(asked.event_type, keyword) if asked else None
    if (asked is None or chosen is None) and asks_to_be_called(row.text):
        return _said(row, user_id, Interpretation.PLEASE_CALL, texts.will_be_called())
    if asked is None or chosen is None:
        return _said(row, user_id, Interpretation.NOTHING_ASKED, texts.nothing_asked())
    given = answer_give(notification=asked, chosen=chosen, now=row.received_at)
    return _given(row, user_id, given)


def _given(row: InboundMessage, user_id: int, given: Given) -> Reply:
    if given.outcome is Outcome.DONE:
        reply = _said(row, user_id, Interpretation.ANSWER, given.said, counts=True)
    else:
        reply = _said(row, user_id, Interpretation.LATE, given.said)
    return replace(reply, about=given.notification.about)


def _tapped(row: InboundMessage, user_id: int) -> Reply | None:
    """Give the answer of a button that was tapped; None where it is none of ours."""
    token = row.button
    if asked := _replied_to(row, user_id):
        # What a button carries is the token, or where that is fixed beforehand, the answer's name.
        token = token if ":" in token else token_for(asked.pk, token)
    try:
        notification = look(token=token, now=row.received_at).notification
    except BadSignature:
        return None
    if notification.recipient_id != user_id:
        return _said(row, user_id, Interpretation.NOTHING_ASKED, texts.nothing_asked())
    return _given(row, user_id, answer_given(token=token, now=row.received_at))


def _replied_to(row: InboundMessage, user_id: int) -> Notification | None:
    """The message of theirs to which it is the reply, where its provider says that."""
    if not row.in_reply_to:
        return None
    sent = Delivery.objects.filter(
        channel=row.channel,
        provider=row.provider,
        provider_id=row.in_reply_to,
        notification__recipient_id=user_id,
    )
    found = sent.select_related("notification__recipient").first()
    return found.notification if found else None


def _last_asked(row: InboundMessage, user_id: int, event_types: list[str]) -> Notification | None:
    within = {name: answered_within(name) for name in event_types}
    sent = Delivery.objects.filter(
        channel=row.channel,
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
    in_sms = row.channel == "sms" and settings.SMS_REPLACE_ACCENTS
    return Reply(interpretation, cheaper(answer) if in_sms else answer)


def _may_be_courteous(
    row: InboundMessage, user_id: int, interpretation: InboundMessage.Interpretation
) -> bool:
    """Once an hour; of those who stopped the channel only to who asks for something or stops once more."""
    asks = {Interpretation.STOP, Interpretation.PLEASE_CALL}
    stopped = _stopped(user_id, row.channel)
    if interpretation not in {Interpretation.HELP, *asks} and stopped:
        return False
    lately = InboundMessage.objects.filter(user_id=user_id, received_at__gt=row.received_at - COURTESY)
    if interpretation in asks:
        lately = lately.filter(interpretation=interpretation)
    return not lately.exclude(reply="").exclude(interpretation=Interpretation.ANSWER).exists()
