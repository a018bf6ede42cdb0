"""What the reports have in common."""

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.db.models import Model
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import BaseListingView, PermissionCheckedMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.permissions import policy_registry

from notifications import registry
from notifications.admin.export import ListExport
from notifications.admin.menu import REPORTS
from notifications.admin.reports.paging import KeysetPaginator
from notifications.models import CategoryChoices
from notifications.signals import list_exported


def type_label(name: str) -> str:
    """How people call an event type. One that the code doesn't declare was named by whoever wrote the message."""
    declared = registry.find(name)
    if declared:
        return str(declared.label)
    categories = dict(CategoryChoices.choices)
    return str(categories.get(name, name.replace("_", " ").replace(".", ": ").capitalize()))


def type_choices() -> list[tuple[str, str]]:
    choices = [(declared.name, str(declared.label)) for declared in registry.event_types()]
    return sorted(choices, key=lambda choice: choice[1])


class TypeFilters(WagtailFilterSet):
    event_type = django_filters.ChoiceFilter(label=_("Type"), choices=type_choices)


class ReportView(ListExport, PermissionCheckedMixin, BaseListingView):
    """A list of rows, newest first, for who has the model's "view" permission."""

    permission_required: ClassVar[str] = "view"
    results_template_name = "notifications/admin/report_results.html"
    paginate_by = 50
    paginator_class = KeysetPaginator
    default_ordering: str | tuple[str, ...] = "-id"
    is_searchable = False

    def subject_of(self, row: Any) -> int | None:
        """The id of whom a row is about, as the messages have it; None for a row about nobody."""
        return getattr(row, "subject_id", None)

    def note_export(self, rows: Sequence[Any]) -> None:
        subjects = {self.subject_of(row) for row in rows} - {None}
        list_exported.send(type(self), request=self.request, subject_ids=subjects)


class ReportMenuItem(MenuItem):
    """Shown to whoever may open the report."""

    def __init__(self, *args: Any, model: type[Model], permission: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.model = model
        self.permission = permission

    def is_shown(self, request: Any) -> bool:
        policy = policy_registry.get_by_type(self.model)
        return bool(policy.user_has_permission(request.user, self.permission))


class ReportViewSet(ViewSet):
    """A report with an entry in the side bar: under Reports, where it names no other place."""

    menu_hook = REPORTS
    model: ClassVar[type[Model]]
    view_class: ClassVar[type[ReportView]]

    def get_menu_item(self, order: int | None = None) -> MenuItem:
        return ReportMenuItem(
            self.menu_label,
            self.menu_url,
            name=self.name,
            icon_name=self.icon,
            order=self.get_menu_item_order(order),
            model=self.model,
            permission=self.view_class.permission_required,
        )

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common: dict[str, Any] = super().get_common_view_kwargs(
            **{
                "model": self.model,
                "page_title": self.menu_label,
                "header_icon": self.icon,
                "verbose_name_plural": self.model._meta.verbose_name_plural,
                "index_url_name": self.get_url_name("index"),
                "index_results_url_name": self.get_url_name("index_results"),
                **kwargs,
            }
        )
        return common

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", self.construct_view(self.view_class), name="index"),
            path("results/", self.construct_view(self.view_class, results_only=True), name="index_results"),
        ]
