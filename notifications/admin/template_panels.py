"""How the form of a message's texts is laid out: one language beside the other, and what may be written in them."""

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, Panel
from wagtail.admin.widgets import AdminAutoHeightTextInput

from notifications.admin.short_text_length import AS_TYPED
from notifications.admin.template_form import CHOSEN, TemplateForm
from notifications.languages.listed import PAGES, label, own_name
from notifications.models import NotificationTemplate
from notifications.texts.samples import sample_values
from notifications.texts.template_errors import as_written


class PlaceholdersPanel(Panel):
    """Says for whom the texts are and which placeholders they may have, with an example of each.

    It carries the hidden fields of what was chosen before.
    """

    def get_form_options(self) -> dict[str, Any]:
        return {
            "fields": list(CHOSEN),
            "widgets": dict.fromkeys(CHOSEN, forms.HiddenInput),
        }

    class BoundPanel(Panel.BoundPanel):
        template_name = "notifications/admin/placeholders_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            event_type = self.form.event_type
            context["chosen"] = [self.form[name] for name in CHOSEN]
            context["place"] = self.form.place
            context["event_type"] = event_type
            if event_type:
                samples = {language: sample_values(event_type, language) for language in PAGES}
                context["languages"] = [label(language) for language in PAGES]
                context["placeholders"] = [
                    {
                        "written": as_written([param.name]),
                        "label": param.label,
                        "samples": [(language, each[param.name]) for language, each in samples.items()],
                    }
                    for param in event_type.params
                ]
            return context


def _heading(field: str, language: str) -> str:
    """In the reader's language, so it is lazy."""
    text: Any = NotificationTemplate._meta.get_field(field)
    written: str = lazy(lambda: f"{capfirst(str(text.verbose_name))} ({own_name(language)})", str)()
    return written


def _in_each(field: str, *, long: bool = False, attrs: dict[str, str] | None = None) -> FieldRowPanel:
    """One text in each language, side by side; below each other on a phone. `attrs` are of the field's panel."""
    widget = AdminAutoHeightTextInput if long else None
    return FieldRowPanel(
        [
            FieldPanel(
                f"{field}_{code}",
                heading=_heading(field, code),
                widget=widget,
                disable_comments=True,
                attrs=attrs or {},
            )
            for code in PAGES
        ]
    )


_PART = _("To keep the words that are in use otherwise, leave a part empty.")
_DISCREET = _(
    "The discreet text appears on lock screens and shared phones unless the person chose “detailed”. It must not name "
    "a medicine or an illness, nor anybody’s name. Of the placeholders only a day can stand in it, where there is one."
)

TEMPLATE_FORM = ObjectList(
    [
        PlaceholdersPanel(heading=_("What you can write")),
        MultiFieldPanel(
            [_in_each("title"), _in_each("body", long=True)],
            heading=_("In the inbox"),
            icon="mail",
            help_text=_PART,
        ),
        MultiFieldPanel(
            [
                _in_each("email_subject"),
                _in_each("email_body", long=True),
                _in_each("email_subject_discreet"),
            ],
            heading=_("By e-mail"),
            icon="mail",
            help_text=_DISCREET,
        ),
        MultiFieldPanel(
            [
                _in_each("short_text", long=True, attrs=AS_TYPED),
                _in_each("short_text_discreet", long=True, attrs=AS_TYPED),
            ],
            heading=_("Short text, for SMS and notifications"),
            icon="mobile-alt",
            help_text=_DISCREET,
        ),
    ],
    base_form_class=TemplateForm,
)
