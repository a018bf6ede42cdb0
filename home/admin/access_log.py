"""Who among staff saw whose record: a list for the managers of a clinic, and the same as a file."""

from functools import cached_property
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from home.admin.patient_pages import record_url
from home.models import AccessRecord
from home.privacy.pages import page_name, pages
from home.privacy.selectors import looks, records_visible_to_managers
from home.selectors import clinics_of_staff
from notifications.admin.reports.base import ReportView, ReportViewSet
from notifications.web.moments import shown_moment
from notifications.web.table_file import XLSX, table_file

MOST_EXPORTED = 20_000
"""Rows of a file, the latest; who needs more narrows the days."""


def _named(rows: QuerySet[AccessRecord], name: str, value: str) -> QuerySet[AccessRecord]:
    """Those whose `name` ("user", "patient") has each of these words in a name."""
    for word in value.split()[:5]:
        rows = rows.filter(
            Q(**{f"{name}__first_name__icontains": word}) | Q(**{f"{name}__last_name__icontains": word})
        )
    return rows


class AccessFilters(WagtailFilterSet):
    user = django_filters.CharFilter(label=gettext_lazy("Who"), method=_named)
    patient = django_filters.CharFilter(label=gettext_lazy("Whose record"), method=_named)
    at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Day"), widget=DateRangePickerWidget)
    kind = django_filters.ChoiceFilter(label=gettext_lazy("What"), choices=AccessRecord.Kind.choices)
    page = django_filters.ChoiceFilter(label=gettext_lazy("Part of the record"), choices=pages)

    class Meta:
        model = AccessRecord
        fields: list[str] = []


class AccessLogView(ReportView):
    """The latest first."""

    filterset_class = AccessFilters
    FORMATS = ()  # a file of its own, with the roles that people had
    show_export_buttons = False
    default_ordering = ("-at", "-id")

    def get_base_queryset(self) -> QuerySet[AccessRecord]:
        return records_visible_to_managers(self.request.user).select_related("user", "patient")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [
            HeaderButton(_("Download CSV"), url=self._file_url("csv"), icon_name="download"),
            HeaderButton(_("Download XLSX"), url=self._file_url(XLSX), icon_name="download"),
        ]

    def _file_url(self, form: str) -> str:
        """With the filters that are chosen."""
        asked = self.request.GET.copy()
        asked["export"] = form
        return f"{reverse('access_log:export')}?{asked.urlencode()}"

    @cached_property
    def columns(self) -> list[Column]:
        now = timezone.now()
        return [
            Column("who", label=_("Who"), width="20%", accessor=_who),
            TitleColumn(
                "patient",
                label=_("Whose record"),
                width="20%",
                accessor=lambda row: str(row.patient),
                get_url=self._record_url,
            ),
            Column("what", label=_("What"), accessor="get_kind_display"),
            Column("page", label=_("Part of the record"), accessor=lambda row: page_name(row.page)),
            Column("first", label=_("When"), width="14%", accessor=lambda row: shown_moment(row.at, now=now)),
            Column(
                "last",
                label=_("Last time"),
                width="14%",
                accessor=lambda row: shown_moment(row.last_at, now=now),
            ),
            Column("path", label=_("Address"), accessor="path"),
        ]

    @cached_property
    def _clinics(self) -> set[int]:
        return set(clinics_of_staff(self.request.user).values_list("pk", flat=True))

    def _record_url(self, row: AccessRecord) -> str | None:
        """Of those who are still theirs: a patient may have gone to another clinic, or been erased."""
        is_theirs = row.patient.clinic_id in self._clinics and row.patient.erased_at is None
        return record_url(row.patient_id) if is_theirs else None


class AccessExportView(AccessLogView):
    """The list as a file, with the filters that were chosen."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = self.filter_queryset(self.get_base_queryset())
        headings = (
            _("Who"),
            _("Role"),
            _("Whose record"),
            _("What"),
            _("Part of the record"),
            _("When"),
            _("Last time"),
            _("Address"),
            _("Request"),
        )
        lines = (
            (
                _who(look.record),
                look.role,
                look.record.patient.get_full_name(),
                look.record.get_kind_display(),
                page_name(look.record.page),
                f"{timezone.localtime(look.record.at):%Y-%m-%d %H:%M}",
                f"{timezone.localtime(look.record.last_at):%Y-%m-%d %H:%M}",
                look.record.path,
                look.record.request_id,
            )
            for look in looks(rows.order_by(*self.default_ordering)[:MOST_EXPORTED])
        )
        return table_file(request.GET, headings, lines, name=f"access-log-{timezone.localdate():%Y-%m-%d}")


def _who(record: AccessRecord) -> str:
    return record.user.get_full_name() or str(record.user) if record.user else "–"


class AccessLogViewSet(ReportViewSet):
    name = "access_log"
    url_prefix = "access-log"
    model = AccessRecord
    view_class = AccessLogView
    icon = "view"
    menu_label = gettext_lazy("Who saw which record")
    menu_order = 80

    def get_urlpatterns(self) -> list[URLPattern]:
        export = path("export/", self.construct_view(AccessExportView), name="export")
        return [*super().get_urlpatterns(), export]
