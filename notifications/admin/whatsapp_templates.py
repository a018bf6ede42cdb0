"""The templates that WhatsApp has approved, or is to approve. Head office's: the account there is its own."""

import re
from functools import cached_property
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList, Panel
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import IndexView, PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button, HeaderButton

from notifications.admin.export import ExportingViewSet
from notifications.admin.menu import MESSAGES
from notifications.admin.reports.base import type_choices, type_label
from notifications.channels.whatsapp.suggestions import add_missing, button_words, missing
from notifications.models import WhatsAppTemplate
from notifications.texts.samples import sample_values
from notifications.types import Detail

ALL_OTHERS = gettext_lazy("all messages without a template of their own")
_SID = re.compile(r"HX[0-9a-f]{32}")
_NAME = re.compile(r"[a-z0-9_]+")
State = WhatsAppTemplate.State


def label_of(event_type: str) -> str | Promise:
    return type_label(event_type) if event_type else ALL_OTHERS


class WhatsAppTemplateForm(WagtailAdminModelForm):
    event_type = forms.ChoiceField(
        label=gettext_lazy("Message type"),
        required=False,
        choices=lambda: [("", ALL_OTHERS), *type_choices()],
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if settings.WHATSAPP_PROVIDER != "twilio" and not _NAME.fullmatch(name):
            said = _("A name at WhatsApp has small letters, digits and underscores.")
            raise ValidationError(said, code="name")
        return name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        by_twilio = settings.WHATSAPP_PROVIDER == "twilio" and cleaned.get("state") == State.APPROVED
        if by_twilio and not _SID.fullmatch(cleaned.get("name", "")):
            said = _(
                "Of an approved template Twilio wants the content SID here: HX and 32 digits or letters."
            )
            self.add_error("name", ValidationError(said, code="sid"))
        return cleaned


class SubmissionPanel(Panel):
    """What is to be submitted: the text with numbers, a sample of each value, and the words on the buttons."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "notifications/admin/whatsapp_panel.html"

        def is_shown(self) -> bool:
            return bool(self.instance.pk)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            # As it is kept: what somebody is typing may be no text at all.
            template = WhatsAppTemplate.objects.get(pk=self.instance.pk)
            declared = template.declared
            samples = sample_values(declared, template.language) if declared else {}
            found: dict[str, Any] = super().get_context_data(parent_context)
            return found | {
                "template": template,
                "samples": [
                    (f"{{{{{number}}}}}", samples[name]) for number, name in enumerate(template.parameters, 1)
                ],
                "buttons": button_words(template),
                "read": template.filled(samples),
            }


TEMPLATE_FORM = ObjectList(
    [
        MultiFieldPanel(
            [FieldPanel("event_type"), FieldPanel("language"), FieldPanel("detail")],
            heading=gettext_lazy("For which messages"),
        ),
        FieldPanel(
            "body",
            help_text=gettext_lazy(
                "Word for word as WhatsApp approved it, with our placeholders instead of {{1}}, {{2}} and so on."
            ),
        ),
        FieldPanel(
            "buttons",
            help_text=gettext_lazy("How many of the message’s answers are buttons under it: the first ones."),
        ),
        SubmissionPanel(heading=gettext_lazy("To submit")),
        MultiFieldPanel(
            [
                FieldPanel(
                    "name",
                    help_text=gettext_lazy(
                        "At Meta the name of the template, at Twilio its content SID (HX…)."
                    ),
                ),
                FieldPanel(
                    "state",
                    help_text=gettext_lazy(
                        "Only approved ones are used. Meta tells us itself when that changes."
                    ),
                ),
                FieldPanel("problem", read_only=True),
            ],
            heading=gettext_lazy("At WhatsApp"),
        ),
    ],
    base_form_class=WhatsAppTemplateForm,
)


class WhatsAppTemplateIndexView(IndexView):
    @cached_property
    def header_buttons(self) -> list[Button]:
        buttons: list[Button] = list(super().header_buttons)
        if self.user_has_permission("add"):
            address = reverse("whatsapp_templates:suggest")
            buttons.append(HeaderButton(_("Suggested texts"), url=address, icon_name="clipboard-list"))
        return buttons

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "event_type",
                label=_("Message type"),
                accessor=lambda row: label_of(row.event_type),
                get_url=self.get_edit_url,
                width="30%",
            ),
            Column("language", label=_("Language"), accessor="get_language_display"),
            Column(
                "detail",
                label=_("What others may see"),
                accessor=lambda row: _("Discreet") if row.detail == Detail.DISCREET else _("Detailed"),
            ),
            Column("name", label=_("Name at WhatsApp")),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor="get_state_display",
                primary=lambda row: row.state == State.APPROVED,
            ),
            Column("problem", label=_("What WhatsApp said")),
        ]


class SuggestView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """The built-in discreet texts of messages that have no template yet, and a button that adds them all."""

    model = WhatsAppTemplate
    permission_required = "add"
    page_title = gettext_lazy("Suggested texts")
    template_name = "notifications/admin/whatsapp_suggestions.html"
    header_icon = "clipboard-list"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse("whatsapp_templates:index"), "label": _("WhatsApp templates")}
        return [*super().get_breadcrumbs_items(), index, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = [(label_of(each.event_type), each, button_words(each)) for each in missing()]
        context: dict[str, Any] = super().get_context_data(suggestions=found, **kwargs)
        return context

    def post(self, request: HttpRequest) -> HttpResponse:
        added = add_missing()
        said = ngettext(
            "%(count)d text is added. Submit it to WhatsApp, and mark it as approved once it is.",
            "%(count)d texts are added. Submit them to WhatsApp, and mark each as approved once it is.",
            added,
        )
        messages.success(request, said % {"count": added})
        return redirect("whatsapp_templates:index")


class WhatsAppTemplateViewSet(ExportingViewSet):
    model = WhatsAppTemplate
    name = "whatsapp_templates"
    icon = "comment"
    menu_label = gettext_lazy("WhatsApp templates")
    menu_hook = MESSAGES
    menu_order = 75
    add_to_admin_menu = True
    copy_view_enabled = False
    index_view_class = WhatsAppTemplateIndexView
    index_results_template_name = "notifications/admin/results.html"
    list_filter = ["state", "language"]
    list_per_page = 100
    ordering = ["event_type", "language", "pk"]
    search_backend_name = None
    edit_handler = TEMPLATE_FORM

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("suggest/", self.construct_view(SuggestView), name="suggest"),
        ]
