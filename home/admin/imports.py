"""The pages on which staff bring in a file: those of all imports, and the upload."""

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.generic import FormView
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import IndexView, WagtailAdminTemplateMixin

from home.admin.import_forms import UploadForm
from home.admin.import_pages import ADD, ActView, ImportView, LeftView, imports_visible_to
from home.admin.scope import ClinicScopedViewSet
from home.imports.acts import import_upload
from home.imports.importable import importable
from home.imports.sheets import MOST_BYTES, too_large
from home.models import Import
from notifications.languages.listed import active
from notifications.web.moments import shown_moment

_ROOM = 64 * 1024
"""Bytes of a form beside its file."""


class UploadView(WagtailAdminTemplateMixin, FormView):  # type: ignore[type-arg]  # Django's views take no arguments when they run
    """Reads the file while its sender waits: what is wrong with it as a whole is said at once."""

    page_title = gettext_lazy("Import a file")
    header_icon = "upload"
    form_class = UploadForm
    template_name = "home/admin/imports/upload.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm(ADD):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse("imports:index"), "label": _("Imports")}
        return [*self.breadcrumbs_items, index, {"url": "", "label": str(self.page_title)}]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "for_user": self.request.user}

    def form_valid(self, form: UploadForm) -> HttpResponse:
        user: Any = self.request.user
        try:
            run = import_upload(
                kind=form.cleaned_data["kind"],
                clinic=form.cleaned_data["clinic"],
                by=user,
                file=form.cleaned_data["file"],
                language=active(),
                now=timezone.now(),
            )
        except ValidationError as error:
            form.add_error("file", error)
            return self.form_invalid(form)
        return redirect("imports:show", run.pk)

    def refuse(self, request: HttpRequest) -> HttpResponse:
        """For a request of which nothing was read."""
        self.setup(request)
        if not request.user.has_perm(ADD):
            raise PermissionDenied
        form = UploadForm(for_user=request.user)  # type: ignore[arg-type]
        said = " ".join(too_large().messages)
        context = self.get_context_data(form=form, too_large=said)
        answer: HttpResponse = self.render_to_response(context, status=413)
        return answer


def bounded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answers a file that is too large before any of it is read, which the check of the form's token would do."""
    guarded = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def bounded_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if request.method == "POST" and (not length.isdecimal() or int(length) > MOST_BYTES + _ROOM):
            return UploadView().refuse(request)
        return guarded(request, *args, **kwargs)

    return bounded_view


class ImportFilters(WagtailFilterSet):
    state = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=Import.State.choices)

    class Meta:
        model = Import
        fields: list[str] = []


class ImportIndexView(IndexView):
    @cached_property
    def columns(self) -> list[Column]:
        now = timezone.now()
        return [
            TitleColumn(
                "file_name",
                label=_("File"),
                get_url=lambda row: reverse("imports:show", args=[row.pk]),
                width="30%",
            ),
            Column("kind", label=_("What"), accessor=_kind),
            Column("clinic", label=_("Clinic")),
            Column("by", label=_("By"), accessor=lambda row: row.by or "–"),
            Column(
                "uploaded", label=_("Uploaded"), accessor=lambda row: shown_moment(row.uploaded_at, now=now)
            ),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor=lambda row: row.get_state_display(),
                primary=lambda row: row.is_busy or row.state == Import.State.CHECKED,
            ),
        ]


def _kind(row: Import) -> str:
    found = importable(row.kind)
    return str(found.label) if found else row.kind


class ImportViewSet(ClinicScopedViewSet):
    """Uploaded, and then led on by the buttons of its page; never edited."""

    model = Import
    icon = "upload"
    add_words = gettext_lazy("Import a file")
    menu_label = gettext_lazy("Imports")
    menu_order = 190
    filterset_class = ImportFilters
    ordering = ["-uploaded_at", "-id"]
    form_fields: list[str] = []

    def visible_to(self, user: Any) -> QuerySet[Import]:
        rows: QuerySet[Import] = imports_visible_to(user)
        return rows

    @property
    def index_view_class(self) -> type[IndexView]:
        class ScopedIndexView(ImportIndexView):
            def get_base_queryset(self) -> QuerySet[Import]:
                rows: QuerySet[Import] = imports_visible_to(self.request.user)
                return rows.select_related("clinic", "by")

        return ScopedIndexView

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common = super().get_common_view_kwargs(**kwargs)
        return {name: value for name, value in common.items() if name not in _NOT_OFFERED}

    def get_urlpatterns(self) -> list[URLPattern]:
        own = [each for each in super().get_urlpatterns() if each.name in ("index", "index_results")]
        return [
            *own,
            path("new/", bounded(UploadView.as_view()), name="add"),
            path("<int:pk>/", ImportView.as_view(), name="show"),
            path("<int:pk>/left/", LeftView.as_view(), name="left"),
            path("<int:pk>/<slug:act>/", ActView.as_view(), name="act"),
        ]


_NOT_OFFERED = {"edit_url_name", "delete_url_name", "history_url_name", "usage_url_name"}
