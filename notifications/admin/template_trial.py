"""Sending a message's texts to oneself, to see how they arrive. It says that it is a test, and goes to nobody else."""

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.channels import registry as channels
from notifications.exceptions import NotificationError, TemplateTextError
from notifications.languages.listed import active, label, of_messages
from notifications.selectors.people import people
from notifications.selectors.templates import ByLanguage
from notifications.services import NotificationService
from notifications.texts.formats import rand
from notifications.texts.samples import sample
from notifications.types import IN_APP, About, EventType, Rendered
from notifications.web.access import PersonalRequest

_TRIED = ("email", "sms", "push")
"""Channels that may say what they like. WhatsApp says what was approved, and a call says nothing before a key."""
_PAUSE = 20
"""Seconds after which somebody may send the next one by the same channel."""
_MARKED = ("title", "email_subject", "short_text")
IN_USE, DRAFT = "in_use", "draft"


def ways_of(user_id: int) -> list[tuple[str, str]]:
    """The inbox, and each channel by which this person can be reached now, with where. Two queries a channel."""
    found = [(IN_APP, _("Inbox"))]
    for name in _TRIED:
        channel = channels.outside().get(name)
        address = channel.addresses([user_id]).get(user_id) if channel else None
        if channel is None or address is None or user_id in channel.obstacles([user_id]):
            continue
        where = _("each device with notifications on") if name == "push" else channel.address_words(address)
        said = (
            _("%(channel)s: %(where)s, which costs money") if channel.costs else _("%(channel)s: %(where)s")
        )
        found.append((name, said % {"channel": channel.label, "where": where}))
    return found


class TrialForm(forms.Form):
    """By which way, in which language, and whether it is the draft; each offered only where there is a choice."""

    channel = forms.ChoiceField(label=gettext_lazy("By"))
    language = forms.ChoiceField(label=gettext_lazy("In"))
    which = forms.ChoiceField(
        label=gettext_lazy("Which words"),
        choices=[(IN_USE, gettext_lazy("the words in use")), (DRAFT, gettext_lazy("the draft"))],
        required=False,
    )

    def __init__(
        self, *args: Any, user_id: int, languages: list[str], has_draft: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"language": active()}
        fields: dict[str, Any] = self.fields
        fields["channel"].choices = ways_of(user_id)
        fields["language"].choices = [(each, label(each)) for each in of_messages() if each in languages]
        if not has_draft:
            del self.fields["which"]


def send_trial(
    request: PersonalRequest, event_type: EventType, texts: ByLanguage, scope_id: int | None, form: TrialForm
) -> None:
    """Send it, and tell its reader what came of it."""
    channel, language = form.cleaned_data["channel"], form.cleaned_data["language"]
    if not cache.add(f"trial:{request.user.pk}:{channel}", 1, _PAUSE):
        said = _("You have just sent one. Wait %(seconds)d seconds before the next.")
        messages.error(request, said % {"seconds": _PAUSE})
        return
    try:
        rendered = as_trial(event_type, texts, language, request.user.pk)
        NotificationService.send_rendered(
            user=request.user, rendered=rendered, channel=channel, about=About(scope_id)
        )
    except (TemplateTextError, NotificationError) as error:
        messages.error(request, _("It could not be sent: %(error)s") % {"error": error})
        return
    said = _("The test is on its way to you alone.")
    messages.success(request, f"{said} {_cost(channel, request, rendered)}".strip())


def as_trial(event_type: EventType, texts: ByLanguage, language: str, user_id: int) -> Rendered:
    """The texts with sample values, as this person wants them seen by others; each says that it is a test."""
    detail = people([user_id])[user_id].wishes.detail
    rendered = sample(event_type, texts[language], language, detail)
    with translation.override(language):
        mark = _("[TEST]")
    marked: dict[str, Any] = {name: f"{mark} {getattr(rendered, name)}" for name in _MARKED}
    return replace(rendered, **marked)


def _cost(name: str, request: PersonalRequest, rendered: Rendered) -> str:
    """What it costs at most; empty for what costs nothing."""
    channel = channels.outside().get(name)
    user_id = request.user.pk
    if channel is None or not channel.costs:
        return ""
    address = channel.addresses([user_id]).get(user_id, "")
    [most] = channel.most([(address, channel.content(rendered)[1])], now=timezone.now())
    return _("It costs at most %(cost)s.") % {"cost": rand(most)} if most else ""
