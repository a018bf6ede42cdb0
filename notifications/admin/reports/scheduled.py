"""Messages that were written beforehand: what waits, what was called off, what failed and why."""

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from notifications.admin.actions import ActionColumn, ActionView
from notifications.admin.menu import MESSAGES
from notifications.admin.people import NamesPeople
from notifications.admin.reports.base import ReportView, ReportViewSet
from notifications.models import Notification
from notifications.scheduler import NotificationScheduler
from notifications.scope import limit
from notifications.web.moments import shown_moment

Status = Notification.Status
CALLED_OFF_OR_FAILED = (Status.CANCELLED, Status.FAILED)


class ScheduledFilters(WagtailFilterSet):
    """What waits, unless another status is asked for."""

    scheduled_status = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"),
        choices=[(status.value, status.label) for status in CALLED_OFF_OR_FAILED],
        empty_label=Status.PENDING.label,
    )
    scheduled_at = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("When"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Notification
        fields: list[str] = []


class ScheduledMessagesView(NamesPeople, ReportView):
    filterset_class = ScheduledFilters
    default_ordering = ("scheduled_at", "id")

    @property
    def status(self) -> str:
        valid = self.filters.is_valid()
        return (valid and self.filters.form.cleaned_data["scheduled_status"]) or Status.PENDING

    def get_base_queryset(self) -> QuerySet[Notification]:
        rows = Notification.objects.filter(scheduled_status=self.status)
        rows = rows.select_related("recipient", "event_record").defer("body", "data", "routing")
        return limit(self.request.user, rows)

    def person_id(self, row: Notification) -> int | None:
        """Of who scheduled it, where that is known."""
        return row.event_record.payload.get("scheduled_by") if row.event_record else None

    @cached_property
    def columns(self) -> list[Column]:
        columns = [
            TitleColumn(
                "recipient",
                label=_("To"),
                width="20%",
                classname="w-whitespace-nowrap",
                get_url=lambda message: reverse("notification_messages:detail", args=[message.pk]),
            ),
            Column("title", label=_("Title")),
            Column(
                "when",
                label=_("When"),
                accessor=lambda message: shown_moment(message.scheduled_at, now=timezone.now()),
            ),
            Column("by", label=_("By"), accessor=self.person),
            StatusTagColumn(
                "status",
                label=_("Status"),
                accessor="get_scheduled_status_display",
                primary=lambda message: message.scheduled_status == Status.PENDING,
            ),
        ]
        if self.status == Status.FAILED:
            columns.append(Column("error", label=_("Reason")))
        if self.status == Status.PENDING and self.user_has_permission("schedule"):
            columns.append(
                ActionColumn(
                    "cancel",
                    label=_("Cancel"),
                    url=lambda message: reverse("notification_scheduled:cancel", args=[message.pk]),
                    about=lambda message: f"{message.title}, {message.recipient}",
                )
            )
        return columns


class CancelView(ActionView):
    """Calls one off."""

    model = Notification
    permission_required = "schedule"

    def act(self, request: HttpRequest, pk: int) -> None:
        message = get_object_or_404(
            limit(request.user, Notification.objects.select_related("recipient")), pk=pk
        )
        told = {"title": message.title, "person": message.recipient}
        if NotificationScheduler().cancel_scheduled(notification_id=message.pk):
            messages.success(request, _("“%(title)s” for %(person)s is cancelled.") % told)
        else:
            messages.warning(request, _("“%(title)s” for %(person)s is no longer waiting.") % told)


class ScheduledMessagesViewSet(ReportViewSet):
    name = "notification_scheduled"
    url_prefix = "reports/scheduled-messages"
    model = Notification
    view_class = ScheduledMessagesView
    icon = "calendar-alt"
    menu_label = gettext_lazy("Scheduled messages")
    menu_hook = MESSAGES
    menu_order = 50

    def get_urlpatterns(self) -> list[URLPattern]:
        cancel = path("<int:pk>/cancel/", self.construct_view(CancelView), name="cancel")
        return [*super().get_urlpatterns(), cancel]
