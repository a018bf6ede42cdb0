"""What should have left the house and didn't."""

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn

from notifications.admin.reports.base import ReportView, ReportViewSet, type_choices, type_label
from notifications.admin.reports.messages import channel_label
from notifications.scope import limit
from notifications.models import Delivery

UNDELIVERED = (Delivery.State.FAILED, Delivery.State.EXPIRED)


class DeliveryFilters(WagtailFilterSet):
    event_type = django_filters.ChoiceFilter(
        field_name="notification__event_type", label=gettext_lazy("Type"), choices=type_choices
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=[(state.value, state.label) for state in UNDELIVERED]
    )
    finished_at = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Given up"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Delivery
        fields: list[str] = []


class UndeliveredView(ReportView):
    filterset_class = DeliveryFilters

    def get_base_queryset(self) -> QuerySet[Delivery]:
        rows = Delivery.objects.filter(state__in=UNDELIVERED).select_related("notification__recipient")
        rows = rows.defer("body", "notification__body", "notification__data", "notification__routing")
        return limit(self.request.user, rows, recipient="notification__recipient")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "recipient",
                label=_("To"),
                width="20%",
                accessor="notification.recipient",
                get_url=lambda row: reverse("notification_messages:detail", args=[row.notification_id]),
            ),
            Column("type", label=_("Type"), accessor=lambda row: type_label(row.notification.event_type)),
            Column("channel", label=_("Channel"), accessor=lambda row: channel_label(row.channel)),
            StatusTagColumn("state", label=_("State"), accessor="get_state_display"),
            Column("error", label=_("Reason")),
            Column("attempts", label=_("Attempts")),
            DateColumn("finished_at", label=_("Given up")),
        ]


class UndeliveredViewSet(ReportViewSet):
    name = "notification_deliveries"
    url_prefix = "reports/undelivered"
    model = Delivery
    view_class = UndeliveredView
    icon = "warning"
    menu_label = gettext_lazy("Undelivered messages")
    menu_order = 110
