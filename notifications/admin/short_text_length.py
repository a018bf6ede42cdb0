"""What a short text costs as SMS, in a line below its field: as it is saved, and anew while it is typed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views import View

from notifications import registry
from notifications.channels.sms.text import sms_text
from notifications.event_types import ANNOUNCEMENT
from notifications.exceptions import TemplateTextError
from notifications.languages.listed import PAGES
from notifications.texts.samples import sample
from notifications.texts.sms_parts import measure
from notifications.types import Detail, EventType, Rendered, Texts

AS_TYPED = {"data-controller": "as-typed", "data-action": "input->as-typed#ask"}
"""What the element around such a field says, for static/js/as-typed.js."""
LONGEST = 5_000
"""Characters that are measured: a longer text fits into no SMS."""


def as_typed(field: str, said: str) -> SafeString:
    """The help of a field, which is asked for anew while somebody types into it."""
    return format_html(
        '<span data-as-typed-target="answer" data-url="{}" data-also="field={}" data-failed="">{}</span>',
        reverse("short_text_length"),
        field,
        said,
    )


def cost(event_type: EventType, text: str, language: str) -> str:
    """What a short text with sample values costs as SMS."""
    try:
        written = Texts("", "", "", "", text, "", "")
        filled = sample(event_type, written, language, Detail.DETAILED)
    except TemplateTextError:
        return _("Fix the placeholders to see the length.")
    if not filled.short_text:
        return ""
    return _("With sample values: %(length)s") % {"length": _length(sms_text(filled))}


def cost_of_title(title: str) -> str:
    """What an announcement costs as SMS, which is its title, for who wants details on the phone."""
    return (
        _("As SMS: %(length)s") % {"length": _length(sms_text(Rendered("", "", "", "", title)))}
        if title
        else ""
    )


def _length(text: str) -> str:
    size = measure(text)
    line = _("%(units)s characters, %(parts)s SMS (%(encoding)s).") % {
        "units": size.units,
        "parts": size.parts,
        "encoding": size.encoding,
    }
    if size.unencodable:
        line += " " + _(
            "%(characters)s: with these, each SMS part has room for 70 characters instead of 160."
        ) % {"characters": " ".join(size.unencodable)}
    return line


class ShortTextLengthView(View):
    """The line for one field of a form that is being filled in; empty for what is no field of ours."""

    def post(self, request: HttpRequest) -> HttpResponse:
        form: Any = request.POST
        field = form.get("field", "")
        name, _separator, language = field.rpartition("_")
        event_type = registry.find(form.get("event_type", ANNOUNCEMENT))
        text = form.get(field, "").strip()[:LONGEST]
        if language not in PAGES or event_type is None:
            return HttpResponse()
        said = cost_of_title(text) if name == "title" else cost(event_type, text, language)
        return HttpResponse(format_html("{}", said))
