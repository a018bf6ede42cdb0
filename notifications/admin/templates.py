"""The texts of each message as Wagtail snippets."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.ui.side_panels import ChecksSidePanel
from wagtail.admin.ui.tables import LiveStatusTagColumn, StatusTagColumn, UpdatedAtColumn
from wagtail.snippets.views.snippets import CreateView, EditView, SnippetViewSet

from notifications import registry
from notifications.admin.template_form import initial_texts
from notifications.admin.template_panels import LANGUAGE_LABELS, TEMPLATE_FORM
from notifications.models import NotificationTemplate
from notifications.texts.samples import sample
from notifications.types import Detail, EventType


class TemplateCreateView(CreateView):
    """First the message type, then its texts, which begin as the built-in ones."""

    @cached_property
    def open_types(self) -> dict[str, EventType]:
        """The types that have no template yet."""
        taken = set(NotificationTemplate.objects.values_list("event_type", flat=True))
        return {declared.name: declared for declared in registry.event_types() if declared.name not in taken}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("event_type") in self.open_types:
            form: HttpResponse = super().get(request, *args, **kwargs)
            return form
        context = {
            "page_title": _("Choose a message"),
            "header_icon": self.header_icon,
            "breadcrumbs_items": self.get_breadcrumbs_items(),
            "choices": [(declared, _example(declared)) for declared in self.open_types.values()],
        }
        return TemplateResponse(request, "notifications/admin/choose_event_type.html", context)

    def get_page_subtitle(self) -> str:
        asked = self.request.POST or self.request.GET
        chosen = self.open_types.get(asked.get("event_type", ""))
        return str(chosen.label) if chosen else super().get_page_subtitle()

    def get_side_panels(self) -> MediaContainer:
        return _without_checks(super().get_side_panels())

    def get_initial_form_instance(self) -> NotificationTemplate:
        chosen = self.open_types.get(self.request.GET.get("event_type", ""))
        if chosen is None:
            return NotificationTemplate()
        return NotificationTemplate(event_type=chosen.name, **initial_texts(chosen))


class TemplateEditView(EditView):
    def get_side_panels(self) -> MediaContainer:
        return _without_checks(super().get_side_panels())


def _without_checks(panels: MediaContainer) -> MediaContainer:
    """Wagtail's checks look at web pages, and have nothing to say of a message."""
    return MediaContainer([panel for panel in panels if not isinstance(panel, ChecksSidePanel)])


def _example(event_type: EventType) -> str:
    return sample(event_type, event_type.texts["en"], "en", Detail.DETAILED).title


class LanguageColumn(StatusTagColumn):
    """Whether all the texts are there in one language."""

    def __init__(self, language: str) -> None:
        super().__init__(
            f"complete_{language}",
            label=LANGUAGE_LABELS[language],
            accessor=lambda template: _completeness(len(template.missing(language))),
            primary=lambda template: not template.missing(language),
        )


def _completeness(missing: int) -> str:
    if not missing:
        return _("complete")
    return ngettext("%(count)s text missing", "%(count)s texts missing", missing) % {"count": missing}


class TemplateViewSet(SnippetViewSet):
    model = NotificationTemplate
    icon = "mail"
    menu_label = gettext_lazy("Message texts")
    menu_order = 150
    add_to_admin_menu = True
    add_view_class = TemplateCreateView
    edit_view_class = TemplateEditView
    copy_view_enabled = False  # there is one for each message type
    list_display = [
        "__str__",
        *(LanguageColumn(language) for language in LANGUAGE_LABELS),
        LiveStatusTagColumn(),
        UpdatedAtColumn(),
    ]
    list_export: list[str] = []
    ordering = "event_type"
    search_backend_name = None
    edit_handler = TEMPLATE_FORM
