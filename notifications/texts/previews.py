"""What a template's texts look like at the other end: in the inbox, in a mail, on a phone, in each language.

The inbox is here; each channel registers what is its own, in its folder.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.exceptions import TemplateTextError
from notifications.languages.listed import PAGES, own_name
from notifications.texts.samples import sample
from notifications.types import TEXT_GROUPS, Detail, EventType, Rendered, Texts

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


@dataclass(frozen=True, slots=True)
class Preview:
    """One way to look at a message, shown by the template `notifications/admin/preview_<name>.html`.

    `context(event_type, discreet, detailed, language)` gives what that template needs beside the two rendered messages.
    It is called with the language active.
    """

    name: str
    label: Any
    context: Callable[[EventType, Rendered, Rendered, str], dict[str, Any]]


_previews: dict[str, Preview] = {}


def register(preview: Preview) -> None:
    """Offer one more way to look at a message, after those that are there."""
    _previews[preview.name] = preview


register(Preview("inbox", gettext_lazy("Inbox"), lambda *_message: {}))


def labels() -> dict[str, str]:
    """What people call each way to look at a message, by its name."""
    return {name: str(each.label) for name, each in _previews.items()}


def modes() -> list[tuple[str, str]]:
    """Every preview in every language, as Wagtail wants its preview modes."""
    names = {language: own_name(language) for language in PAGES}
    return [
        (f"{each.name}-{language}", f"{each.label} – {names[language]}")
        for each in _previews.values()
        for language in PAGES
    ]


def respond(
    request: HttpRequest,
    event_type: EventType | None,
    texts: Mapping[str, Texts],
    mode: str,
    *,
    now: datetime,
) -> HttpResponseBase:
    """The page for a preview mode, under a policy of its own; where there is nothing to show, a page that says why."""

    @csp(_POLICY)
    def page(request: HttpRequest) -> HttpResponseBase:
        return _page(request, event_type, texts, mode, now)

    return page(request)


def _page(
    request: HttpRequest, event_type: EventType | None, texts: Mapping[str, Texts], mode: str, now: datetime
) -> HttpResponse:
    if mode not in dict(modes()):
        return _impossible(request, _("There is no such preview."))
    name, _dash, language = mode.rpartition("-")
    if event_type is None:
        return _impossible(request, _("This message type no longer exists."))
    fields = TEXT_GROUPS.get(name, ())
    if fields and not any(getattr(texts[code], field) for field in fields for code in PAGES):
        return _notice(
            request,
            _("Nothing is written here."),
            _("Such messages have head office’s words, or else the standard ones."),
        )
    try:
        discreet, detailed = (sample(event_type, texts[language], language, detail) for detail in Detail)
    except TemplateTextError as error:
        return _impossible(request, str(error))
    with translation.override(language):
        context = {
            "kind": name,
            "language": language,
            "event_type": event_type,
            "rendered": detailed,
            "discreet": discreet,
            "now": now,
            **_previews[name].context(event_type, discreet, detailed, language),
        }
        return TemplateResponse(request, f"notifications/admin/preview_{name}.html", context).render()


def _impossible(request: HttpRequest, reason: str) -> HttpResponse:
    return _notice(request, _("This can't be shown as a message."), reason)


def _notice(request: HttpRequest, heading: str, reason: str) -> HttpResponse:
    context = {"heading": heading, "reason": reason}
    return TemplateResponse(request, "notifications/admin/preview_impossible.html", context).render()
