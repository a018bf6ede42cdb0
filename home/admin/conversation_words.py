"""A conversation in words: who wrote, what was said by whom, and how an answer comes to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from home.conversations.threads import Turn, Way
from home.models import Conversation, ConversationAnswer
from home.record.message_words import Became, Said, said
from home.record.messages import Entry
from notifications.admin.reports.messages import channel_label
from notifications.admin.reports.reasons import REASONS
from notifications.models import InboundMessage, Notification
from notifications.phone_numbers import as_said
from notifications.web.moments import shown_moment

_FREE = (InboundMessage.Interpretation.UNKNOWN_WORDS, InboundMessage.Interpretation.STRANGER)


@dataclass(frozen=True, slots=True)
class TurnInWords:
    """`by_nurse` is who answered, empty for what they wrote themselves and what the site sent."""

    said: Said
    by_nurse: str = ""


def who_wrote(row: Conversation) -> str:
    """The person, or the number that is nobody's."""
    if row.user:
        return row.user.get_full_name() or str(row.user)
    return as_said(row.number) if row.number else _("somebody")


def turns_in_words(turns: Sequence[Turn], row: Conversation, *, now: datetime) -> list[TurnInWords]:
    """In the active language and time zone. `now` is aware."""
    return [_in_words(turn, row, now) for turn in turns]


def _in_words(turn: Turn, row: Conversation, now: datetime) -> TurnInWords:
    if isinstance(turn.row, ConversationAnswer):
        nurse = turn.row.by.get_full_name() if turn.row.by else ""
        shown = Said(
            at=shown_moment(turn.at, now=now),
            who=who_wrote(row),
            text=turn.row.text,
            is_from_them=False,
            became=_sent(turn.message, now).became if turn.message else [Became(_("is being sent"))],
        )
        return TurnInWords(shown, nurse or _("A nurse"))
    if isinstance(turn.row, Notification):
        return TurnInWords(_sent(turn.row, now))
    [shown] = said([Entry(turn.at, turn.row)], now=now)
    # That no program understood it is why it stands here.
    became = [] if turn.row.interpretation in _FREE else list(shown.became)
    if turn.row.reply:
        became.append(Became(_("replied at once: %(words)s") % {"words": turn.row.reply}))
    return TurnInWords(replace(shown, who=who_wrote(row), became=became))


def _sent(message: Notification, now: datetime) -> Said:
    at = message.sent_at or message.scheduled_at
    [shown] = said([Entry(at, message, list(message.deliveries.all()))], now=now)
    return shown


def channel_words(channel: str) -> str:
    return channel_label(channel)


def obstacle_words(way: Way) -> str:
    """Why an answer comes to their inbox alone."""
    values = {"channel": channel_label(way.channel), "why": REASONS[way.obstacle] if way.obstacle else ""}
    return _("%(channel)s: not sent, %(why)s") % values
