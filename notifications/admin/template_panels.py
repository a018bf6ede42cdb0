"""How the form of a message's texts is laid out: English beside Afrikaans, and what may be written in them."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, Panel
from wagtail.admin.widgets import AdminAutoHeightTextInput

from notifications.admin.template_form import TemplateForm
from notifications.models import NotificationTemplate
from notifications.texts.samples import sample_values
from notifications.texts.template_errors import as_written

LANGUAGE_LABELS = {"en": "English", "af": "Afrikaans"}


class PlaceholdersPanel(Panel):
    """Says which placeholders the texts may have, with an example of each; carries the hidden message type."""

    def get_form_options(self) -> dict[str, Any]:
        return {"fields": ["event_type"], "widgets": {"event_type": forms.HiddenInput}}

    class BoundPanel(Panel.BoundPanel):
        template_name = "notifications/admin/placeholders_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            event_type = self.form.event_type
            context["field"] = self.form["event_type"]
            context["event_type"] = event_type
            if event_type:
                english, afrikaans = (sample_values(event_type, language) for language in LANGUAGE_LABELS)
                context["placeholders"] = [
                    {
                        "written": as_written([param.name]),
                        "label": param.label,
                        "english": english[param.name],
                        "afrikaans": afrikaans[param.name],
                    }
                    for param in event_type.params
                ]
            return context


def _both(field: str, *, long: bool = False) -> FieldRowPanel:
    """One text in both languages, side by side; below each other on a phone."""
    name = capfirst(NotificationTemplate._meta.get_field(field).verbose_name)
    widget = AdminAutoHeightTextInput if long else None
    return FieldRowPanel(
        [
            FieldPanel(f"{field}_{code}", heading=f"{name} ({label})", widget=widget, disable_comments=True)
            for code, label in LANGUAGE_LABELS.items()
        ]
    )


TEMPLATE_FORM = ObjectList(
    [
        PlaceholdersPanel(heading=_("What you can write")),
        MultiFieldPanel([_both("title"), _both("body", long=True)], heading=_("In the inbox"), icon="mail"),
        MultiFieldPanel(
            [_both("email_subject"), _both("email_body", long=True)], heading=_("By e-mail"), icon="mail"
        ),
        MultiFieldPanel(
            [_both("short_text", long=True)],
            heading=_("Short text, for SMS and notifications"),
            icon="mobile-alt",
        ),
        MultiFieldPanel(
            [_both("email_subject_discreet"), _both("short_text_discreet", long=True)],
            heading=_("What others may see"),
            icon="view",
            help_text=_(
                "These appear on lock screens and shared phones unless the person chose “detailed”. They "
                "must not name a medicine or an illness, and can't have placeholders."
            ),
        ),
    ],
    base_form_class=TemplateForm,
)
