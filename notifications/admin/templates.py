"""The texts of each message as Wagtail snippets."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.ui.side_panels import ChecksSidePanel
from wagtail.permissions import register_permission_policy
from wagtail.snippets.views.snippets import CreateView, EditView, SnippetViewSet

from notifications import registry
from notifications.admin.menu import MESSAGES
from notifications.admin.template_access import POLICY
from notifications.admin.template_form import initial_texts
from notifications.admin.template_list import URLS, TextsView, TextView
from notifications.admin.template_panels import TEMPLATE_FORM
from notifications.models import NotificationTemplate
from notifications.places import written_by
from notifications.selectors.templates import texts_of
from notifications.types import EventType

register_permission_policy(NotificationTemplate, POLICY)


class TemplateCreateView(CreateView):
    """The texts of one message for one place, or head office's: they begin as the ones in use there."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.chosen is None:
            return redirect(self.index_url_name)
        template = NotificationTemplate.objects.filter(event_type=self.chosen.name, scope_id=self.scope_id)
        if found := template.first():
            return redirect(self.edit_url_name, found.pk)
        form: HttpResponse = super().get(request, *args, **kwargs)
        return form

    @property
    def asked(self) -> QueryDict:
        asked: QueryDict = self.request.POST or self.request.GET
        return asked

    @property
    def scope_id(self) -> int | None:
        asked = self.asked.get("scope_id", "")
        return int(asked) if asked.isdecimal() else None

    @property
    def chosen(self) -> EventType | None:
        """The message that is worded; None where there is no such message, or it is not this person who words it."""
        if self.scope_id not in written_by(self.request.user):
            return None
        return registry.find(self.asked.get("event_type", ""))

    def get_page_subtitle(self) -> str:
        return str(self.chosen.label) if self.chosen else super().get_page_subtitle()

    def get_side_panels(self) -> MediaContainer:
        return _without_checks(super().get_side_panels())

    def get_initial_form_instance(self) -> NotificationTemplate:
        if self.chosen is None:
            return NotificationTemplate()
        texts = texts_of(self.chosen, self.scope_id)
        return NotificationTemplate(
            event_type=self.chosen.name, scope_id=self.scope_id, **initial_texts(texts)
        )

    def get_success_url(self) -> str:
        return list_of(self.object)


class TemplateEditView(EditView):
    def get_success_url(self) -> str:
        return list_of(self.object)

    def get_side_panels(self) -> MediaContainer:
        return _without_checks(super().get_side_panels())


def _without_checks(panels: MediaContainer) -> MediaContainer:
    """Wagtail's checks look at web pages, and have nothing to say of a message."""
    return MediaContainer([panel for panel in panels if not isinstance(panel, ChecksSidePanel)])


def list_of(template: NotificationTemplate) -> str:
    """The list in which this template is."""
    index = reverse(f"{URLS}:list")
    return index if template.scope_id is None else f"{index}?place={template.scope_id}"


class TemplateViewSet(SnippetViewSet):
    model = NotificationTemplate
    icon = "mail"
    menu_label = gettext_lazy("Message texts")
    menu_order = 70
    menu_hook = MESSAGES
    add_to_admin_menu = True
    add_view_class = TemplateCreateView
    edit_view_class = TemplateEditView
    copy_view_enabled = False  # there is one for each message type and place
    search_backend_name = None
    edit_handler = TEMPLATE_FORM

    @property
    def index_view(self) -> Callable[..., HttpResponseBase]:
        view: Callable[..., HttpResponseBase] = self.construct_view(TextsView)
        return view

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        # The list is a page of its own, without a search that would fetch parts of it.
        common: dict[str, Any] = super().get_common_view_kwargs(**kwargs)
        return common | {"index_results_url_name": None}

    def register_chooser_viewset(self) -> None:
        """Nothing chooses a template, and Wagtail's chooser would show those of all places."""

    def get_urlpatterns(self) -> list[URLPattern]:
        patterns = [each for each in super().get_urlpatterns() if each.name != "list_results"]
        see = path("see/<str:event_type>/", self.construct_view(TextView), name="see")
        return POLICY.guard([*patterns, see])
