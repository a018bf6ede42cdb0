"""A message about a patient in words: what it said, and what became of it in each channel and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from home.record.messages import Entry
from notifications.admin.reports.messages import channel_label
from notifications.admin.reports.reasons import REASONS, reason_words
from notifications.channels.receipts import is_unconfirmed
from notifications.models import Delivery, InboundMessage, Notification
from notifications.types import IN_APP, Reason
from notifications.web.moments import shown_moment

Status = Notification.Status
_SPOKEN_OF = ("sms", "whatsapp", "push", "voice", "email")
"""Whose text is shown, where several were sent: the shortest first."""
_ONLY_HOW_IT_IS = {Reason.OFF_BY_DEFAULT, Reason.NOT_REQUESTED}
"""Reasons that say nothing about the person."""
_NOT_NEEDED = {Reason.REACHED, Reason.OVERTAKEN}
"""Why a step of a plan wasn't sent that would have been one too many."""
_USUAL = {("push", Reason.NO_ADDRESS)}
"""Most people never turned notifications on."""
_COUNTED = {InboundMessage.Interpretation.ANSWER}


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a message in one channel; `good` where it arrived, `bad` where it didn't leave."""

    words: str
    good: bool = False
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the section: what was written, by whom or to whom, and what became of it."""

    at: str
    who: str
    text: str
    is_from_them: bool
    became: Sequence[Became]
    url: str = ""


def said(entries: Sequence[Entry], *, now: datetime) -> list[Said]:
    """In the active language and time zone. `now` is aware."""
    return [
        _sms(each.row, now) if isinstance(each.row, InboundMessage) else _message(each, each.row, now)
        for each in entries
    ]


def _message(entry: Entry, message: Notification, now: datetime) -> Said:
    return Said(
        at=shown_moment(entry.at, now=now),
        who=str(message.recipient),
        text=_text(message, entry.deliveries),
        is_from_them=False,
        became=_became(message, entry.deliveries, now),
        url=reverse("notification_messages:detail", args=[message.pk]),
    )


def _sms(sms: InboundMessage, now: datetime) -> Said:
    understood = str(sms.get_interpretation_display() or sms.get_state_display())
    words = _("read as: %(what)s") % {"what": understood}
    return Said(
        at=shown_moment(sms.received_at, now=now),
        who=str(sms.user) if sms.user else "",
        text=sms.text or _("(the words are kept for a month only)"),
        is_from_them=True,
        became=[Became(words, good=sms.interpretation in _COUNTED)],
    )


def _text(message: Notification, deliveries: Sequence[Delivery]) -> str:
    """What left the house, as long as it is kept; then what stands in the inbox."""
    by_channel: dict[str, str] = {each.channel: each.body for each in deliveries if each.body}
    for channel in _SPOKEN_OF:
        if channel in by_channel and channel != "email":
            return by_channel[channel]
    lines = [line for line in (message.title, *message.body.splitlines()) if line.strip()]
    return " ".join(line if line.endswith((".", "?", "!", ":")) else f"{line}." for line in lines)


def _became(message: Notification, deliveries: Sequence[Delivery], now: datetime) -> list[Became]:
    if message.scheduled_status != Status.SENT:
        return [_unsent(message, now)]
    found = [_of_channel(each, now) for each in deliveries]
    if message.in_inbox:
        found.append(_in_inbox(message, now))
    if not deliveries:
        found += _withheld(message.routing)
    return found


def _unsent(message: Notification, now: datetime) -> Became:
    if message.scheduled_status == Status.PENDING:
        return Became(_("waits for %(time)s") % {"time": shown_moment(message.scheduled_at, now=now)})
    return Became(str(message.get_scheduled_status_display()), bad=True)


def _in_inbox(message: Notification, now: datetime) -> Became:
    if message.acknowledged_at:
        answered = shown_moment(message.acknowledged_at, now=now)
        return Became(_("answered %(time)s") % {"time": answered}, good=True)
    if message.read_at:
        return Became(
            _("read in the inbox %(time)s") % {"time": shown_moment(message.read_at, now=now)}, good=True
        )
    return Became(_("not read in the inbox yet"))


def _of_channel(delivery: Delivery, now: datetime) -> Became:
    values: dict[str, Any] = {"channel": channel_label(delivery.channel)}
    if delivery.read_at:
        values["time"] = date_format(timezone.localtime(delivery.read_at), "H:i:s")
        return Became(_("%(channel)s: read at %(time)s") % values, good=True)
    if delivery.delivered_at:
        values["time"] = date_format(timezone.localtime(delivery.delivered_at), "H:i:s")
        return Became(_("%(channel)s: delivered at %(time)s") % values, good=True)
    if is_unconfirmed(delivery, now=now):
        values["time"] = shown_moment(delivery.sent_at, now=now)
        return Became(_("%(channel)s: sent %(time)s, not confirmed since") % values)
    if delivery.sent_at:
        values["time"] = date_format(timezone.localtime(delivery.sent_at), "H:i:s")
        return Became(_("%(channel)s: sent at %(time)s") % values, good=True)
    if delivery.finished_at is None:
        values["time"] = shown_moment(delivery.due_at, now=now)
        return Became(_("%(channel)s: waits until %(time)s") % values)
    values["why"] = reason_words(delivery) or delivery.get_state_display()
    return Became(_("%(channel)s: not sent, %(why)s") % values, bad=delivery.reason not in _NOT_NEEDED)


def _withheld(routing: Sequence[Any]) -> list[Became]:
    """Why it left the house by no channel at all."""
    found = []
    for decision in routing:
        reason = Reason(decision["reason"])
        says_nothing = reason in _ONLY_HOW_IT_IS or (decision["channel"], reason) in _USUAL
        if decision["channel"] != IN_APP and not decision["send"] and not says_nothing:
            values = {"channel": channel_label(decision["channel"]), "why": REASONS[reason]}
            found.append(Became(_("%(channel)s: not sent, %(why)s") % values, bad=True))
    return found
