"""Addresses to which nothing is sent, so that staff may ask for a better one."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn

from notifications.admin.menu import MESSAGES
from notifications.admin.reports.base import ReportView, ReportViewSet
from notifications.admin.reports.messages import channel_label
from notifications.models import Suppression
from notifications.scope import limit_people


class SuppressionsView(ReportView):
    default_ordering = "-since"

    def get_base_queryset(self) -> QuerySet[Suppression]:
        people = limit_people(self.request.user, get_user_model()._default_manager.all())
        return Suppression.objects.filter(cleared_at=None, address__in=people.values("email"))

    def paginate_queryset(self, queryset: Any, page_size: int) -> tuple[Any, Any, Any, bool]:
        paginator, page, rows, more = super().paginate_queryset(queryset, page_size)
        addresses = [row.address for row in rows]
        self._people = get_user_model()._default_manager.in_bulk(addresses, field_name="email")
        return paginator, page, rows, more

    @cached_property
    def columns(self) -> list[Column]:
        return [
            Column("person", label=_("Person"), accessor=lambda row: self._people.get(row.address, "–")),
            Column("channel", label=_("Channel"), accessor=lambda row: channel_label(row.channel)),
            Column("address", label=_("Address")),
            StatusTagColumn("reason", label=_("Reason"), accessor="get_reason_display"),
            DateColumn("since", label=_("Since")),
        ]


class SuppressionsViewSet(ReportViewSet):
    name = "notification_addresses"
    url_prefix = "reports/addresses"
    model = Suppression
    view_class = SuppressionsView
    icon = "mail"
    menu_label = gettext_lazy("Addresses that fail")
    menu_hook = MESSAGES
    menu_order = 60
