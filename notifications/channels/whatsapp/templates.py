"""Which approved template carries a message, and what may be said without one.

WhatsApp takes free text only within a day after its reader wrote to us; all else goes by a template.
"""

import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from notifications.channels.base import Wording
from notifications.exceptions import TemplateTextError
from notifications.models import InboundMessage, WhatsAppTemplate
from notifications.texts.languages import worded_in
from notifications.types import Detail, EventType, Reason, Rendered

logger = logging.getLogger(__name__)

WINDOW = timedelta(hours=24)
State = WhatsAppTemplate.State


@dataclass(frozen=True, slots=True)
class Chosen:
    """A template with what fills it, as it stands in a delivery's subject until it is sent."""

    name: str
    language: str
    values: tuple[str, ...] = ()
    buttons: int = 0

    def __str__(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, subject: str) -> "Chosen | None":
        """What a subject names; None for a message that is free text."""
        if not subject:
            return None
        found = json.loads(subject)
        return cls(found["name"], found["language"], tuple(found["values"]), found["buttons"])


class Approved:
    """The templates that may be used now, read once. Of several for the same the newest."""

    def __init__(self) -> None:
        rows = WhatsAppTemplate.objects.filter(state=State.APPROVED).order_by("pk")
        self._found = {(row.event_type, row.language, row.detail): row for row in rows}
        self._names = {(row.name, row.language) for row in rows}

    def __contains__(self, chosen: Chosen) -> bool:
        return (chosen.name, chosen.language) in self._names

    def of_type(self, event_type: EventType, language: str, detail: Detail) -> WhatsAppTemplate | None:
        """Its own, as detailed as the person wants it if there is such a one, else the one for all messages."""
        details = [detail, Detail.DISCREET] if detail is Detail.DETAILED else [Detail.DISCREET]
        for each in details:
            row = self._found.get((event_type.name, language, each.value)) if event_type.name else None
            if row and _fits(row, event_type):
                return row
        return self.of_all(language)

    def of_all(self, language: str) -> WhatsAppTemplate | None:
        """The one for messages without one of their own, and for several at once."""
        return self._found.get(("", language, Detail.DISCREET.value))


def _fits(row: WhatsAppTemplate, event_type: EventType) -> bool:
    """Whether it has words and placeholders that can be used. One that was spoilt is passed over."""
    field = "short_text" if row.detail == Detail.DETAILED else "short_text_discreet"
    try:
        row.filled(dict.fromkeys(event_type.permitted(field), ""))
    except (TemplateTextError, KeyError):
        logger.exception("The WhatsApp template %(id)s can't be used.", {"id": row.pk})
        return False
    return True


class TemplateWording(Wording):
    """The messages of one type, by the templates for it. Whoever has none is told in free text while they may be."""

    def __init__(self, event_type: EventType, approved: Approved, may_be_told: Collection[int]) -> None:
        self._event_type = event_type
        self._approved = approved
        self._may_be_told = may_be_told
        self._chosen: dict[tuple[str, Detail], WhatsAppTemplate | None] = {}
        declared = {param.name for param in event_type.params}
        self.placeholders = frozenset(
            name
            for detail in Detail
            for language in worded_in(event_type)
            if (row := self._of(language, detail))
            for name in row.parameters
            if name in declared
        )

    def obstacle(self, user_id: int, language: str, detail: Detail) -> Reason | None:
        if self._of(language, detail) or user_id in self._may_be_told:
            return None
        return Reason.NO_TEMPLATE

    def content(self, rendered: Rendered, *, language: str, detail: Detail) -> tuple[str, str]:
        row = self._of(language, detail)
        if row is None:
            return "", free_text(rendered)
        values = {name: _sendable(value) for name, value in rendered.values}
        chosen = Chosen(row.name, row.language, tuple(values[name] for name in row.parameters), row.buttons)
        return str(chosen), row.filled(values)

    def _of(self, language: str, detail: Detail) -> WhatsAppTemplate | None:
        key = language, detail
        if key not in self._chosen:
            self._chosen[key] = self._approved.of_type(self._event_type, language, detail)
        return self._chosen[key]


def free_text(rendered: Rendered) -> str:
    """The short text and, where people can answer, how to."""
    return f"{rendered.short_text}\n\n{rendered.reply_hint}" if rendered.reply_hint else rendered.short_text


def wrote_lately(user_ids: Collection[int], *, now: datetime) -> frozenset[int]:
    """Those of these people who wrote to us within a day, and so may be told in free text. One query."""
    rows = InboundMessage.objects.filter(
        channel="whatsapp", user_id__any_of=user_ids, received_at__gt=now - WINDOW
    )
    return frozenset(rows.order_by().values_list("user_id", flat=True))


def mark(
    name: str, language: str, *, state: str, problem: str, only: Mapping[str, str] | None = None
) -> bool:
    """Write down what WhatsApp thinks of a template; whether that is news."""
    rows = WhatsAppTemplate.objects.filter(name=name, language=language, **(only or {})).exclude(state=state)
    changed = bool(rows.update(state=state, problem=problem[:300]))
    if changed and state != State.APPROVED:
        logger.error(
            "The WhatsApp template %(name)s (%(language)s) is %(state)s: %(problem)s",
            {"name": name, "language": language, "state": state, "problem": problem},
        )
    return changed


def _sendable(value: str) -> str:
    """As WhatsApp takes it: on one line, without runs of spaces, and not empty."""
    return " ".join(value.split()) or "-"
