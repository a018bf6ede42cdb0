"""A template's texts as an SMS, with what it costs. A notice on the phone shows the same text."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.channels.sms.text import sms_text
from notifications.texts.previews import Preview, register
from notifications.texts.sms_parts import ShortText, measure
from notifications.types import EventType, Rendered


@dataclass(frozen=True, slots=True)
class Bubble:
    """A short text as it stands on a phone, and what it costs as SMS."""

    label: str
    text: str
    size: ShortText


def context(event_type: EventType, discreet: Rendered, detailed: Rendered, language: str) -> dict[str, Any]:
    texts = ((_("Discreet"), sms_text(discreet)), (_("Detailed"), sms_text(detailed)))
    return {"bubbles": [Bubble(label, text, measure(text)) for label, text in texts]}


register(Preview("short", gettext_lazy("Short text"), context))
