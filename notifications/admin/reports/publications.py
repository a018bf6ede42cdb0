"""What happened, and nobody could be told of: a fault of the site. It names no clinic, so head office looks here."""

import json

import django_filters
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.ui.tables import Column, DateColumn

from notifications.admin.reports.base import ReportView, ReportViewSet, TypeFilters, type_label
from notifications.models import EventRecord


class PublicationFilters(TypeFilters):
    created_at = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Published"), widget=DateRangePickerWidget
    )

    class Meta:
        model = EventRecord
        fields: list[str] = []


class FailedPublicationsView(ReportView):
    filterset_class = PublicationFilters

    def get_base_queryset(self) -> QuerySet[EventRecord]:
        return EventRecord.objects.filter(state=EventRecord.State.FAILED)

    @cached_property
    def columns(self) -> list[Column]:
        return [
            Column("type", label=_("Type"), accessor=lambda record: type_label(record.event_type)),
            Column("payload", label=_("About"), accessor=lambda record: json.dumps(record.payload)),
            Column("error", label=_("Reason")),
            Column("attempts", label=_("Attempts")),
            DateColumn("created_at", label=_("Published")),
            DateColumn("finished_at", label=_("Given up")),
        ]


class FailedPublicationsViewSet(ReportViewSet):
    name = "notification_publications"
    url_prefix = "reports/failed-publications"
    model = EventRecord
    view_class = FailedPublicationsView
    icon = "warning"
    menu_label = gettext_lazy("Failed publications")
    menu_order = 120
