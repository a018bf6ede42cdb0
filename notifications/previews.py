"""What a template's texts look like at the other end: in the inbox, in a mail, on a phone, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from notifications import email_body, sms_text
from notifications.exceptions import TemplateTextError
from notifications.rendering import render
from notifications.short_text import ShortText, measure
from notifications.types import LANGUAGES, Detail, EventType, Message, Rendered, Texts

CHANNELS = ("inbox", "email", "short")

# Nothing runs here and nothing is loaded from elsewhere. A mail brings its styles with it.
_POLICY = {
    "default-src": [NONE],
    "style-src": [SELF, UNSAFE_INLINE],
    "font-src": [SELF],
    "img-src": [SELF, "data:"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
}
_EMPTY = Texts("", "", "", "", "", "", "")


@dataclass(frozen=True, slots=True)
class Bubble:
    """A short text as it stands on a phone, and what it costs as SMS."""

    label: str
    text: str
    size: ShortText


def modes() -> list[tuple[str, str]]:
    """Every channel in every language, as Wagtail wants its preview modes."""
    labels = {"inbox": _("Inbox"), "email": _("E-mail"), "short": _("Short text")}
    names = {language: translation.get_language_info(language)["name_local"] for language in LANGUAGES}
    return [
        (f"{channel}-{language}", f"{labels[channel]} – {names[language]}")
        for channel in CHANNELS
        for language in LANGUAGES
    ]


def sample(event_type: EventType, texts: Texts, language: str, detail: Detail) -> Rendered:
    """The texts filled with the type's sample values. Raises TemplateTextError where a text can't be used."""
    values = {param.name: param.sample for param in event_type.params}
    return render(event_type, texts, values, language=language, timezone=settings.TIME_ZONE, detail=detail)


def sample_values(event_type: EventType, language: str) -> dict[str, str]:
    """What the sample of each placeholder looks like in that language."""
    return {
        param.name: sample(
            event_type, replace(_EMPTY, body=f"{{{{ {param.name} }}}}"), language, Detail.DETAILED
        ).body
        for param in event_type.params
    }


def respond(
    request: HttpRequest, event_type: EventType | None, texts: Mapping[str, Texts], mode: str
) -> HttpResponseBase:
    """The page for a preview mode, under a policy of its own; where there is nothing to show, a page that says why."""

    @csp(_POLICY)
    def page(request: HttpRequest) -> HttpResponseBase:
        return _page(request, event_type, texts, mode)

    return page(request)


def _page(
    request: HttpRequest, event_type: EventType | None, texts: Mapping[str, Texts], mode: str
) -> HttpResponse:
    if mode not in dict(modes()):
        return _impossible(request, _("There is no such preview."))
    channel, _dash, language = mode.rpartition("-")
    if event_type is None:
        return _impossible(request, _("This message type no longer exists."))
    try:
        discreet, detailed = (sample(event_type, texts[language], language, detail) for detail in Detail)
    except TemplateTextError as error:
        return _impossible(request, str(error))
    with translation.override(language):
        page = TemplateResponse(
            request,
            f"notifications/admin/preview_{channel}.html",
            {
                "kind": channel,
                "language": language,
                "event_type": event_type,
                "rendered": detailed,
                "discreet": discreet,
                **_CONTEXTS[channel](event_type, discreet, detailed, language),
            },
        )
        return page.render()


def _inbox(event_type: EventType, discreet: Rendered, detailed: Rendered, language: str) -> dict[str, Any]:
    return {"now": timezone.now()}


def _email(event_type: EventType, discreet: Rendered, detailed: Rendered, language: str) -> dict[str, Any]:
    message = Message(
        key="preview",
        address="thandi@example.org",
        subject=discreet.email_subject,
        body=detailed.email_body,
        language=language,
        url=f"{settings.BASE_URL}/{language}/inbox/",
        priority=event_type.priority,
    )
    return {"message": message, "html": email_body.html(message)}


def _short(event_type: EventType, discreet: Rendered, detailed: Rendered, language: str) -> dict[str, Any]:
    texts = ((_("Discreet"), sms_text.body(discreet)), (_("Detailed"), sms_text.body(detailed)))
    return {"bubbles": [Bubble(label, text, measure(text)) for label, text in texts]}


_CONTEXTS = {"inbox": _inbox, "email": _email, "short": _short}


def _impossible(request: HttpRequest, reason: str) -> HttpResponse:
    return TemplateResponse(
        request, "notifications/admin/preview_impossible.html", {"reason": reason}
    ).render()
