"""What people wrote by SMS, and what it was taken for: no person reads that number, so staff may have to look here."""

import django_filters
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn

from notifications.admin.menu import MESSAGES
from notifications.admin.reports.base import ReportView, ReportViewSet
from notifications.admin.reports.reasons import reason_words
from notifications.models import InboundMessage
from notifications.scope import limit


class InboundFilters(WagtailFilterSet):
    interpretation = django_filters.ChoiceFilter(
        label=gettext_lazy("Understood as"), choices=InboundMessage.Interpretation.choices
    )
    received_at = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Received"), widget=DateRangePickerWidget
    )

    class Meta:
        model = InboundMessage
        fields: list[str] = []


class InboundView(ReportView):
    """Strangers, and who belongs to several clinics and answers no message, are head office's alone to see."""

    filterset_class = InboundFilters

    def get_base_queryset(self) -> QuerySet[InboundMessage]:
        return limit(self.request.user, InboundMessage.objects.select_related("user"))

    @cached_property
    def columns(self) -> list[Column]:
        return [
            Column("user", label=_("From"), width="20%", accessor=lambda row: row.user or row.sender),
            Column("text", label=_("Text")),
            Column(
                "interpretation",
                label=_("Understood as"),
                width="15%",
                accessor=lambda row: row.get_interpretation_display() or row.get_state_display(),
            ),
            Column("reply", label=_("Reply")),
            Column("reason", label=_("Reason"), accessor=reason_words),
            DateColumn("received_at", label=_("Received")),
        ]


class InboundMessageViewSet(ReportViewSet):
    name = "notification_inbound_sms"
    url_prefix = "reports/inbound-sms"
    model = InboundMessage
    view_class = InboundView
    icon = "comment"
    menu_label = gettext_lazy("SMS received")
    menu_hook = MESSAGES
    menu_order = 40
