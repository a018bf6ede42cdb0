"""What happened and nobody could be told of, and what is to be told later. It names no clinic: for head office."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.ui.tables import Column, DateColumn

from notifications.admin.actions import ActionColumn, ActionView
from notifications.admin.menu import SETTINGS
from notifications.admin.reports.base import ReportView, ReportViewSet, TypeFilters, type_label
from notifications.admin.reports.reasons import reason_words
from notifications.models import EventRecord
from notifications.scheduling import dead_letters
from notifications.web.moments import shown_moment


class FailedFilters(TypeFilters):
    created_at = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Published"), widget=DateRangePickerWidget
    )

    class Meta:
        model = EventRecord
        fields: list[str] = []


class PlannedFilters(TypeFilters):
    due_at = django_filters.DateFromToRangeFilter(label=gettext_lazy("When"), widget=DateRangePickerWidget)

    class Meta:
        model = EventRecord
        fields: list[str] = []


def _type_column() -> Column:
    return Column("type", label=_("Type"), accessor=lambda record: type_label(record.event_type))


def payload_words(payload: Mapping[str, Any]) -> str:
    """As "prescription 12, clinic 3"."""
    return ", ".join(f"{key.removesuffix('_id').replace('_', ' ')} {value}" for key, value in payload.items())


def _payload_column() -> Column:
    return Column("payload", label=_("About"), accessor=lambda record: payload_words(record.payload))


class FailedPublicationsView(ReportView):
    filterset_class = FailedFilters

    def get_base_queryset(self) -> QuerySet[EventRecord]:
        return EventRecord.objects.filter(state=EventRecord.State.FAILED)

    @cached_property
    def columns(self) -> list[Column]:
        columns = [
            _type_column(),
            _payload_column(),
            Column("reason", label=_("Reason"), accessor=reason_words),
            Column("attempts", label=_("Attempts")),
            DateColumn("created_at", label=_("Published")),
            DateColumn("finished_at", label=_("Stopped trying")),
        ]
        if self.user_has_permission("change"):
            columns.append(
                ActionColumn(
                    "retry",
                    label=_("Try again"),
                    url=lambda record: reverse("notification_publications:retry", args=[record.pk]),
                    about=lambda record: type_label(record.event_type),
                )
            )
        return columns


class RetryPublicationView(ActionView):
    """Tells people of one after all."""

    model = EventRecord

    def act(self, request: HttpRequest, pk: int) -> None:
        one = EventRecord.objects.filter(pk=pk)
        if dead_letters.retry_publications(one, now=timezone.now()):
            messages.success(request, _("The recipients are being notified."))
        else:
            messages.warning(request, _("There is nothing left to try again."))


class FailedPublicationsViewSet(ReportViewSet):
    name = "notification_publications"
    url_prefix = "reports/failed-publications"
    model = EventRecord
    view_class = FailedPublicationsView
    icon = "warning"
    menu_label = gettext_lazy("Messages that could not be prepared")
    menu_hook = SETTINGS
    menu_order = 120

    def get_urlpatterns(self) -> list[URLPattern]:
        retry = path("<int:pk>/retry/", self.construct_view(RetryPublicationView), name="retry")
        return [*super().get_urlpatterns(), retry]


class PlannedPublicationsView(ReportView):
    """Those whose time is still to come, the next first."""

    filterset_class = PlannedFilters
    default_ordering = ("due_at", "id")

    def get_base_queryset(self) -> QuerySet[EventRecord]:
        return EventRecord.objects.filter(
            finished_at__isnull=True, state=EventRecord.State.PENDING, due_at__gt=timezone.now()
        )

    @cached_property
    def columns(self) -> list[Column]:
        return [
            Column(
                "when",
                label=_("When"),
                accessor=lambda record: shown_moment(record.due_at, now=timezone.now()),
                width="15%",
            ),
            _type_column(),
            _payload_column(),
            DateColumn("created_at", label=_("Published")),
        ]


class PlannedPublicationsViewSet(ReportViewSet):
    name = "notification_planned"
    url_prefix = "reports/planned-publications"
    model = EventRecord
    view_class = PlannedPublicationsView
    icon = "calendar-alt"
    menu_label = gettext_lazy("Messages to be prepared later")
    menu_hook = SETTINGS
    menu_order = 130
