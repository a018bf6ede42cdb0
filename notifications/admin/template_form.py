"""The form in which nurses write a message's texts."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminModelForm

from notifications import registry
from notifications.channels.sms.text import sms_text
from notifications.exceptions import TemplateTextError
from notifications.texts.samples import sample
from notifications.texts.sms_parts import measure
from notifications.texts.template_errors import TRANSLATED_FIELDS, translation_errors
from notifications.types import LANGUAGES, TEXT_FIELDS, Detail, EventType, Texts

SHORT_TEXTS = ("short_text", "short_text_discreet")


class TemplateForm(WagtailAdminModelForm):
    """The message type is chosen before and stays. What the model's `clean` refuses stands beside its field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event_type"].disabled = bool(self.instance.pk)
        for name in TRANSLATED_FIELDS:
            self.fields[name].widget.attrs["lang"] = name.rpartition("_")[2]
        if event_type := self.event_type:
            for field in SHORT_TEXTS:
                for language in LANGUAGES:
                    name = f"{field}_{language}"
                    self.fields[name].help_text = cost(event_type, self[name].value() or "", language)

    @property
    def event_type(self) -> EventType | None:
        return registry.find(self["event_type"].value() or "")

    def clean(self) -> dict[str, Any]:
        """A draft may lack texts, and one language may be ahead; what goes live may not."""
        cleaned = super().clean()
        if not self.is_deferred_validation:
            texts = {name: self.cleaned_data.get(name) or "" for name in TRANSLATED_FIELDS}
            for name, messages in translation_errors(texts).items():
                for message in messages:
                    self.add_error(name, message)
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        # The type is a hidden field, and nobody would see what stands beside it.
        if (
            isinstance(error, ValidationError)
            and hasattr(error, "error_dict")
            and "event_type" in error.error_dict
        ):
            for hidden in error.error_dict.pop("event_type"):
                super().add_error(None, hidden)
            if not error.error_dict:
                return
        super().add_error(None if field == "event_type" else field, error)


def initial_texts(event_type: EventType) -> dict[str, str]:
    """The built-in texts, as a start for one's own."""
    return {
        f"{field}_{language}": getattr(event_type.texts[language], field)
        for field in TEXT_FIELDS
        for language in LANGUAGES
    }


def cost(event_type: EventType, text: str, language: str) -> str:
    """What a short text with sample values costs as SMS, in a line of help."""
    try:
        written = Texts("", "", "", "", text, "", "")
        filled = sample(event_type, written, language, Detail.DETAILED)
    except TemplateTextError:
        return _("Fix the placeholders to see the length.")
    if not filled.short_text:
        return ""
    size = measure(sms_text(filled))
    line = _("With sample values: %(units)s characters, %(parts)s SMS (%(encoding)s).") % {
        "units": size.units,
        "parts": size.parts,
        "encoding": size.encoding,
    }
    if size.unencodable:
        line += " " + _(
            "%(characters)s: with these, each SMS part has room for 70 characters instead of 160."
        ) % {"characters": " ".join(size.unencodable)}
    return line
