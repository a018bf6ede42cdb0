"""The form in which head office and managers write a message's texts."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminModelForm

from notifications import registry
from notifications.admin.short_text_length import as_typed, cost
from notifications.languages.listed import PAGES
from notifications.places import Place, places_of, written_by
from notifications.texts.template_errors import TRANSLATED_FIELDS, missing_errors, translation_errors
from notifications.types import TEXT_FIELDS, EventType, Texts
from notifications.web.visible import validate_visible

CHOSEN = ("event_type", "scope_id")
"""Which message it is and for whom; chosen before, in hidden fields."""
SHORT_TEXTS = ("short_text", "short_text_discreet")


class TemplateForm(WagtailAdminModelForm):
    """The message type is chosen before and stays. What the model's `clean` refuses stands beside its field."""

    class Media:
        js = ["js/as-typed.js"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for chosen in CHOSEN:
            self.fields[chosen].disabled = bool(self.instance.pk)
        for name in TRANSLATED_FIELDS:
            self.fields[name].widget.attrs["lang"] = name.rpartition("_")[2]
            self.fields[name].validators.append(validate_visible)
        if event_type := self.event_type:
            for field in SHORT_TEXTS:
                for language in PAGES:
                    name = f"{field}_{language}"
                    shown = self[name]
                    # A bound field has taken its field's help over by now.
                    shown.help_text = as_typed(name, cost(event_type, shown.value() or "", language))

    @property
    def event_type(self) -> EventType | None:
        return registry.find(self["event_type"].value() or "")

    @property
    def place(self) -> Place | None:
        """For whose messages these texts are; None for head office's."""
        written = str(self["scope_id"].value() or "")
        return next((each for each in places_of(self.for_user) if str(each.scope_id) == written), None)

    def clean(self) -> dict[str, Any]:
        """A draft may lack texts, and one language may be ahead; what goes live may not.

        Of what goes live a group of texts is there as a whole or not at all (docs/decisions/0077).
        """
        cleaned: dict[str, Any] = super().clean()
        if cleaned.get("scope_id") not in written_by(self.for_user):
            raise ValidationError(_("You don’t write these texts."), code="not_yours")
        if not self.is_deferred_validation:
            texts = {name: self.cleaned_data.get(name) or "" for name in TRANSLATED_FIELDS}
            problems = translation_errors(texts) | missing_errors(texts)
            for name, messages in problems.items():
                for message in messages:
                    self.add_error(name, message)
            if not any(texts.values()):
                raise ValidationError(_("Write the texts of one part at least."), code="empty")
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        # What stands beside a hidden field nobody would see.
        if isinstance(error, ValidationError) and hasattr(error, "error_dict"):
            for hidden in CHOSEN:
                for each in error.error_dict.pop(hidden, []):
                    super().add_error(None, each)
            if not error.error_dict:
                return
        super().add_error(None if field in CHOSEN else field, error)


def initial_texts(texts: Mapping[str, Texts]) -> dict[str, str]:
    """The texts by language as the form's fields, as a start for one's own."""
    return {
        f"{field}_{language}": getattr(texts[language], field) for field in TEXT_FIELDS for language in PAGES
    }
